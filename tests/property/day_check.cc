#include "tests/property/day_check.h"

#include "services/base/money.h"
#include "services/forward/forward.h"
#include "services/listing/listing.h"
#include "services/order/order.h"
#include "services/quota/quota.h"
#include "services/report/report.h"
#include "tests/property/progress_count.h"

namespace zhuxiao::testing {
namespace {

// Pages of a few rows cross from one to the next; pages of few institutions among many only repeat themselves.
constexpr size_t kSmallPage = 3;
constexpr size_t kPages = 4;

using Year = std::pair<std::string, int>;  // organisation and year

using CalledOff =
    std::map<std::string, std::pair<int64_t, int64_t>>;  // by forward contract: units in contracts, delivered

void CountCalledOff(const order::v1::Contract& contract, CalledOff& called) {
  if (contract.forward_id().empty() || contract.state() == order::v1::CONTRACT_STATE_VOID) return;
  auto& [units, delivered] = called[contract.forward_id()];
  const bool is_accepted = contract.has_accept_time();
  const bool is_shipped = contract.has_ship_time();
  const int64_t counted = is_accepted  ? contract.accepted_units() - contract.taken_back_units()
                          : is_shipped ? contract.delivered_units()
                                       : contract.ordered_units();
  units += counted;
  if (is_shipped) delivered += counted;
}

// The figures of every forward contract, and that none was delivered more than was agreed on.
void ExpectForwards(store::Reader& reader, CalledOff& called) {
  using namespace forward::v1;
  EXPECT_TRUE(forward::ForEachForward(reader, [&](const Forward& forward) {
                const std::string& id = forward.forward_id();
                const auto contracts = forward::ContractsOf(reader, forward);
                EXPECT_TRUE(contracts.ok()) << id;
                const ForwardFigures figures = forward::FiguresOf(forward, *contracts);
                const auto& [units, delivered] = called[id];
                EXPECT_EQ(figures.called_units(), units) << id;
                EXPECT_EQ(figures.delivered_units(), delivered) << id;
                EXPECT_LE(units, forward.units()) << id;
                const bool is_ended = forward.state() == FORWARD_STATE_ENDED;
                EXPECT_EQ(figures.shortfall_units(), is_ended ? forward.units() - delivered : 0) << id;
                return absl::OkStatus();
              }).ok());
}

// What contracts and sales come to.
struct Sums {
  std::map<Year, int64_t> settled;  // by quota
  std::map<Year, int64_t> held;
  std::map<Year, int64_t> income;  // by supplier
  CalledOff called;
};

void Count(const order::v1::Contract& contract, const std::string& unit, Sums& sums) {
  CountCalledOff(contract, sums.called);
  const Year quota = {unit, contract.quota_year()};
  const int64_t accepted = contract.accepted_amount().amount_fen();
  switch (contract.state()) {
    case order::v1::CONTRACT_STATE_SETTLED:
      sums.settled[quota] += accepted;
      sums.income[{contract.supplier_uscc(), base::YearOf(base::FromProto(contract.settle_time()))}] += accepted;
      break;
    case order::v1::CONTRACT_STATE_ACCEPTED:
      sums.held[quota] += accepted;
      break;
    case order::v1::CONTRACT_STATE_SHIPPED:
      sums.held[quota] += contract.delivered_units() * contract.unit_price().amount_fen();
      break;
    case order::v1::CONTRACT_STATE_VOID:
      break;
    default:
      sums.held[quota] += contract.ordered_units() * contract.unit_price().amount_fen();
  }
}

Sums CountOver(const TradeBooks& books) {
  Sums sums;
  for (const auto& [id, contract] : books.contracts) Count(contract, books.UnitOf(contract), sums);
  for (const auto& [id, sale] : books.sales) {
    sums.income[{sale.supplier_uscc(), base::YearOf(base::FromProto(sale.sale_time()))}] += sale.amount().amount_fen();
  }
  return sums;
}

void ExpectIncome(store::Reader& reader, const std::string& supplier, int year, int64_t total) {
  report::v1::GetIncomeRequest request;
  request.set_supplier_uscc(supplier);
  request.set_year(year);
  const auto report = report::GetIncome(reader, Auditor(), request);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->total().amount_fen(), total) << supplier;
  int64_t households = 0;
  for (const auto& household : report->households()) households += household.income().amount_fen();
  EXPECT_EQ(households, report->linked().amount_fen()) << supplier;
}

// That what is under way of every supplier is found without reading what is over.
void ExpectUnderWay(TradeWorld& world, const TradeBooks& books) {
  const auto snapshot = world.store().Latest();
  std::map<std::string, std::set<std::string>> contracts;
  std::map<std::string, std::set<std::string>> listings;
  for (const auto& [id, contract] : books.contracts) {
    const bool is_over =
        contract.state() == order::v1::CONTRACT_STATE_SETTLED || contract.state() == order::v1::CONTRACT_STATE_VOID;
    if (!is_over) contracts[contract.supplier_uscc()].insert(id);
  }
  ASSERT_TRUE(listing::ForEach(*snapshot, [&](const listing::v1::Listing& listing) {
                if (listing.state() == listing::v1::LISTING_STATE_OPEN) {
                  listings[listing.supplier_uscc()].insert(listing.listing_id());
                }
                return absl::OkStatus();
              }).ok());
  for (const std::string& supplier : world.suppliers()) {
    std::set<std::string> found;
    ASSERT_TRUE(order::ForEachContractUnderWay(*snapshot, supplier, [&](const order::v1::Contract& contract) {
                  found.insert(contract.contract_id());
                  return absl::OkStatus();
                }).ok());
    EXPECT_EQ(found, contracts[supplier]) << supplier;
    found.clear();
    ASSERT_TRUE(listing::ForEachOpenOf(*snapshot, supplier, [&](const listing::v1::Listing& listing) {
                  found.insert(listing.listing_id());
                  return absl::OkStatus();
                }).ok());
    EXPECT_EQ(found, listings[supplier]) << supplier;
  }
}

// Everything the books say of quotas, forward contracts and the incomes of `suppliers`, counted over from contracts and
// sales.
void ExpectSums(TradeWorld& world, const TradeBooks& books, const std::set<std::string>& suppliers) {
  const auto snapshot = world.store().Latest();
  Sums sums = CountOver(books);
  ASSERT_TRUE(quota::ForEach(*snapshot, [&](const quota::v1::Quota& quota) {
                const Year key = {quota.institution_uscc(), quota.year()};
                EXPECT_EQ(quota.settled().amount_fen(), sums.settled[key]) << key.first << " " << key.second;
                EXPECT_EQ(quota.held().amount_fen(), sums.held[key]) << key.first << " " << key.second;
                return absl::OkStatus();
              }).ok());
  ExpectForwards(*snapshot, sums.called);
  const int year = base::YearOf(world.clock().Now() - absl::Hours(1));
  for (const std::string& supplier : suppliers) ExpectIncome(*snapshot, supplier, year, sums.income[{supplier, year}]);
}

bool IsCountedOver(int figure) {
  using namespace report::v1;
  return figure <= REPORT_FIGURE_VOIDED || figure == REPORT_FIGURE_PLATFORM_SOLD ||
         (figure >= REPORT_FIGURE_PREPAID && figure <= REPORT_FIGURE_REFUNDED);
}

// The report of the day equals the count; its total is the sum of its rows.
void ExpectReport(TradeWorld& world, report::DailyFacts& facts, base::Day day, const Tally& tally) {
  report::v1::GetDailyReportRequest request;
  request.set_day(base::FormatDay(day));
  request.set_group_by(report::v1::REPORT_GROUPING_COMMODITY);
  const auto report = report::DailyReport(*world.store().Latest(), Auditor(), facts, request);
  ASSERT_TRUE(report.ok()) << report.status();
  Tally reported;
  std::map<int, int64_t> total;
  for (const report::v1::ReportRow& row : report->rows()) {
    for (const report::v1::ReportCell& cell : row.cells()) {
      total[cell.figure()] += cell.amount().amount_fen();
      if (!IsCountedOver(cell.figure())) continue;
      reported[base::StrCat(row.key(), " ", cell.figure())] = {cell.count(), cell.amount().amount_fen()};
    }
  }
  EXPECT_EQ(reported, tally) << base::FormatDay(day);
  for (const report::v1::ReportCell& cell : report->total()) {
    EXPECT_EQ(cell.amount().amount_fen(), total[cell.figure()]) << base::FormatDay(day);
  }
}

Tally Of(const DayTally& tally, base::Day day) {
  const auto found = tally.days().find(day);
  return found == tally.days().end() ? Tally() : found->second;
}

}  // namespace

