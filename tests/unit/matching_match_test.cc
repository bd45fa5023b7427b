// Single matches whose answer can be told by hand, each refusal reason, and the independent check.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/matching/check_match.h"
#include "services/matching/match.h"
#include "tests/property/matching_market.h"

namespace zhuxiao::matching {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MatchTest : public ::testing::Test {
 protected:
  MatchTest() : book_(RealCounties()), policy_(DefaultMatchPolicy()) {
    EXPECT_TRUE(book_.SetCommodity(kEggs).ok());
    EXPECT_TRUE(book_.SetCommodity(kCattle).ok());
  }

  // Eggs of Liangjianao village, Pingding county, 10,000 jin at 4.50 yuan.
  static BookListing Eggs(const std::string& id) {
    return {.listing_id = id,
            .supplier_id = "93140321MA0HONGRI1",
            .origin_code = "140321105203",
            .commodity = "eggs",
            .sale_unit_base = 500,
            .value_base = 500,
            .weight_base = 500,
            .unit_price_fen = 450,
            .price_fen = 450,
            .price_base = 500,
            .listed_units = 10'000,
            .available_units = 10'000,
            .ready_day = kToday,
            .last_sale_day = kToday + 15,
            .linkage_ppm = 800'000,
            .stall_level = 2,
            .certificates = 1,
            .programmes = {"national-832"}};
  }

  // Cattle of Yonghe county, by the head of 550 kg at 33 yuan a kilogram.
  static BookListing Cattle(const std::string& id) {
    BookListing cattle = Eggs(id);
    cattle.origin_code = "141032203206";
    cattle.commodity = "cattle";
    cattle.sale_unit_base = 1;
    cattle.value_base = cattle.weight_base = 550'000;
    cattle.unit_price_fen = 1'815'000;
    cattle.price_fen = 3'300;
    cattle.price_base = 1'000;
    cattle.listed_units = cattle.available_units = 60;
    cattle.last_sale_day = kToday + 40;
    return cattle;
  }

  static MatchOrder Order(int64_t quantity_base) {
    return {.order_id = "o",
            .institution_id = "i",
            .commodity = "eggs",
            .quantity_base = quantity_base,
            .limit_price_fen = 900,
            .limit_base = 1'000,
            .destination_code = "140105",
            .today = kToday,
            .deliver_from_day = kToday,
            .deliver_by_day = kToday + 5,
            .quota_gap_ppm = 500'000};
  }

  void Put(const BookListing& listing) {
    const absl::Status status = book_.Upsert(listing);
    ASSERT_TRUE(status.ok()) << status;
  }

  MatchResult Run(const MatchOrder& order) {
    auto result = Match(book_, policy_, order);
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok()) return {};
    const absl::Status check = CheckMatch(book_, policy_, order, *result);
    EXPECT_TRUE(check.ok()) << check;
    return *std::move(result);
  }

  // The reason the only listing of the book is refused for.
  RefusalSummary RefusalOf(const BookListing& listing, const MatchOrder& order) {
    Put(listing);
    const MatchResult result = Run(order);
    EXPECT_THAT(result.proposals, IsEmpty());
    EXPECT_EQ(result.refusal.count(result.refusal.binding), 1) << NameOf(result.refusal.binding);
    return result.refusal;
  }

  static inline const BookCommodity kEggs{.code = "eggs",
                                          .reference_price_fen = 900,
                                          .reference_base = 1'000,
                                          .transport_microfen_per_km_base = 60,
                                          .min_life_days = 3};
  static inline const BookCommodity kCattle{.code = "cattle",
                                            .reference_price_fen = 3'300,
                                            .reference_base = 1'000,
                                            .transport_microfen_per_km_base = 100,
                                            .min_life_days = 1};

