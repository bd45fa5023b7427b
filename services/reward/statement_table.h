// A statement as tables of cells, written row by row to a file. Private to the module.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

using Cell = std::variant<std::string, int64_t>;
using Row = std::vector<Cell>;
using Columns = std::vector<std::string_view>;

// One row: the claim, its statement of now, and what was published.
const Columns& SummaryColumns();
Row SummaryRow(const v1::Claim& claim, const v1::Statement& now);
// A row a line.
const Columns& LineColumns();
Row LineRow(const v1::StatementLine& line);

// A file of tables. Not thread-safe.
class TableFile {
 public:
  virtual ~TableFile() = default;

  // Rows go to this table from now on.
  virtual void Begin(const char* name, const Columns& columns) = 0;
  virtual void Add(const Row& row) = 0;
  // After the last row. INTERNAL where not all could be written.
  virtual absl::Status Close() = 0;
};

// UTF-8 with a byte order mark, RFC 4180: the tables with an empty line between.
std::unique_ptr<TableFile> MakeCsvFile(const std::string& path);

// Rows of one sheet of a workbook, which has 1,048,576 with that of the columns (ECMA-376).
inline constexpr int64_t kMaxSheetRows = 1'048'575;

// A workbook of Office Open XML with a sheet for each table; always the same bytes for the same tables. At most
// kMaxSheetRows a table.
std::unique_ptr<TableFile> MakeXlsxFile(const std::string& path);

}  // namespace zhuxiao::reward
