// What becomes of contracts once they are made: goods left over are resold, and contracts exchanged.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "services/matching/clearing/choices.h"
#include "services/matching/clearing/market.h"
#include "services/matching/clearing/renewal.h"
#include "services/matching/clearing/resale.h"
#include "services/matching/clearing/roads.h"
#include "services/matching/clearing/watch.h"
#include "tests/property/clearing_fixture.h"

namespace zhuxiao::matching {
namespace {

class ClearingExchange : public ClearingProperty {
 protected:
  // What became of a clearing's contracts, judged by its prices and bound.
  void ExpectAllowed(const RoundBook& book, const clearing::Allotment& after, const Clearing& cleared) {
    const ClearingCheck check = CheckClearing(book, policy_, after.contracts, cleared.prices,
                                              {.welfare_fen = after.welfare_fen, .bound_fen = cleared.bound_fen}, 1);
    ASSERT_TRUE(check.ToStatus().ok()) << check.ToStatus();
  }
};

// What a resale works on.
struct ResaleFixture {
  ResaleFixture(const RoundBook& round, const ClearingPolicy& round_policy)
      : book(round),
        policy(round_policy),
        roads(round.counties, {0, 1, 2, 3}, 1),
        markets(clearing::MakeMarkets(round, round_policy, 1)),
        purses(round, markets),
        watch(options) {}

  clearing::Allotment Resell(std::vector<RoundContract> contracts, int threads = 1) {
    const int64_t welfare_fen = clearing::WelfareFen(book, policy, roads, contracts);
    return clearing::Resell(book, policy, purses, markets, roads, {std::move(contracts), welfare_fen}, threads, watch);
  }