  Book book_;
  MatchPolicy policy_;
};

TEST_F(MatchTest, StatesEveryTerm) {
  Put(Eggs("a"));
  const MatchResult result = Run(Order(1'000'000));
  ASSERT_THAT(result.proposals, SizeIs(1));
  const MatchProposal& proposal = result.proposals[0];
  EXPECT_EQ(proposal.units, 2'000);
  EXPECT_EQ(proposal.amount_fen, 900'000);
  EXPECT_EQ(result.unfilled_base, 0);
  const MatchReason& reason = proposal.reason;
  // A jin at the reference price is 450 fen; 15 days left 45 %, stalled at town level 15 %, 80 % of 20 % linkage,
  // 60 % bonus for the first 1,000 jin, half of the 20 % gap weight.
  EXPECT_EQ(reason.unit.value_fen, 450);
  EXPECT_EQ(reason.unit.urgency_fen, 202);
  EXPECT_EQ(reason.unit.stall_fen, 68);
  EXPECT_EQ(reason.unit.linkage_fen, 72);
  EXPECT_EQ(reason.unit.bonus_fen, 270);
  EXPECT_EQ(reason.unit.gap_fen, 45);
  EXPECT_EQ(reason.unit.transport_fen, reason.km * 60 * 500 / 1'000'000);
  EXPECT_EQ(reason.bonus_units, 1'000);
  EXPECT_EQ(reason.transit_days, 1);
  EXPECT_EQ(reason.arrival_day, kToday + 1);
  EXPECT_EQ(reason.days_left, 15);
  EXPECT_EQ(reason.total_fen, 2'000 * (387 - reason.unit.transport_fen) + 1'000 * 270);
}

TEST_F(MatchTest, CattleAreCountedByHeadAndPricedByWeight) {
  Put(Cattle("a"));
  MatchOrder order = Order(3);
  order.commodity = "cattle";
  order.limit_price_fen = 3'300;
  const MatchResult result = Run(order);
  ASSERT_THAT(result.proposals, SizeIs(1));
  EXPECT_EQ(result.proposals[0].units, 3);
  EXPECT_EQ(result.proposals[0].amount_fen, 3 * 1'815'000);
  EXPECT_EQ(result.proposals[0].reason.unit.value_fen, 1'815'000);
  order.limit_price_fen = 3'299;
  EXPECT_THAT(Run(order).proposals, IsEmpty());
}

TEST_F(MatchTest, UrgentGoodsGoFirstAndTiesGoToTheLowerId) {
  BookListing urgent = Eggs("z");
  urgent.last_sale_day = kToday + 9;
  Put(Eggs("b"));
  Put(Eggs("a"));
  Put(urgent);
  policy_.tranche_ppm = 0;
  MatchResult result = Run(Order(500));
  ASSERT_THAT(result.proposals, SizeIs(1));
  EXPECT_EQ(result.proposals[0].listing_id, "z");
  ASSERT_TRUE(book_.Remove("z"));
  result = Run(Order(500));
  ASSERT_THAT(result.proposals, SizeIs(1));
  EXPECT_EQ(result.proposals[0].listing_id, "a");
}

TEST_F(MatchTest, TiesAcrossTheCountryGoToTheLowerId) {
  // Without transport goods are worth the same wherever they are: every county whose bound is not below the truth by
  // anything at all has to be looked at. Far above a float's digits a whole fen does not hide a bound rounded down.
  BookCommodity jade = kEggs;
  jade.code = "jade";
  jade.reference_price_fen = 123'456'789'123;
  jade.transport_microfen_per_km_base = 0;
  ASSERT_TRUE(book_.SetCommodity(jade).ok());
  const auto& counties = RealCounties().counties();
  const auto put = [&](size_t number, size_t county) {
    BookListing listing = Eggs(std::to_string(10'000 + number));
    listing.commodity = "jade";
    listing.origin_code = counties[county].code;
    listing.listed_units = listing.available_units = 1;
    listing.last_sale_day = kToday + 20;
    Put(listing);
  };
  for (size_t i = 0; i < counties.size(); i += 40) put(i + 1, i);
  MatchOrder order = Order(500);
  order.commodity = "jade";
  order.deliver_by_day = kToday + 15;
  for (size_t i = 0; i < counties.size(); i += 400) {
    put(0, i);
    const MatchResult result = Run(order);
    ASSERT_THAT(result.proposals, SizeIs(1));
    EXPECT_EQ(result.proposals[0].listing_id, "10000") << counties[i].code;
  }
}

TEST_F(MatchTest, SpendsAShortLimitOnTheBestWorthAFen) {
  // Dear eggs are worth a little more a jin, and buy half as many.
  for (int i = 0; i < 20; ++i) {
    BookListing dear = Eggs("a" + std::to_string(i));
    dear.stall_level = 3;
    dear.unit_price_fen = dear.price_fen = 450;
    Put(dear);
    BookListing cheap = Eggs("b" + std::to_string(i));
    cheap.unit_price_fen = cheap.price_fen = 225;
    Put(cheap);
  }
  MatchOrder order = Order(1'000 * 500);
  order.remaining_limit_fen = 225 * 100;
  EXPECT_EQ(Run(order).filled_base, 100 * 500);
}

TEST_F(MatchTest, TheFirstTrancheSpreadsAnOrder) {
  Put(Eggs("a"));
  Put(Eggs("b"));
  const MatchResult result = Run(Order(2'000 * 500));
  ASSERT_THAT(result.proposals, SizeIs(2));
  EXPECT_EQ(result.proposals[0].units, 1'000);
  EXPECT_EQ(result.proposals[1].units, 1'000);
}

TEST_F(MatchTest, ShrinksATakeSoThatAMinimumLotFits) {
  // The urgent 7 jin first would leave 3 jin, below the other's lot of 5; 5 and 5 fill the order.
  BookListing urgent = Eggs("a");
  urgent.last_sale_day = kToday + 9;
  urgent.listed_units = urgent.available_units = 7;
  BookListing lots = Eggs("b");
  lots.min_lot_units = 5;
  Put(urgent);
  Put(lots);
  policy_.tranche_ppm = 0;
  const MatchResult result = Run(Order(10 * 500));
  ASSERT_THAT(result.proposals, SizeIs(2));
  EXPECT_EQ(result.proposals[0].units, 5);
  EXPECT_EQ(result.proposals[1].units, 5);
}

TEST_F(MatchTest, NeverBuysOverTheLimit) {
  Put(Eggs("a"));
  MatchOrder order = Order(100 * 500);
  order.remaining_limit_fen = 450 * 10 + 449;
  const MatchResult result = Run(order);
  ASSERT_THAT(result.proposals, SizeIs(1));
  EXPECT_EQ(result.proposals[0].units, 10);
  EXPECT_EQ(result.refusal.binding, RefusalReason::kQuotaLimit);
  EXPECT_EQ(result.refusal.nearest->needed, 450);
}

TEST_F(MatchTest, AllOrNothing) {
  BookListing few = Eggs("a");
  few.listed_units = few.available_units = 99;
  Put(few);
  MatchOrder order = Order(100 * 500);
  order.allow_partial = false;
  MatchResult result = Run(order);
  EXPECT_THAT(result.proposals, IsEmpty());
  EXPECT_EQ(result.refusal.binding, RefusalReason::kAllOrNothing);
  // Filled to within one sale unit.
  order.quantity_base = 99 * 500 + 499;
  result = Run(order);
  EXPECT_THAT(result.proposals, SizeIs(1));
  EXPECT_EQ(result.unfilled_base, 499);
}

TEST_F(MatchTest, AnOverrideLowersWhatIsAvailable) {
  Put(Eggs("a"));
  MatchOrder order = Order(100 * 500);
  order.available_overrides["a"] = 7;
  EXPECT_EQ(Run(order).filled_base, 7 * 500);
  order.available_overrides["a"] = 1'000'000;
  EXPECT_EQ(Run(order).unfilled_base, 0);
  order.available_overrides["a"] = 0;
  EXPECT_EQ(Run(order).refusal.binding, RefusalReason::kSoldOut);
}

TEST_F(MatchTest, RefusesForThePrice) {
  MatchOrder order = Order(500);
  order.limit_price_fen = 899;
  const RefusalSummary refusal = RefusalOf(Eggs("a"), order);
  EXPECT_EQ(refusal.binding, RefusalReason::kPriceAboveLimit);
  EXPECT_EQ(refusal.nearest->listing_id, "a");
  EXPECT_EQ(refusal.nearest->needed, 900);
}

TEST_F(MatchTest, RefusesForTheArrival) {
  BookListing late = Eggs("a");
  late.ready_day = kToday + 5;
  const RefusalSummary refusal = RefusalOf(late, Order(500));
  EXPECT_EQ(refusal.binding, RefusalReason::kNotDeliverableInTime);
  EXPECT_EQ(refusal.nearest->needed, kToday + 6);
}

TEST_F(MatchTest, RefusesForTheLifeLeft) {
  BookListing old = Eggs("a");
  old.last_sale_day = kToday + 3;
  EXPECT_EQ(RefusalOf(old, Order(500)).binding, RefusalReason::kTooLittleLifeLeft);
  // One day more is enough: there in one day, three days left.
  old.last_sale_day = kToday + 4;
  Put(old);
  EXPECT_THAT(Run(Order(500)).proposals, SizeIs(1));
}

TEST_F(MatchTest, RefusesForScopeSupplierCertificateAndProgramme) {
  BookListing listing = Eggs("a");
  listing.scope = {"42", "1403"};
  EXPECT_EQ(RefusalOf(listing, Order(500)).binding, RefusalReason::kOutOfScope);
  MatchOrder order = Order(500);
  order.excluded_suppliers = {listing.supplier_id};
  EXPECT_EQ(RefusalOf(Eggs("a"), order).binding, RefusalReason::kSupplierExcluded);
  order = Order(500);
  order.required_certificates = 2;
  EXPECT_EQ(RefusalOf(Eggs("a"), order).binding, RefusalReason::kCertificate);
  order = Order(500);
  order.required_programme = "shanxi-2020";
  EXPECT_EQ(RefusalOf(Eggs("a"), order).binding, RefusalReason::kProgramme);
}

TEST_F(MatchTest, RefusesForUnitsLotsAndWorth) {
  EXPECT_EQ(RefusalOf(Eggs("a"), Order(499)).binding, RefusalReason::kWholeUnit);
  BookListing lots = Eggs("a");
  lots.min_lot_units = 20;
  const RefusalSummary refusal = RefusalOf(lots, Order(19 * 500));
  EXPECT_EQ(refusal.binding, RefusalReason::kMinLot);
  EXPECT_EQ(refusal.nearest->needed, 20 * 500);
  BookListing sold_out = Eggs("a");
  sold_out.available_units = 0;
  EXPECT_EQ(RefusalOf(sold_out, Order(500)).binding, RefusalReason::kSoldOut);

  BookCommodity dear = kEggs;
  dear.transport_microfen_per_km_base = 100'000;
  ASSERT_TRUE(book_.SetCommodity(dear).ok());
  EXPECT_EQ(RefusalOf(Eggs("a"), Order(500)).binding, RefusalReason::kNotWorth);
}

// An order for all or nothing is told of a listing that has enough for it, as others are.
TEST_F(MatchTest, SaysWhatWouldServeAnOrderForAllOrNothing) {
  BookListing small = Eggs("a");
  small.listed_units = small.available_units = 3;
  Put(small);
  BookListing enough = Eggs("b");
  enough.unit_price_fen = enough.price_fen = 460;
  Put(enough);
  MatchOrder order = Order(4 * 500);
  order.allow_partial = false;
  order.limit_price_fen = 800;
  const RefusalSummary refusal = Run(order).refusal;
  EXPECT_EQ(refusal.binding, RefusalReason::kPriceAboveLimit);
  EXPECT_EQ(refusal.count(RefusalReason::kPriceAboveLimit), 2);
  ASSERT_TRUE(refusal.nearest.has_value());
  EXPECT_EQ(refusal.nearest->listing_id, "b") << "the cheaper one has too little";
  EXPECT_EQ(refusal.nearest->needed, 920);
}

TEST_F(MatchTest, SaysWhenThereIsNothingAtAll) {
  EXPECT_EQ(Run(Order(500)).refusal.binding, RefusalReason::kNoListing);
}

TEST_F(MatchTest, HonoursTheNumberOfContracts) {
  for (const char* id : {"a", "b", "c"}) {
    BookListing small = Eggs(id);
    small.listed_units = small.available_units = id[0] == 'c' ? 50 : 10;
    Put(small);
  }
  policy_.tranche_ppm = 0;
  MatchOrder order = Order(50 * 500);
  order.max_contracts = 1;
  const MatchResult result = Run(order);
  ASSERT_THAT(result.proposals, SizeIs(1));
  EXPECT_EQ(result.proposals[0].listing_id, "c");
}

TEST_F(MatchTest, NamesEveryBadFieldOfAnOrder) {
  const MatchOrder order{.commodity = "eggs",
                         .today = -1,
                         .deliver_from_day = 200'000,
                         .quota_gap_ppm = -1,
                         .remaining_limit_fen = -1,
                         .max_contracts = 0};
  const std::string text = Match(book_, policy_, order).status().ToString();
  for (const char* field :
       {"quantity_base", "limit_price_fen", "limit_base", "destination_code", "today", "deliver_from_day",
        "deliver_by_day", "quota_gap_ppm", "remaining_limit_fen", "max_contracts"}) {
    EXPECT_THAT(text, HasSubstr(field));
  }
  MatchOrder unknown = Order(500);
  unknown.commodity = "gold";
  EXPECT_EQ(Match(book_, policy_, unknown).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(MatchTest, StaysExactAtTheLargestNumbers) {
  const BookCommodity gold{.code = "gold",
                           .reference_price_fen = base::kMaxAmountFen,
                           .reference_base = 1,
                           .transport_microfen_per_km_base = 100'000'000};
  ASSERT_TRUE(book_.SetCommodity(gold).ok());
  for (auto* weight : {&policy_.linkage_weight_ppm, &policy_.gap_weight_ppm, &policy_.tranche_bonus_ppm}) {
    *weight = kMaxWeightPpm;
  }
  policy_.tranche_ppm = 1'000'000;
  policy_.urgency = {{1, kMaxWeightPpm}};
  policy_.stall_ppm = {kMaxWeightPpm};
  MatchOrder order = Order(base::kMaxQuantityBase);
  order.commodity = "gold";
  order.quota_gap_ppm = 1'000'000;
  order.limit_price_fen = base::kMaxAmountFen;
  order.limit_base = 1;
  for (int i = 0; i < kMaxContracts; ++i) {
    BookListing listing = Eggs("G" + std::to_string(i));
    listing.commodity = "gold";
    listing.sale_unit_base = listing.value_base = listing.weight_base = listing.price_base = 1;
    listing.unit_price_fen = listing.price_fen = base::kMaxAmountFen;
    listing.listed_units = listing.available_units = 1;
    listing.linkage_ppm = 1'000'000;
    // Cars full of lead: transport alone is near the end of int64, and past it.
    if (i == 1) listing.weight_base = base::kMaxQuantityBase / 10'000;
    if (i == 2) listing.weight_base = base::kMaxQuantityBase;
    Put(listing);
  }
  const MatchResult result = Run(order);
  EXPECT_THAT(result.proposals, SizeIs(kMaxContracts - 1));
  EXPECT_GT(result.welfare_fen, 6'000'000'000'000'000'000);
  EXPECT_EQ(result.amount_fen, (kMaxContracts - 1) * base::kMaxAmountFen);
}

TEST_F(MatchTest, TheCheckFindsEveryFalsehood) {
  Put(Eggs("a"));
  const MatchOrder order = Order(20 * 500);
  const MatchResult good = Run(order);
  ASSERT_THAT(good.proposals, SizeIs(1));
  const auto code_of = [&](auto change) {
    MatchResult bad = good;
    change(bad, bad.proposals[0]);
    return CheckMatch(book_, policy_, order, bad).code();
  };
  const auto internal = absl::StatusCode::kInternal;
  EXPECT_EQ(code_of([](auto& r, auto& p) { ++r.filled_base; }), internal);
  EXPECT_EQ(code_of([](auto& r, auto& p) { ++r.welfare_fen; }), internal);
  EXPECT_EQ(code_of([](auto& r, auto& p) { ++p.units; }), internal);
  EXPECT_EQ(code_of([](auto& r, auto& p) { r.amount_fen = ++p.amount_fen; }), internal);
  EXPECT_EQ(code_of([](auto& r, auto& p) { p.unit_price_fen = 1; }), internal);
  EXPECT_EQ(code_of([](auto& r, auto& p) { p.supplier_id = "x"; }), internal);
  EXPECT_EQ(code_of([](auto& r, auto& p) { p.available_units = 1; }), internal);
  EXPECT_EQ(code_of([](auto& r, auto& p) { ++p.reason.km; }), internal);
  EXPECT_EQ(code_of([](auto& r, auto& p) { ++p.reason.arrival_day; }), internal);
  EXPECT_EQ(code_of([](auto& r, auto& p) { ++p.reason.bonus_units; }), internal);
  EXPECT_EQ(code_of([](auto& r, auto& p) { r.welfare_fen = ++p.reason.total_fen; }), internal);
  for (int64_t UnitWelfare::*term :
       {&UnitWelfare::value_fen, &UnitWelfare::urgency_fen, &UnitWelfare::stall_fen, &UnitWelfare::linkage_fen,
        &UnitWelfare::bonus_fen, &UnitWelfare::gap_fen, &UnitWelfare::transport_fen}) {
    EXPECT_EQ(code_of([&](auto& r, auto& p) { ++(p.reason.unit.*term); }), internal);
  }
  EXPECT_EQ(code_of([](auto& r, auto& p) {
              r.proposals.push_back(p);
              r.filled_base *= 2;
              r.amount_fen *= 2;
              r.welfare_fen *= 2;
              r.unfilled_base -= r.filled_base / 2;
            }),
            internal);

  // A listing that changed is not the match's fault.
  Put(Eggs("a"));
  EXPECT_EQ(CheckMatch(book_, policy_, order, good).code(), absl::StatusCode::kAborted);
  ASSERT_TRUE(book_.Remove("a"));
  EXPECT_EQ(CheckMatch(book_, policy_, order, good).code(), absl::StatusCode::kAborted);
}

}  // namespace
}  // namespace zhuxiao::matching
