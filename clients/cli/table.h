// Tables for people: aligned columns under a header, wide characters counted as two.
#pragma once

#include <string>
#include <vector>

namespace zhuxiao::cli {

struct Column {
  std::string title;
  bool is_number = false;  // numbers stand to the right
};

// Collects rows and draws them. Not thread-safe.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Adds a row; short rows are filled with empty cells, long ones are a mistake of the caller and cut.
  void AddRow(std::vector<std::string> cells);

  size_t row_count() const { return rows_.size(); }

  // Header, a line of dashes and the rows, each line after `indent` blanks and ended by '\n', without blanks at its
  // end.
  std::string Draw(size_t indent = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace zhuxiao::cli
