#include "services/report/report_service.h"

#include "services/report/daily_report.h"
#include "services/report/quota_progress.h"
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

void RegisterProgress(rpc::Service& service, api::Environment& environment, rpc::Workers& workers) {
  api::List<v1::ListQuotaProgressRequest, v1::ListQuotaProgressResponse>(
      service, "ListQuotaProgress", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::ListQuotaProgressRequest& request,
         const store::PageRequest& page) { return ListProgress(reader, context.caller, context.now, request, page); });
  using Done = rpc::Done<v1::SumQuotaProgressResponse>;
  service.Unary<v1::SumQuotaProgressRequest, v1::SumQuotaProgressResponse>(
      "SumQuotaProgress",
      [&environment, &workers](const rpc::Call& call, const v1::SumQuotaProgressRequest& request, const Done& done) {
        // Call and request live as long as the copy of `done`.
        const absl::Status started = workers.Run([&environment, &call, &request, done] {
          auto response = SumProgress(*environment.store.Latest(), call.caller, environment.clock.Now(), request);
          const absl::Status checked = api::WithRequestChecks(request, response.status());
          done(checked.ok() ? std::move(response) : checked);
        });
        if (!started.ok()) done(started);
      },
      rpc::BadText::kMarked);
}

}  // namespace

std::unique_ptr<rpc::Service> MakeReportService(api::Environment& environment, DailyFacts& facts,
                                                rpc::Workers& workers) {
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
  api::Read<v1::GetHouseholdStatementRequest, v1::GetHouseholdStatementResponse>(
      *service, "GetHouseholdStatement", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::GetHouseholdStatementRequest& request) {
        return GetHouseholdStatement(reader, context.caller, request);
      });
  RegisterProgress(*service, environment, workers);
  return service;
}

}  // namespace zhuxiao::report
