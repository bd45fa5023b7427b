// Cells of CSV records.
#include "services/reward/offline/csv_cells.h"

#include <algorithm>
#include <cstring>

namespace zhuxiao::reward::offline {

bool CsvCutter::Next() {
  while (!rest_.empty()) {
    size_t end = rest_.find('\n');
    if (end == std::string_view::npos) end = rest_.size();
    bool has_quotes = std::memchr(rest_.data(), '"', end) != nullptr;
    if (has_quotes) {
      bool is_quoted = false;
      for (end = 0; end < rest_.size() && (is_quoted || rest_[end] != '\n'); ++end) {
        if (rest_[end] == '"') is_quoted = !is_quoted;
      }
    }
    record_ = rest_.substr(0, end);
    line_ = next_line_;
    next_line_ += 1 + (has_quotes ? std::count(record_.begin(), record_.end(), '\n') : 0);
    rest_.remove_prefix(std::min(rest_.size(), end + 1));
    if (record_.ends_with('\r')) record_.remove_suffix(1);
    if (record_.empty()) continue;
    cells_.clear();
    error_ = {};
    has_quotes ? CutQuoted() : CutPlain();
    return true;
  }
  return false;
}

void CsvCutter::CutPlain() {
  std::string_view rest = record_;
  for (;;) {
    const size_t comma = rest.find(',');
    cells_.push_back(rest.substr(0, comma));
    if (comma == std::string_view::npos) return;
    rest.remove_prefix(comma + 1);
  }
}

void CsvCutter::CutQuoted() {
  unescaped_.clear();
  std::string_view rest = record_;
  for (;;) {
    size_t end = 0;
    if (rest.starts_with('"')) {
      bool is_doubled = false;
      for (end = 1; end < rest.size(); ++end) {
        if (rest[end] != '"') continue;
        if (end + 1 >= rest.size() || rest[end + 1] != '"') break;
        is_doubled = true;
        ++end;
      }
      if (end >= rest.size()) {
        error_ = "a quote is never closed";
        return;
      }
      std::string_view cell = rest.substr(1, end - 1);
      if (is_doubled) {
        std::string& text = unescaped_.emplace_back();
        for (size_t i = 0; i < cell.size(); ++i) {
          text.push_back(cell[i]);
          if (cell[i] == '"') ++i;
        }
        cell = text;
      }
      cells_.push_back(cell);
      ++end;
      if (end < rest.size() && rest[end] != ',') {
        error_ = "text follows a closing quote";
        return;
      }
    } else {
      end = std::min(rest.find(','), rest.size());
      cells_.push_back(rest.substr(0, end));
      if (cells_.back().find('"') != std::string_view::npos) {
        error_ = "a quote stands in a cell that does not begin with one";
        return;
      }
    }
    if (end >= rest.size()) return;
    rest.remove_prefix(end + 1);
  }
}

void AppendCell(std::string_view cell, std::string& line) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
    line.append(cell);
    return;
  }
  line.push_back('"');
  for (const char c : cell) {
    if (c == '"') line.push_back('"');
    line.push_back(c);
  }
  line.push_back('"');
}

}  // namespace zhuxiao::reward::offline
