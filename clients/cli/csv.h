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
  std::string error;  // not empty where the record is no CSV
  std::string text;   // where it is none: its first line as it stands, without the line break; `cells` is empty
};

// Every record, header included. Takes CRLF, LF and CR, quoted line breaks, doubled quotes and a byte order mark; skips
// blank lines; drops blanks around cells that are not quoted. A record with a quote out of place, or never closed,
// carries an error and takes its first line only: reading goes on at the next one, so that no record after it is lost.
std::vector<CsvRecord> ParseCsv(std::string_view text);

// One line with its line break, every cell quoted.
std::string FormatCsvLine(const std::vector<std::string>& cells);

}  // namespace zhuxiao::cli
