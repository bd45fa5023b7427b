// Random worlds of trade, each day checked: `verify` finds nothing broken; quotas, incomes and daily reports equal a
// brute-force count. A failure prints the seed of its world; ZHUXIAO_TEST_SEED repeats the run. More and longer worlds:
//   ZHUXIAO_WORLDS=1000 ZHUXIAO_WORLD_DAYS=730 ZHUXIAO_WORLD_SUPPLIERS=200 ZHUXIAO_WORLD_INSTITUTIONS=400
//   ZHUXIAO_WORLD_STEPS=400 build/bin/trade_world_test    (on one line)
#include "tests/property/trade_world.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "services/base/clock.h"
#include "services/base/money.h"
#include "services/directory/directory.h"
#include "services/forward/forward.h"
#include "services/order/order.h"
#include "services/partner/partner.h"
#include "services/quota/bindings.h"
#include "services/quota/quota.h"
#include "services/report/daily_report.h"
#include "services/report/report.h"
#include "tests/property/progress_count.h"
#include "tests/support/seed.h"
#include "tests/support/verified_books.h"

namespace zhuxiao::testing {
namespace {

// A check reads the whole feed. Beyond so many events it is made once in kLongPause days and at the end.
constexpr uint64_t kCheckedDailyEvents = 20'000;
constexpr int kLongPause = 30;

int Setting(const char* name, int usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::atoi(text);
}

using Year = std::pair<std::string, int>;  // organisation and year

// The quota each contract counts for, walked through from the approvals alone; a contract that is not here counts for
// its buyer's.
std::map<std::string, std::string> UnitsOfContracts(store::Reader& reader) {
  std::map<std::string, std::string> units;
  EXPECT_TRUE(quota::ForEachBinding(reader, [&](const quota::v1::QuotaBinding& binding) {
                std::string& unit = units[binding.contract_id()];
                unit = binding.first_uscc();
                for (const quota::v1::Rebinding& rebinding : binding.rebindings()) {
                  if (rebinding.state() == quota::v1::REBINDING_STATE_APPROVED) unit = rebinding.to_uscc();
                }
                return absl::OkStatus();
              }).ok());
  return units;
}

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

// Everything the books say of quotas and incomes, counted over from contracts and sales.
void ExpectBruteForce(TradeWorld& world) {
  const auto snapshot = world.store().Latest();
  std::map<std::string, std::string> units = UnitsOfContracts(*snapshot);
  std::map<Year, int64_t> settled_by_buyer;
  std::map<Year, int64_t> held_by_buyer;
  std::map<Year, int64_t> income;
  CalledOff called;
  ASSERT_TRUE(
      order::ForEachContract(*snapshot, [&](const order::v1::Contract& contract) {
        CountCalledOff(contract, called);
        const std::string& unit = units[contract.contract_id()];
        const Year buyer = {unit.empty() ? contract.institution_uscc() : unit, contract.quota_year()};
        const int64_t accepted = contract.accepted_amount().amount_fen();
        switch (contract.state()) {
          case order::v1::CONTRACT_STATE_SETTLED:
            settled_by_buyer[buyer] += accepted;
            income[{contract.supplier_uscc(), base::YearOf(base::FromProto(contract.settle_time()))}] += accepted;
            break;
          case order::v1::CONTRACT_STATE_ACCEPTED:
            held_by_buyer[buyer] += accepted;
            break;
          case order::v1::CONTRACT_STATE_SHIPPED:
            held_by_buyer[buyer] += contract.delivered_units() * contract.unit_price().amount_fen();
            break;
          case order::v1::CONTRACT_STATE_VOID:
            break;
          default:
            held_by_buyer[buyer] += contract.ordered_units() * contract.unit_price().amount_fen();
        }
        return absl::OkStatus();
      }).ok());
  ASSERT_TRUE(
      partner::ForEachPlatformSale(*snapshot, [&](const partner::v1::PlatformSale& sale) {
        income[{sale.supplier_uscc(), base::YearOf(base::FromProto(sale.sale_time()))}] += sale.amount().amount_fen();
        return absl::OkStatus();
      }).ok());
  ASSERT_TRUE(quota::ForEach(*snapshot, [&](const quota::v1::Quota& quota) {
                const Year key = {quota.institution_uscc(), quota.year()};
                EXPECT_EQ(quota.settled().amount_fen(), settled_by_buyer[key]) << key.first << " " << key.second;
                EXPECT_EQ(quota.held().amount_fen(), held_by_buyer[key]) << key.first << " " << key.second;
                return absl::OkStatus();
              }).ok());
  ExpectForwards(*snapshot, called);
  for (const std::string& supplier : world.suppliers()) {
    const int year = base::YearOf(world.clock().Now() - absl::Hours(1));
    report::v1::GetIncomeRequest request;
    request.set_supplier_uscc(supplier);
    request.set_year(year);
    const auto report = report::GetIncome(*snapshot, Auditor(), request);
    ASSERT_TRUE(report.ok()) << report.status();
    const int64_t total = income[{supplier, year}];
    EXPECT_EQ(report->total().amount_fen(), total) << supplier;
    int64_t households = 0;
    for (const auto& household : report->households()) households += household.income().amount_fen();
    EXPECT_EQ(households, report->linked().amount_fen()) << supplier;
  }
}

// What an event made of a contract counts for, by figure, given what the feed showed of it before.
std::vector<std::pair<report::v1::ReportFigure, int64_t>> CountsOf(const order::v1::Contract& before,
                                                                   const order::v1::Contract& now) {
  using namespace report::v1;
  using namespace order::v1;
  std::vector<std::pair<ReportFigure, int64_t>> counts;
  const int64_t price = now.unit_price().amount_fen();
  const int64_t ordered = now.ordered_units() * price;
  for (int i = before.payments_size(); i < now.payments_size(); ++i) {
    const bool is_refund = now.payments(i).kind() == PAYMENT_KIND_REFUND;
    if (is_refund) counts.emplace_back(REPORT_FIGURE_REFUNDED, now.payments(i).amount().amount_fen());
  }
  if (now.taken_back_units() > before.taken_back_units()) {
    const ContractReturn& back = now.returns(now.returns_size() - 1);
    counts.emplace_back(REPORT_FIGURE_RETURNED, back.amount().amount_fen());
  }
  if (now.has_overdue_time() && !before.has_overdue_time()) {
    counts.emplace_back(REPORT_FIGURE_OVERDUE, now.accepted_amount().amount_fen() - now.paid_amount().amount_fen());
  }
  if (before.state() == now.state()) return counts;
  const bool was_paid = before.state() == CONTRACT_STATE_AWAITING_PAYMENT;
  const std::map<int, std::pair<ReportFigure, int64_t>> steps = {
      {CONTRACT_STATE_PROPOSED, {REPORT_FIGURE_MATCHED, ordered}},
      {CONTRACT_STATE_AWAITING_PAYMENT, {REPORT_FIGURE_SIGNED, ordered}},
      {CONTRACT_STATE_SIGNED, {was_paid ? REPORT_FIGURE_PREPAID : REPORT_FIGURE_SIGNED, ordered}},
      {CONTRACT_STATE_SHIPPED, {REPORT_FIGURE_SHIPPED, now.delivered_units() * price}},
      {CONTRACT_STATE_ACCEPTED, {REPORT_FIGURE_SOLD, now.accepted_amount().amount_fen()}},
      {CONTRACT_STATE_SETTLED, {REPORT_FIGURE_SETTLED, now.accepted_amount().amount_fen()}},
      {CONTRACT_STATE_VOID, {REPORT_FIGURE_VOIDED, ordered}}};
  counts.push_back(steps.at(now.state()));
  return counts;
}

using Tally = std::map<std::string, std::pair<int64_t, int64_t>>;  // "key figure": count and fen

// What a day's contracts and platform sales come to by commodity, counted over from the feed in the plainest way.
Tally CountDay(TradeWorld& world, base::Day day) {
  Tally tally;
  std::map<std::string, std::string> commodity_of;  // by listing
  std::map<std::string, order::v1::Contract> last;  // as the feed last showed it
  const store::Position end = world.store().FeedEnd();
  for (uint64_t after = 0; after < end.sequence; after += 500) {
    const auto entries = world.store().ReadFeed({end.epoch, after}, 500);
    for (const store::FeedEntry& entry : *entries) {
      audit::v1::Event event;
      EXPECT_TRUE(event.ParseFromString(entry.payload));
      if (event.has_listing()) commodity_of[event.listing().listing_id()] = event.listing().commodity_code();
      const bool is_today = base::DayOf(base::FromProto(event.time())) == day;
      const auto add = [&](const std::string& commodity, int figure, int64_t fen) {
        if (!is_today) return;
        auto& [count, sum] = tally[base::StrCat(commodity, " ", figure)];
        ++count;
        sum += fen;
      };
      for (const order::v1::Contract& contract : event.contracts()) {
        order::v1::Contract& before = last[contract.contract_id()];
        for (const auto& [figure, fen] : CountsOf(before, contract)) add(contract.commodity_code(), figure, fen);
        before = contract;
      }
      if (event.has_platform_sale()) {
        add(commodity_of[event.platform_sale().listing_id()], report::v1::REPORT_FIGURE_PLATFORM_SOLD,
            event.platform_sale().amount().amount_fen());
      }
    }
  }
  return tally;
}

// The report of the day before, followed event by event, equals the count; its total is the sum of its rows.
void ExpectDailyReport(TradeWorld& world, report::DailyFacts& facts) {
  ASSERT_TRUE(*facts.Advance(world.store().FeedEnd(), 1'000'000));
  const base::Day day = base::DayOf(world.clock().Now()) - 1;
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
      const bool is_counted_over =
          cell.figure() <= report::v1::REPORT_FIGURE_VOIDED ||
          cell.figure() == report::v1::REPORT_FIGURE_PLATFORM_SOLD ||
          (cell.figure() >= report::v1::REPORT_FIGURE_PREPAID && cell.figure() <= report::v1::REPORT_FIGURE_REFUNDED);
      if (!is_counted_over) continue;
      reported[base::StrCat(row.key(), " ", cell.figure())] = {cell.count(), cell.amount().amount_fen()};
    }
  }
  EXPECT_EQ(reported, CountDay(world, day));
  for (const report::v1::ReportCell& cell : report->total()) {
    EXPECT_EQ(cell.amount().amount_fen(), total[cell.figure()]);
  }
}

