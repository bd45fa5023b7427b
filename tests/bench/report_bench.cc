// Measures the daily report over a national book: the feed of a year is followed, then the report of the busiest day is
// made by county, commodity, channel and province, of the same process that keeps following. Beside it, in the same
// run, what the same report costs counted over from the whole feed. Prints one JSON object; it judges nothing.
//   report_bench [contracts = 1000000] [listings = 300000] [days = 365]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "services/base/ids.h"
#include "services/directory/institutions.h"
#include "services/directory/organisations.h"
#include "services/report/daily_report.h"
#include "services/store/run_transaction.h"
#include "tests/bench/daily_feed.h"
#include "tests/support/callers.h"

namespace zhuxiao::bench {
namespace {

double Seconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

// Buyers with a channel each, so that a report by channel reads the directory as it does in service.
void Register(store::Store& store, int64_t buyers) {
  base::SystemRandom random;
  for (int64_t i = 0; i < buyers; ++i) {
    const std::string uscc = BuyerOf(i);
    const ledger::Intent intent{.caller = testing::Operator(),
                                .action = "Bench",
                                .now = absl::Now(),
                                .first_id = base::NewId(absl::Now(), random)};
    Must(store::RunTransaction(store, [&](store::Transaction& transaction) -> absl::Status {
      ledger::Operation operation(transaction, intent);
      directory::v1::CreateOrganisationRequest create;
      create.mutable_organisation()->set_uscc(uscc);
      create.mutable_organisation()->set_name("canteen");
      create.mutable_organisation()->set_kind(directory::v1::ORGANISATION_KIND_PUBLIC_BODY);
      create.mutable_organisation()->set_region_code("140105");
      if (auto made = directory::CreateOrganisation(operation, create); !made.ok()) return made.status();
      directory::v1::RegisterInstitutionRequest institution;
      institution.mutable_institution()->set_uscc(uscc);
      institution.mutable_institution()->set_channel(static_cast<directory::v1::Channel>(1 + i % 5));
      institution.mutable_institution()->set_canteen_mode(directory::v1::CANTEEN_MODE_OWN);
      return directory::RegisterInstitution(operation, institution).status();
    }));
  }
}

// Seconds of one report, the slowest of three.
double Report(store::Store& store, const report::DailyFacts& facts, base::Day day,
              report::v1::ReportGrouping grouping) {
  report::v1::GetDailyReportRequest request;
  request.set_day(base::FormatDay(day));
  request.set_group_by(grouping);
  double slowest_s = 0;
  for (int i = 0; i < 3; ++i) {
    slowest_s = std::max(slowest_s, Seconds([&] {
                           Must(report::DailyReport(*store.Latest(), testing::Auditor(), facts, request).status());
                         }));
  }
  return slowest_s;
}

int64_t FactsOf(const report::DailyFacts& facts, base::Day day) {
  int64_t count = 0;
  facts.ForEach(day, [&](const report::Fact&) { ++count; });
  return count;
}

int Run(const FeedSize& size) {
  store::MemoryStore rows;
  Register(rows, size.buyers);
  DailyFeed feed(rows, size);
  report::DailyFacts facts(feed);
  // All but the last day beforehand, the last one as its report is asked for.
  const int busiest = size.days - 1;
  Must(busiest > 0 ? facts.Advance(feed.EndOf(busiest - 1), SIZE_MAX).status() : absl::OkStatus());
  const double last_day_s = Seconds([&] { Must(facts.Advance(feed.EndOf(busiest), SIZE_MAX).status()); });
  const base::Day day = feed.DayAt(busiest);
  using namespace report::v1;
  const double county_s = Report(feed, facts, day, REPORT_GROUPING_COUNTY);
  const double commodity_s = Report(feed, facts, day, REPORT_GROUPING_COMMODITY);
  const double channel_s = Report(feed, facts, day, REPORT_GROUPING_CHANNEL);
  const double province_s = Report(feed, facts, day, REPORT_GROUPING_PROVINCE);
  Must(facts.Advance(feed.FeedEnd(), SIZE_MAX).status());
  report::DailyFacts anew(feed);
  const double anew_s = Seconds([&] { Must(anew.Advance(feed.FeedEnd(), SIZE_MAX).status()); });
  std::printf(
      "{\"listings\": %lld, \"contracts\": %lld, \"days\": %d, \"events\": %llu, \"facts_of_the_day\": %lld, "
      "\"county_s\": %.4f, \"commodity_s\": %.4f, \"channel_s\": %.4f, \"province_s\": %.4f, "
      "\"follow_the_day_s\": %.3f, \"whole_feed_s\": %.2f, \"whole_to_day\": %.0f}\n",
      static_cast<long long>(size.listings), static_cast<long long>(size.contracts), size.days,
      static_cast<unsigned long long>(feed.FeedEnd().sequence), static_cast<long long>(FactsOf(facts, day)), county_s,
      commodity_s, channel_s, province_s, last_day_s, anew_s, anew_s / (last_day_s + county_s));
  return 0;
}

}  // namespace
}  // namespace zhuxiao::bench

int main(int argc, char** argv) {
  zhuxiao::bench::FeedSize size;
  if (argc > 1) size.contracts = std::atoll(argv[1]);
  if (argc > 2) size.listings = std::atoll(argv[2]);
  if (argc > 3) size.days = std::atoi(argv[3]);
  size.buyers = std::min<int64_t>(size.buyers, size.contracts);
  return zhuxiao::bench::Run(size);
}