std::string DayCheck::BrokenRulesSince() {
  const std::set<std::string> changed = world_.TakeChanged();
  const auto snapshot = world_.store().Latest();
  ChangedRows rows(*snapshot, changed);
  AddRows(rows, snapshot->position(), check_);
  AddEvents(world_.store(), seen_, snapshot->position(), check_);
  seen_ = snapshot->position();
  suppliers_ = books_.Take(rows);
  return FindingsOf(check_);
}

void DayCheck::Follow() {
  ASSERT_EQ(BrokenRulesSince(), "");
  ExpectSums(world_, books_, suppliers_);
  ASSERT_TRUE(*facts_.Advance(world_.store().FeedEnd(), 1'000'000));
  tally_.Follow(world_.store());
  const base::Day yesterday = base::DayOf(world_.clock().Now()) - 1;
  ExpectReport(world_, facts_, yesterday, Of(tally_, yesterday));
  ExpectProgress(world_, books_, std::max(kSmallPage, world_.institutions().size() / kPages));
}

void DayCheck::StartOver() {
  ASSERT_EQ(BrokenRules(world_.store(), alter_), "");
  TradeBooks books;
  books.Take(*world_.store().Latest());
  ExpectSums(world_, books, {world_.suppliers().begin(), world_.suppliers().end()});
  ExpectUnderWay(world_, books);
  DayTally tally;
  tally.Follow(world_.store());
  report::DailyFacts facts(world_.store());
  ASSERT_TRUE(*facts.Advance(world_.store().FeedEnd(), 1'000'000'000));
  const base::Day today = base::DayOf(world_.clock().Now());
  for (const auto& [day, counted] : tally.days()) {
    if (day < today) ExpectReport(world_, facts, day, counted);
  }
  ExpectProgress(world_, books, kSmallPage);
}

}  // namespace zhuxiao::testing