void LiveAndCheck(uint64_t seed, const WorldSize& size, std::map<std::string, int>& done) {
  SCOPED_TRACE("world of seed " + std::to_string(seed));
  TradeWorld world(seed, size);
  report::DailyFacts facts(world.store());
  for (int day = 1; day <= size.days; ++day) {
    world.LiveADay();
    const bool is_checked = world.store().FeedEnd().sequence <= kCheckedDailyEvents || day % kLongPause == 0;
    if (!is_checked && day != size.days) continue;
    ASSERT_EQ(world.complaints(), "") << "day " << day;
    ASSERT_EQ(BrokenRules(world.store()), "") << "day " << day;
    ExpectBruteForce(world);
    ExpectDailyReport(world, facts);
    ExpectProgress(world);
    ASSERT_FALSE(::testing::Test::HasFailure()) << "day " << day;
  }
  for (const auto& [method, count] : world.done()) done[method] += count;
}

TEST(TradeWorldTest, TheBooksHoldAfterEachDayOfRandomWorlds) {
  const uint64_t seed = TestSeed();
  const WorldSize size = {.suppliers = Setting("ZHUXIAO_WORLD_SUPPLIERS", 5),
                          .institutions = Setting("ZHUXIAO_WORLD_INSTITUTIONS", 7),
                          .days = Setting("ZHUXIAO_WORLD_DAYS", 16),
                          .steps_a_day = Setting("ZHUXIAO_WORLD_STEPS", 40)};
  std::map<std::string, int> done;
  for (int i = 0; i < Setting("ZHUXIAO_WORLDS", 20); ++i) {
    LiveAndCheck(seed + static_cast<uint64_t>(i) * 1'000'003, size, done);
    if (::testing::Test::HasFatalFailure()) return;
  }
  // The worlds did something of everything.
  for (const char* method :
       {"CreateListing",       "UpdateListing",     "WithdrawListing",    "ReportSpoiled",      "PlaceOrder",
        "SignContract",        "RefuseContract",    "ShipContract",       "AcceptContract",     "SettleContract",
        "ExpireContract",      "ExpireListing",     "HoldStock",          "SellHold",           "ReleaseHold",
        "ExpireHold",          "ReportStallCase",   "VerifyStallCase",    "DispatchStallCase",  "ReviewStallCase",
        "SuspendSupplier",     "ActivateSupplier",  "SetQuota",           "PayContract",        "ExtendPayment",
        "AskReturn",           "AnswerReturn",      "UpdateInstitution",  "ApproveQuotaRule",   "SaveDeclaration",
        "SubmitDeclaration",   "ReviewDeclaration", "ConfirmDeclaration", "CorrectDeclaration", "DecideCorrection",
        "AgeDeclaration",      "ProposeRebinding",  "DecideRebinding",    "ShipTogether",       "ProposeForward",
        "SignForward",         "RefuseForward",     "WithdrawForward",    "CallOffForward",     "AskCancelForward",
        "AnswerCancelForward", "ExpireForward"}) {
    EXPECT_GT(done[method], 0) << method << " never happened; seed " << seed;
  }
}

TEST(TradeWorldTest, TheSameSeedLivesTheSameDays) {
  const uint64_t seed = TestSeed();
  std::vector<std::string> feeds;
  for (int run = 0; run < 2; ++run) {
    TradeWorld world(seed, {.days = 3});
    for (int day = 0; day < 3; ++day) world.LiveADay();
    std::string feed;
    const store::Position end = world.store().FeedEnd();
    for (uint64_t after = 0; after < end.sequence; after += 500) {
      const auto entries = world.store().ReadFeed({end.epoch, after}, 500);
      for (const auto& entry : *entries) feed += entry.payload;
    }
    feeds.push_back(feed);
  }
  EXPECT_EQ(feeds[0], feeds[1]) << "seed " << seed;
}

}  // namespace
}  // namespace zhuxiao::testing
