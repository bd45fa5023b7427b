// A small CSV file (RFC 4180, UTF-8, with or without a byte order mark) whose columns stand under their names in any
// order, read row by row with every fault named. The file of sales, which is millions of rows, is read by sale_row.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/reward/offline/csv_cells.h"
#include "services/reward/offline/faults.h"

namespace zhuxiao::reward::offline {

// Not thread-safe. What it is given outlives it.
class TableReader {
 public:
  // `file` is the name under which faults are told. The header must have every one of `columns`, and may have others.
  TableReader(std::string_view text, const std::string& file, const std::vector<std::string_view>& columns,
              FaultList& faults);

  // Goes to the next row; rows that cannot be read are noted and passed over. False at the end, and at once where the
  // header lacks a column.
  bool Next();

  // The cell under columns[column], valid until the next row.
  std::string_view Cell(size_t column) const { return cutter_.cells()[places_[column]]; }

  // Adds a fault of the row at hand.
  void Note(std::string_view what);

 private:
  bool ReadHeader(const std::vector<std::string_view>& columns);

  CsvCutter cutter_;
  const std::string& file_;
  FaultList& faults_;
  size_t width_ = 0;
  std::vector<size_t> places_;  // of each column among the cells
  bool has_header_ = false;
};

}  // namespace zhuxiao::reward::offline
