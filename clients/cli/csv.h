// Reads and writes CSV files (RFC 4180) through libcsv, with the line each record began on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace zhuxiao::cli {

struct CsvRecord {
  int64_t line = 0;  // of its first character, from 1
  std::vector<std::string> cells;
  std::string error;  // not empty where the record is no CSV; cells are then what could be read
};

// Every record, header included. Takes CRLF and LF, quoted line breaks, doubled quotes and a byte order mark; skips
// blank lines; drops blanks around cells that are not quoted. A record with a quote out of place, or never closed,
// carries an error and does not spoil the records after it.
std::vector<CsvRecord> ParseCsv(std::string_view text);

// One line with its line break, every cell quoted.
std::string FormatCsvLine(const std::vector<std::string>& cells);

}  // namespace zhuxiao::cli
