// What the properties of clearings have in common.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "services/matching/check_clearing.h"
#include "services/matching/clear.h"
#include "services/matching/clearing/market.h"
#include "services/matching/clearing/roads.h"
#include "tests/property/clearing_model.h"
#include "tests/support/seed.h"
#include "tests/support/small_round.h"

namespace zhuxiao::matching {

// Ten units each of fresh and of stalled goods, the latter worth more, and an order for six.
inline RoundBook TwoListings() {
  RoundBook book;
  book.counties = {{112.5, 37.9}, {113.6, 37.8}, {116.4, 39.9}, {121.5, 31.2}};
  book.commodities = {{.reference_price_fen = 1'000, .reference_base = 1'000}};
  const RoundListing fresh = {.units = 10, .unit_base = 1'000, .unit_price_fen = 900, .last_sale_day = 30};
  RoundListing stalled = fresh;
  stalled.stall_level = 4;
  book.listings = {fresh, stalled};
  book.institutions = {{.limit_fen = 100'000}};
  book.orders = {{.deliver_by_day = 20, .quantity_base = 6'000, .limit_price_fen = 1'000, .limit_base = 1'000}};
  return book;
}

// Markets as they stand before any auction: all is for nothing.
inline std::vector<clearing::Market> FreeMarkets(const RoundBook& book, const ClearingPolicy& policy,
                                                 const clearing::Roads& roads) {
  std::vector<clearing::Market> markets = clearing::MakeMarkets(book, policy, 1);
  for (clearing::Market& market : markets) {
    market.MeasureBlocks(roads);
    market.RefreshAll();
  }
  return markets;
}

class ClearingProperty : public testing::Test {
 protected:
  ClearingProperty() : seed_(TestSeed()), random_(seed_) {}

  // Clears and checks; a clearing that breaks a rule fails the test.
  Clearing ClearAndCheck(const RoundBook& book, const ClearOptions& options = {}) {
    const auto clearing = Clear(book, policy_, options);
    EXPECT_TRUE(clearing.ok()) << clearing.status();
    if (!clearing.ok()) return {};
    const ClearingCheck check =
        CheckClearing(book, policy_, clearing->contracts, clearing->prices,
                      {.welfare_fen = clearing->welfare_fen, .bound_fen = clearing->bound_fen}, 1);
    EXPECT_TRUE(check.ToStatus().ok()) << check.ToStatus();
    EXPECT_LE(clearing->welfare_fen, clearing->bound_fen);
    EXPECT_GE(clearing->welfare_fen, 0);
    return *clearing;
  }

  // The greatest welfare lies between what was found and what was proved: so what was found is within the reported gap.
  void ExpectWithinGap(const RoundBook& book) {
    const Clearing clearing = ClearAndCheck(book);
    const int64_t greatest_fen = GreatestWelfareFen(book, policy_);
    ASSERT_LE(clearing.welfare_fen, greatest_fen);
    ASSERT_LE(greatest_fen, clearing.bound_fen);
    found_fen_ += clearing.welfare_fen;
    greatest_fen_ += greatest_fen;
  }

  static void ExpectSame(const Clearing& a, const Clearing& b) {
    EXPECT_EQ(a.contracts, b.contracts);
    EXPECT_EQ(a.prices.first_tranche, b.prices.first_tranche);
    EXPECT_EQ(a.prices.second_tranche, b.prices.second_tranche);
    EXPECT_EQ(a.prices.institution, b.prices.institution);
    EXPECT_EQ(a.welfare_fen, b.welfare_fen);
    EXPECT_EQ(a.bound_fen, b.bound_fen);
  }

  RoundBook Medium() { return MakeSmallRound(random_, {.listings = 60, .institutions = 30, .orders = 120}); }

  const uint64_t seed_;
  std::mt19937_64 random_;
  int64_t found_fen_ = 0;     // of the rounds compared with their optimum
  int64_t greatest_fen_ = 0;  // likewise
  const ClearingPolicy policy_ = SmallRoundPolicy();
  const testing::ScopedTrace trace_{__FILE__, __LINE__, "ZHUXIAO_TEST_SEED=" + std::to_string(seed_)};
};

}  // namespace zhuxiao::matching
