// Tables for people.
#include "clients/cli/table.h"

#include <algorithm>

#include "clients/cli/width.h"

namespace zhuxiao::cli {
namespace {

constexpr char kGap[] = "  ";

}  // namespace

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::Draw(size_t indent) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = DisplayWidth(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i]));
    widths.push_back(width);
  }
  std::string result;
  const auto draw = [&](const auto& cell_of) {
    std::string line(indent, ' ');
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) line += kGap;
      line += Pad(cell_of(i), widths[i], columns_[i].is_number);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + "\n";
  };
  draw([&](size_t i) { return columns_[i].title; });
  draw([&](size_t i) { return std::string(widths[i], '-'); });
  for (const auto& row : rows_) draw([&](size_t i) { return row[i]; });
  return result;
}

}  // namespace zhuxiao::cli
