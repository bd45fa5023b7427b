// The check of clearings: a clearing computed by hand holds, and each rule, broken in one place, is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "services/matching/check_clearing.h"
#include "services/matching/clear.h"

namespace zhuxiao::matching {
namespace {

struct Case {
  RoundBook book;
  ClearingPolicy policy = {.today = 0, .weights = DefaultMatchPolicy()};
  std::vector<RoundContract> contracts;
  RoundPrices prices;
  ClearingClaim claim;

  ClearingCheck Check() const { return CheckClearing(book, policy, contracts, prices, claim, 2); }
};

// Eggs at 1,000 fen a kilogram, 10 jin with 5 days left, half of the income linked: V = 500; urgency 80 % and linkage
// 20 % * 1/2 give 450 fen, the bonus 300 more for the first floor(10 * 10 %) = 1; a quota gap of one half gives
// 20 % * 1/2 of V = 50; transport over the county's own 10 km is floor(10 * 50 * 500 / 10^6) = 0. Order 0 takes 6 jin:
// 6 * 500 + 300 = 3,300 fen. At a first-tranche price of 300 fen every gram is worth 1 fen to order 0, so the bound is
// 1 * 300 + 3,000 = 3,300 too. Order 1 wants what nobody has.
Case GoodCase() {
  Case good;
  good.book.counties = {{112.5, 37.9}, {121.5, 31.2}};
  good.book.commodities = {
      {.reference_price_fen = 1'000, .reference_base = 1'000, .transport_microfen_per_km_base = 50, .min_life_days = 3},
      {.reference_price_fen = 1'000, .reference_base = 1'000}};
  good.book.listings = {{.units = 10,
                         .unit_base = 500,
                         .unit_price_fen = 400,
                         .last_sale_day = 5,
                         .linkage_ppm = 500'000,
                         .min_lot_units = 2}};
  good.book.institutions = {{.limit_fen = 2'400, .quota_gap_ppm = 500'000}};
  good.book.orders = {{.is_partial_allowed = false,
                       .deliver_by_day = 1,
                       .quantity_base = 3'000,
                       .limit_price_fen = 800,
                       .limit_base = 1'000},
                      {.commodity = 1, .deliver_by_day = 30, .quantity_base = 3'000, .limit_price_fen = 9'000}};
  good.contracts = {{.order = 0, .listing = 0, .units = 6}};
  good.prices = {.first_tranche = {300 * kPriceParts}, .second_tranche = {0}, .institution = {0}};
  good.claim = {.welfare_fen = 3'300, .bound_fen = 3'300};
  return good;
}

TEST(CheckClearing, AgreesWithFiguresComputedByHand) {
  const ClearingCheck check = GoodCase().Check();
  EXPECT_TRUE(check.ToStatus().ok()) << check.ToStatus();
  EXPECT_EQ(check.welfare_fen, 3'300);
  EXPECT_EQ(check.bound_fen, 3'300);
  EXPECT_EQ(check.gap_ppm, 0);
}

TEST(CheckClearing, TakesInstitutionPricesIntoTheBound) {
  Case priced = GoodCase();
  priced.prices.institution = {kLambdaParts / 2};
  // mu = (500 - 400 / 2) / 500 = 0.6 fen a gram: 300 + 2,400 / 2 + 3,000 * 0.6 = 3,300.
  EXPECT_EQ(priced.Check().bound_fen, 3'300);
  priced.prices.institution = {kLambdaParts / 4};
  priced.prices.first_tranche = {0};
  // The unit with the bonus is the best now: (800 - 100) / 500 = 1.4; 600 + 3,000 * 1.4 = 4,800.
  const ClearingCheck check = priced.Check();
  EXPECT_EQ(check.bound_fen, 4'800);
  EXPECT_EQ(check.gap_ppm, 312'500);
}

struct Breakage {
  const char* name;
  ClearingRule rule;
  std::function<void(Case&)> break_it;
};

class CheckClearingBreakages : public testing::TestWithParam<Breakage> {};

TEST_P(CheckClearingBreakages, AreTold) {
  Case broken = GoodCase();
  GetParam().break_it(broken);
  const ClearingCheck check = broken.Check();
  std::vector<ClearingRule> rules;
  for (const ClearingFault& fault : check.faults) rules.push_back(fault.rule);
  EXPECT_THAT(rules, testing::Contains(GetParam().rule)) << check.ToStatus();
  EXPECT_EQ(check.fault_count, static_cast<int64_t>(check.faults.size()));
  EXPECT_THAT(std::string(check.ToStatus().message()), testing::HasSubstr(std::string(NameOf(GetParam().rule))));
}

INSTANTIATE_TEST_SUITE_P(
    Each, CheckClearingBreakages,
    testing::Values(
        Breakage{"NegativeUnits", ClearingRule::kBook, [](Case& c) { c.book.listings[0].units = -1; }},
        Breakage{"ValueBeyondInt64", ClearingRule::kBook,
                 [](Case& c) { c.book.commodities[0].reference_price_fen = INT64_MAX; }},
        Breakage{"UnknownListing", ClearingRule::kReference, [](Case& c) { c.contracts[0].listing = 7; }},
        Breakage{"UnknownOrder", ClearingRule::kReference, [](Case& c) { c.contracts[0].order = 7; }},
        Breakage{"PriceMissing", ClearingRule::kReference, [](Case& c) { c.prices.second_tranche.clear(); }},
        Breakage{"TwoContractsOfAPair", ClearingRule::kOrder,
                 [](Case& c) {
                   c.contracts = {{.units = 3}, {.units = 3}};
                 }},
        Breakage{"NoUnits", ClearingRule::kWholeUnits, [](Case& c) { c.contracts[0].units = 0; }},
        Breakage{"UnitsBelowZero", ClearingRule::kWholeUnits, [](Case& c) { c.contracts[0].units = -6; }},
        Breakage{"OtherCommodity", ClearingRule::kCommodity, [](Case& c) { c.contracts[0].order = 1; }},
        Breakage{"PriceAboveLimit", ClearingRule::kPriceLimit, [](Case& c) { c.book.orders[0].limit_price_fen = 799; }},
        Breakage{"TooLate", ClearingRule::kDelivery, [](Case& c) { c.book.listings[0].ready_day = 1; }},
        Breakage{"TooFar", ClearingRule::kDelivery, [](Case& c) { c.book.listings[0].county = 1; }},
        Breakage{"TooOld", ClearingRule::kLife, [](Case& c) { c.book.commodities[0].min_life_days = 5; }},
        Breakage{"BelowLeastLot", ClearingRule::kMinLot, [](Case& c) { c.book.listings[0].min_lot_units = 7; }},
        Breakage{"SoldTwice", ClearingRule::kSupply, [](Case& c) { c.book.listings[0].units = 5; }},
        Breakage{"MoreThanOrdered", ClearingRule::kQuantity, [](Case& c) { c.book.orders[0].quantity_base = 2'999; }},
        Breakage{"InPart", ClearingRule::kAllOrNothing, [](Case& c) { c.contracts[0].units = 5; }},
        Breakage{"OverLimit", ClearingRule::kSpendingLimit, [](Case& c) { c.book.institutions[0].limit_fen = 2'399; }},
        Breakage{"ListingPriceBelowZero", ClearingRule::kPrices, [](Case& c) { c.prices.second_tranche[0] = -1; }},
        Breakage{"InstitutionPriceBelowZero", ClearingRule::kPrices, [](Case& c) { c.prices.institution[0] = -1; }},
        Breakage{"WelfareTooHigh", ClearingRule::kWelfare, [](Case& c) { ++c.claim.welfare_fen; }},
        Breakage{"WelfareTooLow", ClearingRule::kWelfare, [](Case& c) { --c.claim.welfare_fen; }},
        Breakage{"BoundTooLow", ClearingRule::kBound, [](Case& c) { --c.claim.bound_fen; }},
        Breakage{"BoundTooHigh", ClearingRule::kBound, [](Case& c) { ++c.claim.bound_fen; }}),
    [](const auto& info) { return info.param.name; });

TEST(CheckClearing, CountsFaultsBeyondThoseItNames) {
  Case broken = GoodCase();
  broken.contracts.assign(kMaxClearingFaults + 50, {.order = 9, .listing = 9, .units = 1});
  const ClearingCheck check = broken.Check();
  EXPECT_EQ(check.fault_count, static_cast<int64_t>(kMaxClearingFaults) + 50);
  EXPECT_EQ(check.faults.size(), kMaxClearingFaults);
}

TEST(CheckClearing, DoesNotWrapNearInt64) {
  Case huge = GoodCase();
  huge.book.listings[0].unit_price_fen = INT64_MAX;
  huge.book.listings[0].units = INT64_MAX;
  huge.book.orders[0].limit_price_fen = INT64_MAX;
  huge.book.orders[0].limit_base = 1;
  huge.book.orders.assign(6, huge.book.orders[0]);
  huge.contracts.clear();
  for (uint32_t j = 0; j < 6; ++j) huge.contracts.push_back({.order = j, .units = INT64_MAX});
  huge.prices.second_tranche[0] = INT64_MAX;
  huge.prices.institution[0] = INT64_MAX;
  const ClearingCheck check = huge.Check();
  std::vector<ClearingRule> rules;
  for (const ClearingFault& fault : check.faults) rules.push_back(fault.rule);
  EXPECT_THAT(rules, testing::IsSupersetOf({ClearingRule::kSupply, ClearingRule::kQuantity,
                                            ClearingRule::kSpendingLimit, ClearingRule::kBook}));
}

TEST(ValidateRound, NamesEveryBadField) {
  Case bad = GoodCase();
  bad.policy.weights.tranche_ppm = -1;
  bad.book.commodities[0] = {-1, 0, -1, -1};
  bad.book.counties[0] = {181, -91};
  bad.book.listings[0] = {.commodity = 9,
                          .county = 9,
                          .units = -1,
                          .unit_base = 0,
                          .unit_price_fen = -1,
                          .linkage_ppm = 1'000'001,
                          .min_lot_units = 0};
  bad.book.institutions[0] = {.limit_fen = -1, .quota_gap_ppm = 1'000'001};
  bad.book.orders[1] = {
      .institution = 9, .commodity = 9, .county = 9, .quantity_base = -1, .limit_price_fen = -1, .limit_base = 0};
  const absl::Status status = ValidateRound(bad.book, bad.policy);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::string text(status.ToString());
  for (const char* field : {"policy.tranche_ppm",
                            "commodities[0].reference_price_fen",
                            "commodities[0].reference_base",
                            "commodities[0].transport_microfen_per_km_base",
                            "commodities[0].min_life_days",
                            "counties[0].longitude",
                            "counties[0].latitude",
                            "listings[0].commodity",
                            "listings[0].county",
                            "listings[0].units",
                            "listings[0].unit_base",
                            "listings[0].unit_price_fen",
                            "listings[0].linkage_ppm",
                            "listings[0].min_lot_units",
                            "institutions[0].limit_fen",
                            "institutions[0].quota_gap_ppm",
                            "orders[1].institution",
                            "orders[1].commodity",
                            "orders[1].county",
                            "orders[1].quantity_base",
                            "orders[1].limit_price_fen",
                            "orders[1].limit_base"}) {
    EXPECT_THAT(text, testing::HasSubstr(field));
  }
  EXPECT_TRUE(ValidateRound(GoodCase().book, GoodCase().policy).ok());
}

TEST(ValidateRound, CountsTheBadFieldsItDoesNotName) {
  Case bad = GoodCase();
  bad.book.orders.assign(kMaxNamedFaults + 20, {.quantity_base = -1});
  const std::string text(ValidateRound(bad.book, bad.policy).message());
  EXPECT_THAT(text, testing::HasSubstr("orders[99].quantity_base"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("orders[100].quantity_base")));
  EXPECT_THAT(text, testing::HasSubstr("round: has 120 faults; the first 100 are named"));
}

TEST(Clear, CountsTheListingsOutOfRangeItDoesNotName) {
  Case bad = GoodCase();
  bad.book.listings.assign(kMaxNamedFaults + 20, bad.book.listings[0]);
  for (RoundListing& listing : bad.book.listings) listing.unit_price_fen = INT64_MAX;
  const std::string text(Clear(bad.book, bad.policy, {}).status().message());
  EXPECT_THAT(text, testing::HasSubstr("listings[99].unit_price_fen"));
  EXPECT_THAT(text, testing::HasSubstr("round: has 120 faults; the first 100 are named"));
}

}  // namespace
}  // namespace zhuxiao::matching
