// How a clearing runs: with a sample of the orders at first, and with an end to its time.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include "services/matching/clearing/auction.h"
#include "services/matching/clearing/level.h"
#include "services/matching/clearing/market.h"
#include "services/matching/clearing/proof.h"
#include "services/matching/clearing/purses.h"
#include "services/matching/clearing/roads.h"
#include "services/matching/clearing/sample.h"
#include "services/matching/clearing/watch.h"
#include "tests/property/clearing_fixture.h"

namespace zhuxiao::matching {
namespace {

constexpr int kWarmRounds = 5;
constexpr size_t kSampledOrders = 200;

class ClearingCourse : public ClearingProperty {
 protected:
  // Clears a round cold, then from its own prices after `change` was made to them; adds up the welfare of both.
  template <typename Change>
  void StartWarm(const RoundBook& book, const Change& change) {
    const Clearing cold = ClearAndCheck(book);
    RoundPrices prices = cold.prices;
    change(prices);
    const Clearing warm = ClearAndCheck(book, {.warm_start = &prices, .coarse_orders = kSampledOrders});
    EXPECT_LE(warm.bound_fen, 1.05 * static_cast<double>(cold.bound_fen));
    cold_fen_ += static_cast<double>(cold.welfare_fen);
    warm_fen_ += static_cast<double>(warm.welfare_fen);
  }

