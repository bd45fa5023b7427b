// The rules of stall cases as data, and the sums they are applied to.
#include "services/stall/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/base/money.h"
#include "services/stall/figures.h"
#include "services/stall/income_warning.h"

namespace zhuxiao::stall {
namespace {

using ::testing::HasSubstr;

constexpr const char* kHead = "head\n";
const base::Day kToday = *base::ParseDay("2020-03-10");

listing::v1::Listing Goods(int64_t available, int64_t price_fen, int days_left) {
  listing::v1::Listing listing;
  listing.mutable_unit_price()->set_amount_fen(price_fen);
  listing.mutable_balances()->set_available(available);
  *listing.mutable_create_time() = base::ToProto(base::StartOfDay(kToday - 10) + absl::Hours(9));
  *listing.mutable_ready_time() = listing.create_time();
  *listing.mutable_last_sale_time() = base::ToProto(base::StartOfDay(kToday + days_left) + absl::Hours(18));
  return listing;
}

v1::StallDetectionRule Rule(int window, int age, int64_t value, int64_t cover_ppm) {
  v1::StallDetectionRule rule;
  rule.set_window_days(window);
  rule.set_min_age_days(age);
  rule.mutable_min_value()->set_amount_fen(value);
  rule.set_cover_ppm(cover_ppm);
  return rule;
}

TEST(StallRulesTest, EveryBadRowOfEveryTableIsNamed) {
  const auto rules = ParseRules("head\n2020-01-01,,,mountain,0,1,1,x\n2020-01-01,,14,county,0,1,1,x\n",
                                "head\n2020-13-01,,,7,3,1,1,1,1,x\n", "head\n2020-02-01,2020-01-01,,5,county,x\n",
                                "head\n2020-01-01,,12345,egg,a,b\n");
  const std::string message(rules.status().message());
  EXPECT_THAT(message, HasSubstr("raising: line 2"));
  EXPECT_THAT(message, HasSubstr("detection: line 2"));
  EXPECT_THAT(message, HasSubstr("warning: line 2"));
  EXPECT_THAT(message, HasSubstr("duty: line 2"));
  EXPECT_THAT(message, ::testing::Not(HasSubstr("raising: line 3")));
}

TEST(StallRulesTest, TheSmallestRegionThenTheNewestDayCounts) {
  const auto rules = ParseRules(kHead, kHead,
                                "head\n2020-01-01,,,100,county,country\n2020-01-01,,14,200,county,province\n"
                                "2020-06-01,,14,300,county,province June\n2020-01-01,2020-02-29,1403,400,city,city\n",
                                kHead);
  ASSERT_TRUE(rules.ok()) << rules.status();
  const auto source = [&](const char* region, const char* day) {
    return RulesFor(*rules, region, *base::ParseDay(day)).warning_rule().source();
  };
  EXPECT_EQ(source("44", "2020-03-01"), "country");
  EXPECT_EQ(source("140321105201", "2020-02-29"), "city");
  EXPECT_EQ(source("140321105201", "2020-03-01"), "province");
  EXPECT_EQ(source("140321105201", "2020-06-01"), "province June");
  EXPECT_EQ(source("1", "2019-12-31"), "");
  EXPECT_FALSE(RulesFor(*rules, "14", *base::ParseDay("2019-12-31")).has_warning_rule());
}

TEST(StallRulesTest, TheShippedRulesHoldToday) {
  const auto rules = RulesFor(ShippedRules(), "140321", kToday);
  EXPECT_TRUE(rules.has_detection_rule());
  EXPECT_TRUE(rules.has_warning_rule());
  EXPECT_EQ(rules.raising_rules(0).level(), listing::v1::STALL_LEVEL_TOWNSHIP);
  EXPECT_EQ(DutyOfficeFor(ShippedRules(), "140321", "egg", kToday).zh, "畜牧兽医局");
  EXPECT_EQ(DutyOfficeFor(ShippedRules(), "140321", "cabbage", kToday).zh, "农业农村局");
}

TEST(StallRulesTest, ACaseRisesWhereAllThreeConditionsHold) {
  const auto rules =
      ParseRules("head\n2020-01-01,,,city,10000,5,20,c\n2020-01-01,,,county,1000,10,0,b\n", kHead, kHead, kHead);
  ASSERT_TRUE(rules.ok()) << rules.status();
  const auto at = [&](int64_t units, int days_left, int households) {
    listing::v1::Listing goods = Goods(units, 100, days_left);
    goods.mutable_stall()->set_households_affected(households);
    const auto all = RulesFor(*rules, "14", kToday);
    const auto* rule = RaisingRuleFor(all, goods, kToday);
    return rule == nullptr ? listing::v1::STALL_LEVEL_UNSPECIFIED : rule->level();
  };
  EXPECT_EQ(at(9, 10, 0), listing::v1::STALL_LEVEL_UNSPECIFIED);
  EXPECT_EQ(at(10, 10, 0), listing::v1::STALL_LEVEL_COUNTY);
  EXPECT_EQ(at(10, 11, 0), listing::v1::STALL_LEVEL_UNSPECIFIED);
  EXPECT_EQ(at(100, 5, 20), listing::v1::STALL_LEVEL_CITY);
  EXPECT_EQ(at(100, 6, 20), listing::v1::STALL_LEVEL_COUNTY);
  EXPECT_EQ(at(100, 5, 19), listing::v1::STALL_LEVEL_COUNTY);
  EXPECT_EQ(at(99, 5, 20), listing::v1::STALL_LEVEL_COUNTY);
}

TEST(StallDetectionTest, ComparesDaysOfCoverWithDaysLeft) {
  // 70 taken in 7 days is 10 a day; 100 left last 10 days.
  const auto rule = Rule(7, 3, 0, 1'000'000);
  EXPECT_FALSE(Detect(rule, Goods(100, 100, 10), 70, kToday)) << "lasts just as long";
  const auto seen = Detect(rule, Goods(100, 100, 9), 70, kToday);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->cover_days(), 10);
  EXPECT_EQ(seen->days_left(), 9);
  EXPECT_EQ(seen->taken_units(), 70);
  EXPECT_EQ(seen->value_at_risk().amount_fen(), 10'000);
  EXPECT_EQ(Detect(rule, Goods(101, 100, 10), 70, kToday)->cover_days(), 11) << "rounded up";
  EXPECT_FALSE(Detect(Rule(7, 3, 0, 1'200'000), Goods(100, 100, 9), 70, kToday)) << "a rule with slack";
}

TEST(StallDetectionTest, JudgesTheYoungByFewerDaysAndNotTooSoon) {
  listing::v1::Listing young = Goods(100, 100, 30);
  *young.mutable_create_time() = base::ToProto(base::StartOfDay(kToday - 3));
  *young.mutable_ready_time() = base::ToProto(base::StartOfDay(kToday - 30));
  EXPECT_EQ(Detect(Rule(7, 3, 0, 1'000'000), young, 3, kToday)->window_days(), 3);
  EXPECT_FALSE(Detect(Rule(7, 4, 0, 1'000'000), young, 3, kToday));
  *young.mutable_ready_time() = base::ToProto(base::StartOfDay(kToday + 2));
  EXPECT_FALSE(Detect(Rule(7, 1, 0, 1'000'000), young, 0, kToday)) << "not ready yet";
}

TEST(StallDetectionTest, NothingTakenLastsForEverAndNothingLeftIsNoStall) {
  const auto rule = Rule(7, 3, 5'000, 1'000'000);
  const auto seen = Detect(rule, Goods(50, 100, 300), -4, kToday);
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->has_cover_days());
  EXPECT_EQ(seen->taken_units(), 0);
  EXPECT_FALSE(Detect(rule, Goods(49, 100, 300), 0, kToday)) << "worth less than the rule asks for";
  EXPECT_FALSE(Detect(Rule(7, 3, 0, 1'000'000), Goods(0, 100, 300), 0, kToday));
}

TEST(StallDetectionTest, TheLargestNumbersDoNotWrap) {
  const auto rule = Rule(30, 3, 0, 100'000'000);
  EXPECT_FALSE(Detect(rule, Goods(1'000'000'000'000, 1, 700), 1'000'000'000'000, kToday));
  EXPECT_TRUE(Detect(rule, Goods(1'000'000'000'000, 1'000'000'000'000, 700), 1, kToday));
  EXPECT_EQ(ValueAtRiskFen(Goods(1'000'000'000'000, 1'000'000'000'000, 1)), base::kMaxAmountFen);
}

TEST(StallClosingTest, CountsWhatWasSavedAndLostSinceItWasOpened) {
  v1::StallFigures opening;
  opening.set_sold_units(10);
  opening.set_spoiled_units(1);
  opening.set_withdrawn_units(2);
  listing::v1::Listing goods = Goods(0, 250, 0);
  goods.mutable_balances()->set_sold(100);
  goods.mutable_balances()->set_spoiled(6);
  goods.mutable_balances()->set_withdrawn(7);
  const v1::StallClosing closing = CloseFigures(opening, goods);
  EXPECT_EQ(closing.saved_units(), 90);
  EXPECT_EQ(closing.lost_units(), 10);
  EXPECT_EQ(closing.saved_value().amount_fen(), 22'500);
  EXPECT_EQ(closing.saved_ppm(), 900'000);
  EXPECT_TRUE(IsCleared(closing, 900'000));
  EXPECT_FALSE(IsCleared(closing, 900'001));
  EXPECT_TRUE(IsCleared(CloseFigures(opening,
                                     [] {
                                       listing::v1::Listing none;
                                       none.mutable_balances()->set_sold(10);
                                       none.mutable_balances()->set_spoiled(1);
                                       none.mutable_balances()->set_withdrawn(2);
                                       return none;
                                     }()),
                        1'000'000))
      << "nothing was lost";
}

TEST(StallWarningTest, CountsHouseholdsThatTheSaleWouldLift) {
  v1::StallWarningRule rule;
  rule.mutable_household_line()->set_amount_fen(1'000);
  directory::v1::Linkage linkage;
  for (const int64_t share : {100'000, 200'000, 500'000, 50'000}) linkage.add_households()->set_share_ppm(share);
  // Without: 300, 600, 1500, 150. With 7,000 more: 1,000, 2,000, 5,000, 500.
  const auto warning = WarningOf(rule, linkage, 3'000, 7'000);
  ASSERT_TRUE(warning);
  EXPECT_EQ(warning->household_count(), 2);
  EXPECT_EQ(warning->least_income().amount_fen(), 300);
  EXPECT_FALSE(WarningOf(rule, linkage, 3'000, 0));
  EXPECT_FALSE(WarningOf(rule, linkage, 1'000'000, 7'000));
}

}  // namespace
}  // namespace zhuxiao::stall
