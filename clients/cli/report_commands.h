// The commands of reports that are no single call.
#pragma once

#include <string>
#include <vector>

#include "clients/cli/command.h"
#include "zhuxiao/report/v1/report.pb.h"

namespace zhuxiao::cli {

// A daily report as CSV: day, key, figure, count and amount_fen, a line for each figure of each row, then for the whole
// day with an empty key.
std::string CsvOf(const report::v1::GetDailyReportResponse& report);

// `report daily`: a day's report as a table, as JSON or as CSV.
std::vector<Command> ReportCommands();

}  // namespace zhuxiao::cli
