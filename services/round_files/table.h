// A CSV file read as a table of named columns: header, cells by column, and faults with their place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/round_files/csv_file.h"
#include "services/round_files/faults.h"

namespace zhuxiao::round_files {

// Ids in files: long enough for any key of another system, short enough for a line of a message.
inline constexpr size_t kMaxIdBytes = 256;

// One pass over the rows of a file. The header may name the columns in any order, and others besides, which are ignored
// as long as they are UTF-8: files come from spreadsheets whose owners keep notes in them. Not thread-safe.
class Table {
 public:
  // Opens DIR/`file` and reads its header. Where that fails, or a column is missing or stands twice, there are no rows
  // and `faults` says why. `columns` must outlive the table.
  Table(const std::string& dir, std::string_view file, const std::vector<std::string_view>& columns, Faults& faults);

  // Goes to the next row with as many cells as the header; rows with more or fewer are faults and passed over.
  bool Next();

  // Cells of the row, by the position in `columns`.
  std::string_view Text(size_t column) const { return csv_->cells()[places_[column]]; }
  // The cell as an integer inside [least, most]; else a fault, and `least`.
  int64_t Integer(size_t column, int64_t least, int64_t most);
  // The cell as a decimal number inside [least, most]; else a fault, and `least`.
  double Number(size_t column, double least, double most);
  // The cell as an id: 1 to kMaxIdBytes bytes of UTF-8 without control characters; else a fault.
  std::string_view Id(size_t column);
  // True where it is one; else a fault.
  bool HasId(size_t column);
  // True where no fault of this row was found yet.
  bool is_row_good() const { return faults_.total() == faults_before_row_; }
  // A fault of this row.
  void Fault(size_t column, std::string_view what);
  // A fault of the row that began on `line`.
  void FaultAt(int64_t line, size_t column, std::string_view what);

  // False where the file could not be opened or its header is not what it must be.
  bool is_readable() const { return width_ > 0; }
  // The line the row began on, from 1.
  int64_t line() const { return csv_->line(); }
  // How many rows there are at most.
  int64_t LineCount() const;

 private:
  void ReadHeader();
  // True where the header can be split into cells of text, or a fault.
  bool IsHeaderText();
  void CheckOthers();

  const std::string file_;
  const std::vector<std::string_view>& columns_;
  Faults& faults_;
  std::optional<CsvFile> csv_;
  std::vector<size_t> places_;                          // in the file, by column
  std::vector<std::pair<size_t, std::string>> others_;  // columns that are ignored, by their place
  int64_t faults_before_row_ = 0;
  size_t width_ = 0;  // cells of the header; 0 where the file cannot be read
};

}  // namespace zhuxiao::round_files
