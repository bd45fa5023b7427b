// Random worlds of trade, each day checked (day_check.h). A failure prints the seed of its world; ZHUXIAO_TEST_SEED
// repeats the run. Other worlds than the usual, for example a thousand of two years:
//   ZHUXIAO_WORLDS=1000 ZHUXIAO_WORLD_DAYS=730 ZHUXIAO_WORLD_SUPPLIERS=200 ZHUXIAO_WORLD_INSTITUTIONS=400
//   ZHUXIAO_WORLD_STEPS=200 build/bin/trade_world_test    (on one line)
#include "tests/property/trade_world.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "tests/property/day_check.h"
#include "tests/support/seed.h"

namespace zhuxiao::testing {
namespace {

// Everything is checked from scratch once in so many days, and at the end.
constexpr int kDaysFromScratch = 180;

int Setting(const char* name, int usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::atoi(text);
}

void LiveAndCheck(uint64_t seed, const WorldSize& size, std::map<std::string, int>& done) {
  SCOPED_TRACE("world of seed " + std::to_string(seed));
  TradeWorld world(seed, size);
  DayCheck check(world);
  for (int day = 1; day <= size.days; ++day) {
    world.LiveADay();
    ASSERT_EQ(world.complaints(), "") << "day " << day;
    check.Follow();
    if (day % kDaysFromScratch == 0 || day == size.days) check.StartOver();
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

// A check that follows the days is worth nothing where it follows them blindly: of every kind of row, one that says
// something else than the day's events is named on its day.
TEST(TradeWorldTest, ADayWithAWrongRowIsNamed) {
  using Row = audit::v1::ExportBooksResponse;
  const auto add = [](auto* money) { money->set_amount_fen(money->amount_fen() + 1); };
  const std::map<std::string, AlterRow> wrongs = {
      {"listing-moves",
       [](Row& row) {
         if (row.has_listing()) row.mutable_listing()->mutable_balances()->set_sold(7'000'000);
       }},
      {"quota-moves",
       [&](Row& row) {
         if (row.has_quota()) add(row.mutable_quota()->mutable_held());
       }},
      {"order-quantity",
       [](Row& row) {
         if (row.has_order()) row.mutable_order()->set_filled_base(row.order().filled_base() + 1);
       }},
      {"contract-terms",
       [&](Row& row) {
         if (row.has_contract()) add(row.mutable_contract()->mutable_ordered_amount());
       }},
      {"money-balance",
       [](Row& row) {
         if (row.has_account()) row.mutable_account()->set_balance_fen(row.account().balance_fen() + 1);
       }},
      {"quota-binding",
       [](Row& row) {
         if (row.has_binding()) row.mutable_binding()->set_institution_uscc(Uscc("12", 999));
       }},
      {"stall-case",
       [](Row& row) {
         if (row.has_stall_case()) row.mutable_stall_case()->set_decision_remark("another");
       }},
      {"forward", [](Row& row) {
         if (row.has_forward()) row.mutable_forward()->set_units(1'000'000);
       }}};
  const uint64_t seed = TestSeed();
  for (const auto& [rule, wrong] : wrongs) {
    bool is_due = false;
    bool is_wrong = false;
    TradeWorld world(seed, {});
    DayCheck check(world, [&](Row& row) {
      if (!is_due) return;
      const std::string before = row.SerializeAsString();
      wrong(row);
      is_wrong = is_wrong || row.SerializeAsString() != before;
    });
    // From the fourth day on, until one has a row of that kind.
    for (int day = 1; day <= 30 && !is_wrong; ++day) {
      is_due = day >= 4;
      world.LiveADay();
      const std::string broken = check.BrokenRulesSince();
      EXPECT_EQ(broken.find(rule + " ") != std::string::npos, is_wrong) << rule << ", seed " << seed << "\n" << broken;
    }
    EXPECT_TRUE(is_wrong) << rule << " had no row, seed " << seed;
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
