// A daily report as a workbook (XLSX) for people who go on with it in a spreadsheet: the same lines as the CSV.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "zhuxiao/report/v1/report.pb.h"

namespace zhuxiao::cli {

// Writes the report to `path`, replacing what is there. The same report gives the same bytes. Amounts are whole fen, as
// numbers where a workbook, which counts in doubles, holds them exactly, else as text. INTERNAL where the file cannot
// be written.
absl::Status WriteWorkbook(const report::v1::GetDailyReportResponse& report, const std::string& path);

}  // namespace zhuxiao::cli