  const RoundBook& book;
  const ClearingPolicy& policy;
  const clearing::Roads roads;
  std::vector<clearing::Market> markets;
  const clearing::Purses purses;
  const ClearOptions options;
  clearing::Watch watch;
};

// From any contracts that keep the rules, here some of a clearing's, to better ones that do.
TEST_F(ClearingExchange, AResaleKeepsAllRulesAndLosesNothing) {
  int bettered = 0;
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const RoundBook book = Medium();
    const Clearing cleared = ClearAndCheck(book);
    std::vector<RoundContract> some;
    std::map<uint32_t, bool> keeps;  // by order: all its contracts, or none
    for (const RoundContract& contract : cleared.contracts) {
      if (keeps.emplace(contract.order, random_() % 2 == 0).first->second) some.push_back(contract);
    }
    ResaleFixture resale(book, policy_);
    const int64_t before_fen = clearing::WelfareFen(book, policy_, resale.roads, some);
    const clearing::Allotment after = resale.Resell(some);
    ASSERT_GE(after.welfare_fen, before_fen);
    bettered += after.welfare_fen > before_fen ? 1 : 0;
    ASSERT_NO_FATAL_FAILURE(ExpectAllowed(book, after, cleared));
    EXPECT_EQ(resale.Resell(some, 3).contracts, after.contracts);
  }
  EXPECT_GT(bettered, 200);
}

ClearingPolicy WithoutTranches(ClearingPolicy policy) {
  policy.weights.tranche_ppm = 0;
  return policy;
}

TEST_F(ClearingExchange, AResalePutsUnsoldGoodsInPlaceOfLesser) {
  const ClearingPolicy policy = WithoutTranches(policy_);
  RoundBook book = TwoListings();
  const std::vector<RoundContract> better = {{0, 1, 6}};
  EXPECT_EQ(ResaleFixture(book, policy).Resell({{0, 0, 6}}).contracts, better);
  // A lot it can keep none of below: all or nothing of it changes hands.
  book.listings[0].min_lot_units = 5;
  book.listings[1].units = 2;
  const std::vector<RoundContract> as_it_was = {{0, 0, 6}};
  EXPECT_EQ(ResaleFixture(book, policy).Resell({{0, 0, 6}}).contracts,
            (std::vector<RoundContract>{{0, 0, 5}, {0, 1, 1}}));
  book.listings[0].min_lot_units = 6;
  EXPECT_EQ(ResaleFixture(book, policy).Resell({{0, 0, 6}}).contracts, as_it_was);
}

// Nobody new may have less than a lot, but who has one may have more.
TEST_F(ClearingExchange, AResaleOffersWhatIsLessThanALotToWhoHasSome) {
  const ClearingPolicy policy = WithoutTranches(policy_);
  RoundBook book = TwoListings();
  book.listings[1].units = 5;
  book.listings[1].min_lot_units = 4;
  EXPECT_EQ(ResaleFixture(book, policy).Resell({{0, 0, 2}, {0, 1, 4}}).contracts,
            (std::vector<RoundContract>{{0, 0, 1}, {0, 1, 5}}));
  // Another has none, and gets none.
  book.orders.push_back(book.orders[0]);
  const std::vector<RoundContract> as_it_was = {{0, 1, 4}, {1, 0, 6}};
  book.orders[0].quantity_base = 4'000;
  EXPECT_EQ(ResaleFixture(book, policy).Resell(as_it_was).contracts, as_it_was);
}

// What is worth least to an order may be a lot it cannot break; then other goods make room.
TEST_F(ClearingExchange, AResaleTakesWhatAnOrderCanGiveInPlaceOfItsLeast) {
  const ClearingPolicy policy = WithoutTranches(policy_);
  RoundBook book = TwoListings();
  book.listings.push_back(book.listings[1]);
  book.listings[0].stall_level = 2;
  book.listings[1].stall_level = 3;
  book.listings[0].units = book.listings[0].min_lot_units = 3;
  book.listings[1].units = 3;
  book.listings[2].units = 2;
  EXPECT_EQ(ResaleFixture(book, policy).Resell({{0, 0, 3}, {0, 1, 3}}).contracts,
            (std::vector<RoundContract>{{0, 0, 3}, {0, 1, 1}, {0, 2, 2}}));
}

// The better goods first leave a rest that nothing fits: 3 of them and 2 of the others are 3,500 of 4,056.
TEST_F(ClearingExchange, AnOrderForAllOrNothingTakesLessOfTheBestWhereTheRestFitsThen) {
  RoundBook book = TwoListings();
  book.listings[0].units = 5;
  book.listings[0].min_lot_units = 2;
  book.listings[1].units = 3;
  book.listings[1].unit_base = 500;
  book.listings[1].unit_price_fen = 450;
  book.orders[0].quantity_base = 4'056;
  book.orders[0].is_partial_allowed = false;
  EXPECT_EQ(ClearAndCheck(book).contracts, (std::vector<RoundContract>{{0, 0, 3}, {0, 1, 2}}));
}

// Every listing the order may have that is not among its best is worth no more to it than they are.
TEST_F(ClearingExchange, BestChoicesAreTheBestOfAll) {
  size_t left_out = 0;
  for (int round = 0; round < 50; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const RoundBook book = MakeSmallRound(random_, {.listings = 120, .institutions = 10, .orders = 40});
    const clearing::Roads roads(book.counties, {0, 1, 2, 3}, 1);
    const std::vector<clearing::Market> markets = FreeMarkets(book, policy_, roads);
    const std::vector<double> money(book.institutions.size());
    const clearing::Choices all = clearing::AllChoices(book, policy_, roads);
    const clearing::Choices best = clearing::BestChoices(book, policy_, roads, markets, money, 1);
    const clearing::Choices by_three = clearing::BestChoices(book, policy_, roads, markets, money, 3);
    const clearing::Terms terms(book, policy_);
    const auto worth = [&](const clearing::Choice& choice) {
      const RoundListing& listing = book.listings[choice.listing];
      const int64_t bonus_fen = terms.FirstTrancheUnits(listing.units) == 0 ? 0 : terms.BonusFen(listing);
      return static_cast<double>(choice.plain_fen + bonus_fen) / static_cast<double>(listing.unit_base);
    };
    for (uint32_t order = 0; order < book.orders.size(); ++order) {
      std::map<uint32_t, int64_t> among_all;
      for (const auto& [listing, plain_fen] : all.Of(order)) among_all.emplace(listing, plain_fen);
      ASSERT_LE(best.Of(order).size(), clearing::kBestChoices);
      // With room left, only what is worth less than nothing is left out.
      double least = best.Of(order).size() < clearing::kBestChoices ? 0 : std::numeric_limits<double>::infinity();
      for (const clearing::Choice& choice : best.Of(order)) {
        const auto known = among_all.find(choice.listing);
        ASSERT_NE(known, among_all.end()) << "order " << order << " may not have listing " << choice.listing;
        EXPECT_EQ(known->second, choice.plain_fen);
        least = std::min(least, worth(choice));
        among_all.erase(known);
      }
      left_out += among_all.size();
      // The search reckons in single precision.
      const double bar = least + 1e-4 * std::max(1.0, std::abs(least));
      for (const auto& [listing, plain_fen] : among_all) EXPECT_LE(worth({listing, plain_fen}), bar);
      EXPECT_TRUE(std::ranges::equal(best.Of(order), by_three.Of(order), {}, &clearing::Choice::listing,
                                     &clearing::Choice::listing));
    }
  }
  EXPECT_GT(left_out, 1'000) << "no order had to choose";
}

// Whatever orders may choose from: contracts keep the rules and the welfare never falls.
TEST_F(ClearingExchange, ARenewalAmongTheBestChoicesKeepsAllRulesAndLosesNothing) {
  int bettered = 0;
  for (int round = 0; round < 100; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const RoundBook book = Medium();
    const Clearing cleared = ClearAndCheck(book);
    std::vector<RoundContract> some;
    for (const RoundContract& contract : cleared.contracts) {
      if (round % 2 == 0 || contract.order % 2 == 0) some.push_back(contract);
    }
    const clearing::Roads roads(book.counties, {0, 1, 2, 3}, 1);
    const std::vector<clearing::Market> markets = FreeMarkets(book, policy_, roads);
    const std::vector<double> money(book.institutions.size());
    const clearing::Choices choices = clearing::BestChoices(book, policy_, roads, markets, money, 1);
    const ClearOptions options;
    clearing::Watch watch(options);
    const int64_t before_fen = clearing::WelfareFen(book, policy_, roads, some);
    const clearing::Allotment after =
        clearing::Renew(book, policy_, roads, choices, {some, before_fen}, {.enough_fen = cleared.bound_fen}, watch);
    ASSERT_GE(after.welfare_fen, before_fen);
    bettered += after.welfare_fen > before_fen ? 1 : 0;
    ASSERT_NO_FATAL_FAILURE(ExpectAllowed(book, after, cleared));
  }
  EXPECT_GT(bettered, 40);
}

}  // namespace
}  // namespace zhuxiao::matching
