#include "clients/cli/report_commands.h"

#include <filesystem>

#include "clients/cli/export_file.h"
#include "clients/cli/fields.h"
#include "clients/cli/report_workbook.h"
#include "services/base/strings.h"
#include "zhuxiao/report/v1/report.pb.h"

namespace zhuxiao::cli {
namespace {

using report::v1::GetDailyReportRequest;
using report::v1::GetDailyReportResponse;

int ShowDaily(const Session& session, const Arguments& arguments) {
  GetDailyReportRequest request;
  base::FieldErrors errors;
  Fill(request,
       {{.path = "day", .need = Need::kPositional},
        {.path = "group_by", .need = Need::kRequired, .name = "by"},
        {.path = "region_prefix", .name = "region"},
        {.path = "commodity_code", .name = "commodity"}},
       arguments, errors);
  if (!errors.empty()) return session.FailUsage(errors.ToStatus());
  const auto report = session.client().Call<GetDailyReportResponse>(request);
  if (!report.ok()) return session.Fail(report.status());
  const auto workbook = arguments.find("xlsx");
  if (workbook != arguments.end() && !workbook->second.empty()) {
    const std::string& path = workbook->second.back();
    if (absl::Status written = WriteWorkbook(*report, path); !written.ok()) return session.Fail(written);
    std::error_code unknown;
    const auto size_bytes = static_cast<int64_t>(std::filesystem::file_size(path, unknown));
    TellFile(session, path, size_bytes, session.Say("file.written", {path}));
  } else if (arguments.contains("csv")) {
    session.environment().out << CsvOf(*report);
  } else {
    session.Print(*report);
  }
  return kExitOk;
}

void AddLines(const std::string& day, const std::string& key,
              const google::protobuf::RepeatedPtrField<report::v1::ReportCell>& cells, std::string& csv) {
  for (const report::v1::ReportCell& cell : cells) {
    const auto* figure = report::v1::ReportFigure_descriptor()->FindValueByNumber(cell.figure());
    base::StrAppend(&csv, day, ",", key, ",", EnumWord(*figure), ",", cell.count(), ",", cell.amount().amount_fen(),
                    "\n");
  }
}

}  // namespace

std::string CsvOf(const GetDailyReportResponse& report) {
  std::string csv = "day,key,figure,count,amount_fen\n";
  for (const report::v1::ReportRow& row : report.rows()) AddLines(report.day(), row.key(), row.cells(), csv);
  AddLines(report.day(), "", report.total(), csv);
  return csv;
}

std::vector<Command> ReportCommands() {
  const auto* grouping = GetDailyReportRequest::descriptor()->FindFieldByName("group_by");
  std::vector<Command> commands = {
      {"report",
       "daily",
       {{.name = "day", .need = Need::kPositional, .hint = "YYYY-MM-DD", .label = "field.day"},
        {.name = "by", .need = Need::kRequired, .hint = HintOf(*grouping), .label = "field.group_by"},
        {.name = "region", .hint = "TEXT", .label = "field.region_prefix"},
        {.name = "commodity", .hint = "TEXT", .label = "field.commodity_code"},
        {.name = "csv", .label = "option.csv", .is_flag = true},
        {.name = "xlsx", .hint = "FILE", .label = "option.xlsx"}},
       ShowDaily}};
  commands[0].json = "json.report-daily";
  return commands;
}

}  // namespace zhuxiao::cli
