// The rules of rewards, by examples computed by hand: thresholds from both sides, tiers and ties, units, caps, funds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "services/reward/engine/award.h"
#include "services/reward/engine/scope.h"

namespace zhuxiao::reward::engine {
namespace {

using testing::ElementsAre;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

Totals Net(int64_t net_fen) { return {.counted_fen = net_fen}; }
Totals Units(int64_t units, int64_t value_fen) {
  return {.counted_fen = 100, .units = units, .unit_value_fen = value_fen};
}

Policy Shanxi() {
  Policy policy;
  policy.least_amount = Threshold{1'000'000'000, true};
  policy.grant = {.kind = GrantKind::kRate, .rate_basis_points = 500, .cap_fen = 50'000'000};
  return policy;
}

Policy Tiers(TieRule rule, int64_t top) {
  Policy policy;
  policy.grant.kind = GrantKind::kTiers;
  policy.grant.tie_rule = rule;
  policy.grant.tiers = {{.from_fen = 100, .below_fen = 300, .reward_fen = 1'000, .top = top},
                        {.from_fen = 300, .reward_fen = 9'000}};
  return policy;
}

Policy PerUnit(int64_t unit_fen) {
  Policy policy;
  policy.grant = {.kind = GrantKind::kPerUnit, .unit = Unit::kParcel, .unit_fen = unit_fen};
  return policy;
}

std::vector<Award> AwardsOf(const Policy& policy, const std::vector<Totals>& totals,
                            const std::vector<Draw>& draws = {}) {
  const auto awards = AwardAll(policy, {{totals, draws}});
  EXPECT_TRUE(awards.ok()) << awards.status();
  return awards->at(0);
}

TEST(Rate, FallsOffACliffAtTheThreshold) {
  const auto awards = AwardsOf(Shanxi(), {Net(999'999'999), Net(1'000'000'000), Net(1'000'000'019), Net(kMax), Net(0)});
  EXPECT_THAT(awards, ElementsAre(Award{0, AwardReason::kBelowThreshold}, Award{50'000'000, AwardReason::kRate},
                                  Award{50'000'000, AwardReason::kRate}, Award{50'000'000, AwardReason::kCap},
                                  Award{0, AwardReason::kBelowThreshold}));
}

TEST(Rate, DropsPartOfAFenAndTakesRefundsOff) {
  Policy policy = Shanxi();
  policy.least_amount.reset();
  // 5 % of 39 fen is 1.95 fen.
  EXPECT_THAT(AwardsOf(policy, {{.counted_fen = 50, .refunded_fen = 11}}), ElementsAre(Award{1, AwardReason::kRate}));
}

TEST(Rate, AnExclusiveThresholdMustBePassed) {
  Policy policy = Shanxi();
  policy.least_amount->is_inclusive = false;
  EXPECT_THAT(AwardsOf(policy, {Net(1'000'000'000), Net(1'000'000'001)}),
              ElementsAre(Award{0, AwardReason::kBelowThreshold}, Award{50'000'000, AwardReason::kRate}));
}

TEST(Tiers, TakeTheirLowerEndAndNotTheirUpper) {
  const auto awards = AwardsOf(Tiers(TieRule::kAll, 9), {Net(99), Net(100), Net(299), Net(300)});
  EXPECT_THAT(awards, ElementsAre(Award{0, AwardReason::kNoTier}, Award{1'000, AwardReason::kTier},
                                  Award{1'000, AwardReason::kTier}, Award{9'000, AwardReason::kTier}));
}

TEST(Tiers, PayTheLargestFew) {
  const auto awards = AwardsOf(Tiers(TieRule::kNone, 2), {Net(150), Net(250), Net(200), Net(900)});
  EXPECT_THAT(awards, ElementsAre(Award{0, AwardReason::kOutsideTop}, Award{1'000, AwardReason::kTier},
                                  Award{1'000, AwardReason::kTier}, Award{9'000, AwardReason::kTier}));
}

TEST(Tiers, TheTieRuleSaysWhoOfEqualOnesIsPaid) {
  const std::vector<Totals> totals = {Net(250), Net(200), Net(200), Net(200), Net(150)};
  const Award first{1'000, AwardReason::kTier};
  const Award none{0, AwardReason::kOutsideTop};
  EXPECT_THAT(AwardsOf(Tiers(TieRule::kAll, 2), totals), ElementsAre(first, first, first, first, none));
  EXPECT_THAT(AwardsOf(Tiers(TieRule::kNone, 2), totals), ElementsAre(first, none, none, none, none));
  EXPECT_THAT(AwardsOf(Tiers(TieRule::kSplit, 2), totals),
              ElementsAre(first, Award{334, AwardReason::kTierShared}, Award{333, AwardReason::kTierShared},
                          Award{333, AwardReason::kTierShared}, none));
  // Three places for three: nothing to settle.
  EXPECT_THAT(AwardsOf(Tiers(TieRule::kNone, 4), totals), ElementsAre(first, first, first, first, none));
}

TEST(PerUnit, ActualCostLimitsALineWhereItIsLess) {
  Grant grant = PerUnit(100).grant;
  EXPECT_EQ(UnitValue(grant, 3, 250), 300);
  grant.is_actual_cost_limit = true;
  EXPECT_EQ(UnitValue(grant, 3, 250), 250);
  EXPECT_EQ(UnitValue(grant, 3, 301), 300);
  grant.is_actual_cost_limit = false;
  EXPECT_EQ(UnitValue(grant, kMax, 250), std::nullopt);
}

TEST(PerUnit, BothThresholdsMustBeMet) {
  Policy policy = PerUnit(100);
  policy.least_amount = Threshold{100, true};
  policy.least_units = Threshold{1'000, true};
  policy.grant.cap_fen = 100'050;
  const auto awards =
      AwardsOf(policy, {Units(999, 99'900),
                        Units(1'000, 100'000),
                        Units(1'001, 100'100),
                        {.counted_fen = 100, .refunded_fen = 1, .units = 1'000, .unit_value_fen = 100'000}});
  EXPECT_THAT(awards, ElementsAre(Award{0, AwardReason::kBelowThreshold}, Award{100'000, AwardReason::kUnitAmount},
                                  Award{100'050, AwardReason::kCap}, Award{0, AwardReason::kBelowThreshold}));
}

TEST(PerUnit, TheFirstUnitsAreFree) {
  Policy policy = PerUnit(50);
  policy.grant.free_units = 500;
  const auto awards = AwardsOf(policy, {Units(500, 25'000), Units(501, 25'050)});
  EXPECT_THAT(awards, ElementsAre(Award{0, AwardReason::kWithinFreeUnits}, Award{50, AwardReason::kUnitAmount}));
  EXPECT_FALSE(AwardAll(policy, {{{Units(kMax, 0)}, {}}}).ok()) << "beyond int64 and no cap";
}

TEST(Pools, AreProRatedToTheFen) {
  Policy policy = PerUnit(1);
  policy.pool = Pool{.amount_fen = 100, .mode = PoolMode::kProRata};
  // 100 / 3 = 33 and a third each; the odd fen goes to the lowest code.
  EXPECT_THAT(AwardsOf(policy, {Units(50, 50), Units(50, 50), Units(50, 50)}),
              ElementsAre(Award{34, AwardReason::kPoolShare}, Award{33, AwardReason::kPoolShare},
                          Award{33, AwardReason::kPoolShare}));
  EXPECT_THAT(AwardsOf(policy, {Units(60, 60), Units(40, 40)}),
              ElementsAre(Award{60, AwardReason::kUnitAmount}, Award{40, AwardReason::kUnitAmount}));
}

TEST(Pools, ProRatedAwardsMaySumBeyondInt64) {
  Policy policy;
  policy.grant.kind = GrantKind::kWaiver;
  policy.pool = Pool{.amount_fen = 10, .mode = PoolMode::kProRata};
  EXPECT_THAT(AwardsOf(policy, {Net(kMax), Net(kMax)}),
              ElementsAre(Award{5, AwardReason::kPoolShare}, Award{5, AwardReason::kPoolShare}));
}

TEST(Pools, RankedOrderEndsAtExactlyZero) {
  Policy policy;
  policy.grant.kind = GrantKind::kWaiver;
  policy.pool = Pool{.amount_fen = 100, .mode = PoolMode::kRanked};
  EXPECT_THAT(AwardsOf(policy, {Net(30), Net(80), Net(30), Net(5)}),
              ElementsAre(Award{20, AwardReason::kPoolShare}, Award{80, AwardReason::kWaiver},
                          Award{0, AwardReason::kPoolExhausted}, Award{0, AwardReason::kPoolExhausted}));
}

TEST(Pools, FirstComeTakesTheDrawsInTheirOrderAndEndsAtExactlyZero) {
  Policy policy = PerUnit(200);
  policy.pool = Pool{.amount_fen = 500, .mode = PoolMode::kFirstCome};
  const std::vector<Draw> draws = {{1, 200}, {0, 200}, {1, 200}, {0, 200}};
  EXPECT_THAT(AwardsOf(policy, {Units(2, 400), Units(2, 400)}, draws),
              ElementsAre(Award{200, AwardReason::kPoolShare}, Award{300, AwardReason::kPoolShare}));
  policy.grant.cap_fen = 200;  // the second draw of each is beyond its cap and leaves the fund alone
  EXPECT_THAT(AwardsOf(policy, {Units(2, 400), Units(2, 400)}, draws),
              ElementsAre(Award{200, AwardReason::kCap}, Award{200, AwardReason::kCap}));
}

TEST(Pools, WhatAQuarterLeavesGoesToTheNext) {
  Policy policy = PerUnit(1);
  policy.pool = Pool{.amount_fen = 100, .mode = PoolMode::kProRata, .rolls_over = true};
  const std::vector<WindowSales> windows = {{{Units(30, 30)}, {}}, {{Units(200, 200)}, {}}, {{Units(200, 200)}, {}}};
  const auto rolling = AwardAll(policy, windows);
  ASSERT_TRUE(rolling.ok());
  EXPECT_EQ(rolling->at(1).at(0).reward_fen, 170);
  EXPECT_EQ(rolling->at(2).at(0).reward_fen, 100);
  policy.pool->rolls_over = false;
  const auto fixed = AwardAll(policy, windows);
  ASSERT_TRUE(fixed.ok());
  EXPECT_EQ(fixed->at(1).at(0).reward_fen, 100);
}

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kNewYear2021 = 1'609'430'400 * kSecond;  // 2020-12-31T16:00:00Z

Policy Year2020() {
  Policy policy;
  policy.period = {.first_day = *base::ParseDay("2020-01-01"), .last_day = *base::ParseDay("2020-12-31")};
  return policy;
}

SaleFacts Sale(int64_t order_time_ns) {
  SaleFacts sale{.platform = "jd", .origin = "141032203206", .destination = "110105", .commodity = "egg"};
  sale.times_ns[0] = order_time_ns;
  return sale;
}

TEST(Scope, TheYearEndsAt16Utc) {
  const Policy policy = Year2020();
  const ScopeJudge judge(policy, {});
  EXPECT_EQ(judge.Judge(Sale(kNewYear2021 - 1)).reason, LineReason::kInScope);
  EXPECT_EQ(judge.Judge(Sale(kNewYear2021)).reason, LineReason::kOutsidePeriod);
}

TEST(Scope, TheNamedClockDecides) {
  Policy policy = Year2020();
  policy.period.clock = SaleClock::kWaybill;
  const ScopeJudge judge(policy, {});
  SaleFacts sale = Sale(kNewYear2021 - 1);
  EXPECT_EQ(judge.Judge(sale).reason, LineReason::kNoTime);
  sale.times_ns[static_cast<size_t>(SaleClock::kWaybill)] = kNewYear2021;
  EXPECT_EQ(judge.Judge(sale).reason, LineReason::kOutsidePeriod);
}

TEST(Scope, DesignationIsThatOfTheDayOfTheOrder) {
  Policy policy = Year2020();
  policy.scope.programmes = {"poor"};
  const std::vector<Designation> lists = {
      {"poor", "1", "141032", *base::ParseDay("2020-02-01"), *base::ParseDay("2020-02-29")},
      {"other", "1", "14", *base::ParseDay("2000-01-01"), std::nullopt}};
  const ScopeJudge judge(policy, lists);
  const auto on = [&](const char* day) {
    return judge.Judge(Sale(absl::ToUnixNanos(base::StartOfDay(*base::ParseDay(day))))).reason;
  };
  EXPECT_EQ(on("2020-01-31"), LineReason::kNotDesignated);
  EXPECT_EQ(on("2020-02-01"), LineReason::kInScope);
  EXPECT_EQ(on("2020-02-29"), LineReason::kInScope);
  EXPECT_EQ(on("2020-03-01"), LineReason::kNotDesignated);
}

TEST(Scope, ListVersionAndLevelNarrowTheLists) {
  Policy policy = Year2020();
  policy.scope.programmes = {"poor"};
  const std::vector<Designation> lists = {{"poor", "2020", "141032", 0, std::nullopt}};
  policy.scope.list_version = "2019";
  EXPECT_EQ(ScopeJudge(policy, lists).Judge(Sale(kNewYear2021 - 1)).reason, LineReason::kNotDesignated);
  policy.scope.list_version = "2020";
  policy.scope.levels = {12};
  EXPECT_EQ(ScopeJudge(policy, lists).Judge(Sale(kNewYear2021 - 1)).reason, LineReason::kNotDesignated);
  policy.scope.levels = {6, 12};
  EXPECT_EQ(ScopeJudge(policy, lists).Judge(Sale(kNewYear2021 - 1)).reason, LineReason::kInScope);
}

TEST(Scope, ListsOfPlatformsCommoditiesAndRegionsExclude) {
  const SaleFacts sale = Sale(kNewYear2021 - 1);
  const auto reason_with = [&](auto change) {
    Policy policy = Year2020();
    change(policy.scope);
    return ScopeJudge(policy, {}).Judge(sale).reason;
  };
  EXPECT_EQ(reason_with([](Scope& s) { s.platforms = {"tmall"}; }), LineReason::kPlatformNotListed);
  EXPECT_EQ(reason_with([](Scope& s) { s.commodities = {"millet"}; }), LineReason::kCommodityNotListed);
  EXPECT_EQ(reason_with([](Scope& s) { s.origins = {"36"}; }), LineReason::kOriginNotListed);
  EXPECT_EQ(reason_with([](Scope& s) { s.destinations = {"31"}; }), LineReason::kDestinationNotListed);
  EXPECT_EQ(reason_with([](Scope& s) { s.is_outside_own_county = true; }), LineReason::kInScope);
  EXPECT_EQ(reason_with([](Scope& s) { s.origins = {"14", "36"}; }), LineReason::kInScope);
  Policy policy = Year2020();
  policy.scope.is_outside_own_county = true;
  SaleFacts inside = sale;
  inside.destination = "141032105";
  EXPECT_EQ(ScopeJudge(policy, {}).Judge(inside).reason, LineReason::kInsideOwnCounty);
}

TEST(Windows, QuartersOfAPeriodThatBeginsInTheMidstOfOne) {
  const Period period{.first_day = *base::ParseDay("2020-02-10"),
                      .last_day = *base::ParseDay("2021-01-05"),
                      .window = Window::kQuarter};
  EXPECT_EQ(WindowCount(period), 5);
  EXPECT_EQ(WindowName(period, 0), "2020Q1");
  EXPECT_EQ(WindowName(period, 4), "2021Q1");
  EXPECT_EQ(WindowOf(period, *base::ParseDay("2020-03-31")), 0);
  EXPECT_EQ(WindowOf(period, *base::ParseDay("2020-04-01")), 1);
  EXPECT_EQ(WindowOf(period, *base::ParseDay("2020-02-09")), std::nullopt);
}

}  // namespace
}  // namespace zhuxiao::reward::engine
