// Cells of CSV records (RFC 4180), cut without copying wherever a cell has no doubled quotes. Built for files of
// millions of rows; people's small files may be read with it too.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace zhuxiao::reward::offline {

// Cuts a text of whole records, one record a call. The text outlives it. Not thread-safe.
class CsvCutter {
 public:
  CsvCutter(std::string_view text, int64_t first_line) : rest_(text), next_line_(first_line) {}

  // Goes to the next record; false at the end. Blank lines are passed over.
  bool Next();

  int64_t line() const { return line_; }                                 // of the record's first character
  std::string_view record() const { return record_; }                    // without its line break
  const std::vector<std::string_view>& cells() const { return cells_; }  // valid until the next call
  // Not empty where the record breaks the rules of quoting; cells are then not to be used.
  std::string_view error() const { return error_; }

 private:
  void CutQuoted();
  void CutPlain();

  std::string_view rest_;
  int64_t next_line_;
  int64_t line_ = 0;
  std::string_view record_;
  std::vector<std::string_view> cells_;
  std::deque<std::string> unescaped_;  // cells with doubled quotes
  std::string_view error_;
};

// Adds `cell` to a line, in quotes where it must be.
void AppendCell(std::string_view cell, std::string& line);

}  // namespace zhuxiao::reward::offline
