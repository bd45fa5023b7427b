// A statement as two tables of cells, which a file format then writes down. Private to the module.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

using Cell = std::variant<std::string, int64_t>;
struct StatementTable {
  std::vector<std::string_view> columns;
  std::vector<std::vector<Cell>> rows;
};

// One row: the claim, its statement of now, and what was published.
StatementTable SummaryTable(const v1::Claim& claim, const v1::Statement& now);
// A row a line.
StatementTable LinesTable(const std::vector<v1::StatementLine>& lines);

// UTF-8 with a byte order mark, RFC 4180: the tables with an empty line between.
std::string WriteCsv(const StatementTable& summary, const StatementTable& lines);
// A workbook of Office Open XML with a sheet for each; always the same bytes for the same tables. INTERNAL where there
// is no room for its temporary files.
absl::StatusOr<std::string> WriteXlsx(const StatementTable& summary, const StatementTable& lines);

}  // namespace zhuxiao::reward
