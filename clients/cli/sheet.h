// A CSV file as a sheet of rows to import, and the file of those that could not be.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/command.h"

namespace zhuxiao::cli {

struct SheetRow {
  int64_t line = 0;
  std::vector<std::string> cells;
  Arguments arguments;  // by option name, without empty cells
  std::string error;    // not empty where the row is no CSV or has too many or too few cells
  std::string text;     // the row as it stands, where it is no CSV
};

struct SheetRejection {
  const SheetRow* row = nullptr;
  std::vector<std::pair<std::string, std::string>> mistakes;  // column ("" for the whole row) and reason
};

struct Sheet {
  std::vector<std::string> header;  // as in the file
  std::vector<SheetRow> rows;
};

// Reads `path`. The first record names the columns in any order, by option name ('_' or '-', any case), field name or
// label in either language; columns of a file of rejected rows are passed over. A cell of a repeated option has its
// values between ';'. Errors: NOT_FOUND where the file cannot be read; INVALID_ARGUMENT where it is too large or not
// UTF-8, or with every column that is unknown, named twice, or required and missing.
absl::StatusOr<Sheet> LoadSheet(const std::string& path, const std::vector<CommandOption>& columns);

// Writes the header and the rejected rows with their line, columns and reasons; removes the file where there are none.
// A row that is no CSV stands whole in the first column. The file at `path` is replaced only once all is written.
absl::Status WriteRejected(const std::string& path, const Sheet& sheet, const std::vector<SheetRejection>& rejections);

}  // namespace zhuxiao::cli
