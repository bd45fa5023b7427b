// The check's bound is the dense bound of any prices, and above every allocation.
#include <gtest/gtest.h>

#include <random>

#include "services/matching/check_clearing.h"
#include "tests/property/clearing_model.h"
#include "tests/support/seed.h"
#include "tests/support/small_round.h"

namespace zhuxiao::matching {
namespace {

constexpr int kCheckedRounds = 2'000;

RoundPrices RandomPrices(const RoundBook& book, std::mt19937_64& random) {
  const auto pick = [&](int64_t most) {
    const bool is_zero = random() % 3 == 0;
    return is_zero ? 0 : std::uniform_int_distribution<int64_t>(0, most)(random);
  };
  RoundPrices prices;
  for (size_t i = 0; i < book.listings.size(); ++i) {
    prices.first_tranche.push_back(pick(3'000 * kPriceParts));
    prices.second_tranche.push_back(pick(2'000 * kPriceParts));
  }
  for (size_t k = 0; k < book.institutions.size(); ++k) prices.institution.push_back(pick(kLambdaParts));
  return prices;
}

TEST(CheckClearingProperty, BoundIsTheDenseOneAndAboveEveryAllocation) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(testing::Message() << "ZHUXIAO_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  const ClearingPolicy policy = SmallRoundPolicy();
  int traded = 0;
  for (int round = 0; round < kCheckedRounds; ++round) {
    const RoundBook book = MakeSmallRound(random, {.listings = 4, .institutions = 2, .orders = 5});
    const RoundPrices prices = RandomPrices(book, random);
    const ClearingCheck check = CheckClearing(book, policy, {}, prices, {}, 1);
    const long double dense_fen = DenseBoundFen(book, policy, prices);
    const auto rounded_up = static_cast<long double>(check.bound_fen) - dense_fen;
    ASSERT_TRUE(rounded_up > -1e-6L && rounded_up < 1 + 1e-6L)
        << "round " << round << ": " << check.bound_fen << " and " << static_cast<double>(dense_fen);
    const int64_t greatest_fen = GreatestWelfareFen(book, policy);
    ASSERT_GE(check.bound_fen, greatest_fen) << "round " << round;
    traded += greatest_fen > 0 ? 1 : 0;
  }
  EXPECT_GT(traded, kCheckedRounds / 4) << "the rounds are too poor to show anything";
}

}  // namespace
}  // namespace zhuxiao::matching
