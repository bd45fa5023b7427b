#include "services/report/report_service.h"

#include "services/report/daily_report.h"
#include "services/report/report.h"

namespace zhuxiao::report {
namespace {

// Events a call may read to catch up: a few tenths of a second. Upkeep reads the rest after a start.
constexpr size_t kCatchUpEvents = 50'000;

// OK where the facts have everything the caller can know of.
absl::Status CatchUp(api::Environment& environment, DailyFacts& facts) {
  auto is_there = facts.Advance(environment.store.FeedEnd(), kCatchUpEvents);
  if (!is_there.ok()) return is_there.status();
  if (*is_there) return absl::OkStatus();
  return base::Overloaded("the server still reads the feed; ask again", absl::Seconds(1));
}

}  // namespace

std::unique_ptr<rpc::Service> MakeReportService(api::Environment& environment, DailyFacts& facts) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.report.v1.ReportService"));
  api::Read<v1::GetIncomeRequest, v1::GetIncomeResponse>(
      *service, "GetIncome", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::GetIncomeRequest& request) {
        return GetIncome(reader, context.caller, request);
      });
  api::Read<v1::GetDailyReportRequest, v1::GetDailyReportResponse>(
      *service, "GetDailyReport", environment,
      [&](store::Reader& reader, const api::ReadContext& context,
          const v1::GetDailyReportRequest& request) -> absl::StatusOr<v1::GetDailyReportResponse> {
        if (absl::Status ready = CatchUp(environment, facts); !ready.ok()) return ready;
        return DailyReport(reader, context.caller, facts, request);
      });
  api::List<v1::ListReportEntriesRequest, v1::ListReportEntriesResponse>(
      *service, "ListReportEntries", environment,
      [&](store::Reader& reader, const api::ReadContext& context, const v1::ListReportEntriesRequest& request,
          const store::PageRequest& page) -> absl::StatusOr<store::Page<v1::ListReportEntriesResponse>> {
        if (absl::Status ready = CatchUp(environment, facts); !ready.ok()) return ready;
        return ReportEntries(reader, context.caller, facts, request, page);
      });
  return service;
}

}  // namespace zhuxiao::report
