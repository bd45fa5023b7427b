// Instances and baselines of clearing rounds: the same everywhere, of the shape they claim, and allowed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/offline/chance.h"
#include "clients/offline/fairness.h"
#include "clients/offline/generate.h"
#include "clients/offline/one_by_one.h"
#include "clients/offline/study.h"
#include "services/matching/check_clearing.h"
#include "services/matching/clear.h"
#include "services/round_files/clearing_files.h"

namespace zhuxiao::offline {
namespace {

using testing::ElementsAre;

TEST(Chance, IsTheSameEverywhere) {
  Chance chance(1);
  // SplitMix64 from 1, as published.
  EXPECT_EQ(chance.Next(), 0x910A2DEC89025CC1);
  EXPECT_EQ(chance.Next(), 0xBEEB8DA1658EEC67);
  EXPECT_EQ(Chance(7).LogNormal(1'000'000, 1'000'000), Chance(7).LogNormal(1'000'000, 1'000'000));
}

TEST(Chance, LogNormalHasItsMedianAndSpread) {
  Chance chance(3);
  int below_median = 0;
  int within_sigma = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const int64_t value = chance.LogNormal(1'000'000, 1'000'000);
    below_median += value < 1'000'000 ? 1 : 0;
    within_sigma += value > 367'879 && value < 2'718'282 ? 1 : 0;
  }
  EXPECT_NEAR(below_median, kDraws / 2, kDraws / 100);
  EXPECT_NEAR(within_sigma, kDraws * 0.6827, kDraws / 100);
}

class InstanceTest : public testing::Test {
 protected:
  static const round_files::RoundInput& Instance() {
    static const auto* const instance = new round_files::RoundInput(*Generate(ShapeOfScale(10'000, 1)));
    return *instance;
  }
};

TEST_F(InstanceTest, HasItsShapeAndIsValid) {
  const matching::RoundBook& book = Instance().book;
  EXPECT_TRUE(matching::ValidateRound(book, Instance().policy).ok());
  EXPECT_EQ(book.listings.size(), 3'000);
  EXPECT_EQ(book.institutions.size(), 7'000);
  EXPECT_NEAR(static_cast<double>(book.orders.size()), 14'000, 300);
  EXPECT_EQ(book.commodities.size(), 200);
  EXPECT_GT(book.counties.size(), 2'500);
  const auto refused = Generate({.listings = 0, .institutions = 1, .suppliers = 1, .region = "99"});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(InstanceTest, DependsOnTheSeedAlone) {
  const auto again = Generate(ShapeOfScale(10'000, 1));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->book.listings, Instance().book.listings);
  EXPECT_EQ(again->book.orders, Instance().book.orders);
  const auto other = Generate(ShapeOfScale(10'000, 2));
  ASSERT_TRUE(other.ok());
  EXPECT_NE(other->book.listings, Instance().book.listings);
}

TEST_F(InstanceTest, IdsStandInByteOrder) {
  for (const round_files::IdTable* table :
       {&Instance().ids.listings, &Instance().ids.orders, &Instance().ids.institutions, &Instance().ids.commodities,
        &Instance().ids.counties}) {
    for (size_t i = 1; i < table->size(); ++i) ASSERT_LT((*table)[i - 1], (*table)[i]);
  }
}

TEST_F(InstanceTest, ServedOneByOneIsAllowedAndTheBestFirstIsWorthMore) {
  const round_files::RoundInput& round = Instance();
  Fairness best;
  Fairness nearest;
  for (const auto& [preference, fairness] :
       {std::pair(Preference::kBestWelfare, &best), std::pair(Preference::kNearest, &nearest)}) {
    const auto contracts = ServeOneByOne(round.book, round.policy, preference);
    const auto check = matching::CheckContracts(round.book, round.policy, contracts);
    EXPECT_EQ(check.fault_count, 0) << check.ToStatus();
    EXPECT_GT(contracts.size(), 5'000);
    *fairness = MeasureFairness(round, contracts);
    EXPECT_GT(fairness->villages_served, fairness->villages / 2);
    EXPECT_LE(fairness->villages_served, fairness->villages);
  }
  EXPECT_GT(best.welfare_fen, nearest.welfare_fen);
}

// Two villages of one listing each, 10 units of 100 fen, all of the income linked.
round_files::RoundInput TwoVillages() {
  round_files::RoundInput round;
  round.policy = {.today = 0, .weights = matching::DefaultMatchPolicy()};
  round.book.counties = {{112.5, 37.9}};
  round.book.commodities = {{.reference_price_fen = 100, .reference_base = 1}};
  const matching::RoundListing listing = {
      .units = 10, .unit_price_fen = 100, .last_sale_day = 9, .linkage_ppm = 1'000'000};
  round.book.listings = {listing, listing};
  round.book.institutions = {{.limit_fen = 10'000}};
  round.book.orders = {{.deliver_by_day = 9, .quantity_base = 20, .limit_price_fen = 100}};
  for (const char* village : {"140321105201", "140321105202"}) round.ids.villages.Add(village);
  round.ids.listing_villages = {0, 1};
  return round;
}

TEST(Fairness, GiniIsZeroWhereAllSellTheSameShareAndHalfWhereOneOfTwoSellsAll) {
  const round_files::RoundInput round = TwoVillages();
  const Fairness even = MeasureFairness(round, {{.listing = 0, .units = 4}, {.listing = 1, .units = 4}});
  EXPECT_EQ(even.gini_ppm, 0);
  EXPECT_EQ(even.villages_served, 2);
  EXPECT_EQ(even.sold_fen, 800);
  EXPECT_EQ(even.orders_served_ppm, 1'000'000);
  const Fairness uneven = MeasureFairness(round, {{.listing = 0, .units = 8}});
  EXPECT_EQ(uneven.gini_ppm, 500'000);
  EXPECT_EQ(uneven.villages, 2);
  EXPECT_EQ(uneven.villages_served, 1);
  EXPECT_EQ(uneven.listings_unsold_ppm, 500'000);
}

TEST(Fairness, GoodsOfNoVillageCountForNone) {
  round_files::RoundInput round = TwoVillages();
  round.ids.listing_villages[1] = round_files::kNoVillage;
  const Fairness fairness = MeasureFairness(round, {{.listing = 0, .units = 4}, {.listing = 1, .units = 8}});
  EXPECT_EQ(fairness.villages, 1);
  EXPECT_EQ(fairness.villages_served, 1);
  EXPECT_EQ(fairness.gini_ppm, 0);
  EXPECT_EQ(fairness.sold_fen, 1'200);
}

// No limit at all is the most there is, and twice as much is the same.
TEST(Study, CheatsOfAnyRoundThatCanBeCleared) {
  round_files::RoundInput round = TwoVillages();
  round.book.institutions.front().limit_fen = INT64_MAX;
  round.book.orders.front().limit_price_fen = INT64_MAX;
  const auto tried = TryAttacks(round, 2, 1, 1);
  ASSERT_TRUE(tried.ok()) << tried.status();
  for (const AttackOutcome& outcome : *tried) EXPECT_EQ(outcome.trials, 2) << NameOf(outcome.attack);
  // Twice the stock of the first is worth more than can be counted; that of the second is not.
  round.book.listings.front().units = 9'000'000'000'000'000;
  const auto large = TryAttacks(round, 20, 1, 1);
  ASSERT_TRUE(large.ok()) << large.status();
  const int lies_told = (*large)[static_cast<size_t>(Attack::kInflateStock)].trials;
  EXPECT_GT(lies_told, 0);
  EXPECT_LT(lies_told, 20);
  // Nobody to cheat.
  round.book.listings.clear();
  round.ids.listing_villages.clear();
  const auto none = TryAttacks(round, 2, 1, 1);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->back().trials, 0);
  EXPECT_EQ(none->front().trials, 2);
}

}  // namespace
}  // namespace zhuxiao::offline