  double cold_fen_ = 0;
  double warm_fen_ = 0;
};

int64_t DemandBase(const clearing::Market& market) {
  int64_t demand_base = 0;
  for (const clearing::Buyer& buyer : market.buyers) demand_base += buyer.quantity_base;
  return demand_base;
}

// Large enough that a sample leaves some out, and that no order counts as large by itself; of counties enough that an
// auction looks at the clock on its way.
RoundBook MakeSampledRound(std::mt19937_64& random) {
  RoundBook book;
  while (book.orders.size() < 2'000 || book.institutions.size() < 300 || book.listings.size() < 200) {
    book = MakeSmallRound(random, {.listings = 400, .institutions = 600, .orders = 3'000});
  }
  const auto pick = [&](double least, double most) {
    return std::uniform_real_distribution<double>(least, most)(random);
  };
  book.counties.clear();
  while (book.counties.size() < 100) book.counties.push_back({pick(110, 116), pick(34, 39)});
  for (RoundListing& listing : book.listings) listing.county = random() % book.counties.size();
  for (RoundOrder& order : book.orders) order.county = random() % book.counties.size();
  return book;
}

TEST_F(ClearingCourse, ASampleShowsPricesAsWellAsEverybody) {
  double sampled_fen = 0;
  double sampled_bound_fen = 0;
  double whole_fen = 0;
  double whole_bound_fen = 0;
  for (int round = 0; round < 10; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const RoundBook book = MakeSampledRound(random_);
    const Clearing sampled = ClearAndCheck(book, {.threads = 1, .coarse_orders = kSampledOrders});
    ExpectSame(sampled, ClearAndCheck(book, {.threads = 3, .coarse_orders = kSampledOrders}));
    const Clearing whole = ClearAndCheck(book);
    sampled_fen += static_cast<double>(sampled.welfare_fen);
    sampled_bound_fen += static_cast<double>(sampled.bound_fen);
    whole_fen += static_cast<double>(whole.welfare_fen);
    whole_bound_fen += static_cast<double>(whole.bound_fen);
  }
  EXPECT_NE(sampled_fen, whole_fen) << "nobody was left out";
  EXPECT_GT(sampled_fen, 0.99 * whole_fen);
  EXPECT_LT(sampled_bound_fen, 1.01 * whole_bound_fen);
}

TEST_F(ClearingCourse, ASampleStandsForAll) {
  const RoundBook book = MakeSampledRound(random_);
  std::vector<clearing::Market> markets = clearing::MakeMarkets(book, policy_, 1);
  // The second market's first order asks for more than all others.
  markets[1].buyers[0].quantity_base = DemandBase(markets[1]);
  const clearing::Purses purses(book, markets);
  const clearing::Sample sample(purses, markets, 8);
  EXPECT_EQ(sample.WeightOf(markets[1].buyers[0].institution), 1);
  std::map<int64_t, int> counts;
  for (uint32_t i = 0; i < book.institutions.size(); ++i) ++counts[sample.WeightOf(i)];
  EXPECT_EQ(counts.size(), 3) << "weights are 0, 1 and 8";
  EXPECT_GT(counts[0], counts[8]);
  double weighted_base = 0;
  for (const clearing::Buyer& buyer : markets[0].buyers) {
    weighted_base += static_cast<double>(sample.WeightOf(buyer.institution) * buyer.quantity_base);
  }
  EXPECT_NEAR(weighted_base / static_cast<double>(DemandBase(markets[0])), 1, 0.6);
  const clearing::Sample everybody(purses, markets, 1);
  for (uint32_t i = 0; i < book.institutions.size(); ++i) ASSERT_EQ(everybody.WeightOf(i), 1);
}

TEST_F(ClearingCourse, AnAuctionCutShortGoesOnWithWhoeverWaits) {
  const RoundBook book = MakeSampledRound(random_);
  std::vector<uint32_t> counties(book.counties.size());
  std::iota(counties.begin(), counties.end(), 0);
  const clearing::Roads roads(book.counties, counties, 1);
  const auto hold_auction = [&](bool is_cut) {
    double now = 0;
    const ClearOptions options = {.now_seconds = [&] { return ++now; }};
    clearing::Watch watch(options);
    if (is_cut) watch.SetDeadline(3);
    clearing::Market market = std::move(clearing::MakeMarkets(book, policy_, 1)[0]);
    market.MeasureBlocks(roads);
    clearing::Auction auction(market, roads, watch);
    auction.Run(0.01f, 0, clearing::Sample());
    EXPECT_EQ(watch.is_cut_short(), is_cut);
    watch.Extend();
    if (is_cut) auction.Resume(0.01f);
    int64_t sold = 0;
    for (const clearing::Stock& stock : market.stocks) sold += stock.units - stock.free_units;
    return sold;
  };
  const int64_t whole = hold_auction(false);
  EXPECT_GT(whole, 0);
  EXPECT_NEAR(hold_auction(true), whole, 0.02 * static_cast<double>(whole));
}

// However far it has come: also in the middle of an auction whose orders are for others too.
TEST_F(ClearingCourse, TimeMayBeUpAtAnyLookAtTheClock) {
  constexpr double kLimitSeconds = 1'000;
  constexpr int kLooks = 60;  // of some hundred
  const RoundBook book = MakeSampledRound(random_);
  int looks = 0;
  int looks_left = std::numeric_limits<int>::max();
  const auto look_at_clock = [&] {
    ++looks;
    return looks / kLimitSeconds + (looks > looks_left ? kLimitSeconds : 0);
  };
  const auto clear = [&] {
    looks = 0;
    return ClearAndCheck(book, {.threads = 1,
                                .time_limit_seconds = kLimitSeconds,
                                .now_seconds = look_at_clock,
                                .coarse_orders = kSampledOrders});
  };
  const Clearing whole = clear();
  ASSERT_FALSE(whole.is_cut_short);
  for (int look = 1; look < kLooks; ++look) {
    SCOPED_TRACE(look);
    looks_left = look;
    const Clearing cut = clear();
    EXPECT_GE(cut.bound_fen, whole.welfare_fen);
    EXPECT_TRUE(cut.is_cut_short);
  }
}

TEST_F(ClearingCourse, EarlierPricesMayLackSomeGoods) {
  for (int round = 0; round < kWarmRounds; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    StartWarm(MakeSampledRound(random_), [&](RoundPrices& prices) {
      for (size_t i = 0; i < prices.first_tranche.size(); ++i) {
        if (random_() % 4 == 0) prices.first_tranche[i] = prices.second_tranche[i] = kNoPrice;
      }
    });
  }
  EXPECT_GT(warm_fen_, 0.99 * cold_fen_);
}

TEST_F(ClearingCourse, EarlierPricesMayBeNonsense) {
  for (int round = 0; round < kWarmRounds; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    // More goods than are asked for, so that most have no price.
    const RoundBook book = MakeSmallRound(random_, {.listings = 3'000, .institutions = 100, .orders = 300});
    StartWarm(book, [&](RoundPrices& prices) {
      for (std::vector<int64_t>* of : {&prices.first_tranche, &prices.second_tranche}) {
        for (int64_t& price : *of) price = static_cast<int64_t>(random_() % (1'000'000 * kPriceParts));
      }
    });
  }
  EXPECT_GT(warm_fen_, 0.99 * cold_fen_);
}

// What a bound would come to with prices at a level and neither transport nor dates nor limits.
double BoundAtLevel(const clearing::Market& market, float level) {
  double bound = 0;
  for (const clearing::Stock& stock : market.stocks) {
    bound += static_cast<double>(stock.units * stock.unit_base) * std::max(0.0f, stock.gross - level);
  }
  for (const clearing::Buyer& buyer : market.buyers) {
    const float gap = market.GapWorth(market.lot_classes.front(), buyer.gap_ppm);
    bound += static_cast<double>(buyer.quantity_base) * std::max(0.0f, level + gap);
  }
  return bound;
}

TEST_F(ClearingCourse, LevelsProveTheLeastThatOnePriceOfACommodityCan) {
  for (int round = 0; round < 100; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const RoundBook book = MakeSmallRound(random_, {.listings = 40, .institutions = 10, .orders = 1 + random_() % 80});
    for (clearing::Market& market : clearing::MakeMarkets(book, policy_, 1)) {
      const float level = clearing::LevelOf(market);
      const double taken = BoundAtLevel(market, level) * (1 - 1e-5);
      for (const clearing::Stock& stock : market.stocks) ASSERT_LE(taken, BoundAtLevel(market, stock.gross));
      for (const clearing::Buyer& buyer : market.buyers) {
        ASSERT_LE(taken, BoundAtLevel(market, -market.GapWorth(market.lot_classes.front(), buyer.gap_ppm)));
      }
      clearing::TakeLevelPrices(market);
      for (const clearing::Stock& stock : market.stocks) ASSERT_EQ(stock.price, std::max(0.0f, stock.gross - level));
    }
  }
}

// Also where there is time for hardly more.
TEST_F(ClearingCourse, InAHurryABoundIsProvedAllTheSame) {
  double hurried_bound_fen = 0;
  double best_bound_fen = 0;
  double worth_fen = 0;
  double hurried_fen = 0;
  double found_fen = 0;
  for (int round = 0; round < 5; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const RoundBook book = MakeSmallRound(random_, {.listings = 3'000, .institutions = 100, .orders = 300});
    // Reading takes one look at the clock.
    double now = 0;
    const ClearOptions hurried = {.threads = 1, .time_limit_seconds = 6, .now_seconds = [&] { return now += 0.5; }};
    const Clearing clearing = ClearAndCheck(book, hurried);
    EXPECT_TRUE(clearing.is_cut_short);
    const Clearing whole = ClearAndCheck(book);
    EXPECT_GE(clearing.bound_fen, whole.welfare_fen);
    hurried_bound_fen += static_cast<double>(clearing.bound_fen);
    best_bound_fen += static_cast<double>(whole.bound_fen);
    hurried_fen += static_cast<double>(clearing.welfare_fen);
    found_fen += static_cast<double>(whole.welfare_fen);
    worth_fen += static_cast<double>(clearing::WorthFen(book, policy_));
  }
  EXPECT_GT(worth_fen, 4 * best_bound_fen) << "the worth of all goods is a bound as well";
  EXPECT_LT(hurried_bound_fen, 2 * best_bound_fen);
  EXPECT_GT(hurried_fen, 0.4 * found_fen);
}

// Twenty times its reading is no reason for shortcuts.
TEST_F(ClearingCourse, ASmallRoundWithTimeTakesNoShortcuts) {
  for (int round = 0; round < 5; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const RoundBook book = Medium();
    int looks = 0;
    const auto read_in_a_second = [&] { return looks++ < 3 ? 0.0 : 1.0; };
    const Clearing limited =
        ClearAndCheck(book, {.threads = 1, .time_limit_seconds = 20, .now_seconds = read_in_a_second});
    EXPECT_FALSE(limited.is_cut_short);
    EXPECT_EQ(limited.contracts, ClearAndCheck(book).contracts);
  }
}

// A clock that moves whenever it is looked at: the same course on every machine.
TEST_F(ClearingCourse, ATimeLimitKeepsWhatWasFound) {
  double halfway_fen = 0;
  double whole_fen = 0;
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const RoundBook book = Medium();
    double now = 0;
    const auto clear_within = [&](double seconds) {
      now = 0;
      return ClearAndCheck(book, {.threads = 1, .time_limit_seconds = seconds, .now_seconds = [&] { return ++now; }});
    };
    const Clearing whole = clear_within(0);
    const double needed = now;
    for (const int percent : {1, 5, 20, 50, 80}) {
      SCOPED_TRACE(percent);
      const Clearing limited = clear_within(needed * percent / 100);
      EXPECT_GE(limited.bound_fen, whole.welfare_fen);
      if (percent == 50) halfway_fen += static_cast<double>(limited.welfare_fen);
      if (!limited.is_cut_short) ExpectSame(limited, whole);
    }
    const Clearing unhurried = clear_within(needed * 100);
    EXPECT_FALSE(unhurried.is_cut_short);
    ExpectSame(unhurried, whole);
    whole_fen += static_cast<double>(whole.welfare_fen);
  }
  EXPECT_GT(halfway_fen, 0.6 * whole_fen);
}

}  // namespace
}  // namespace zhuxiao::matching
