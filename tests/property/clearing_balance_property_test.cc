// Balancing: the pairs it looks at are those that matter, and its prices prove more than an auction's.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "services/base/geo.h"
#include "services/matching/clearing/auction.h"
#include "services/matching/clearing/balance.h"
#include "services/matching/clearing/pairs.h"
#include "services/matching/clearing/proof.h"
#include "services/matching/clearing/purses.h"
#include "services/matching/clearing/sample.h"
#include "services/matching/clearing/watch.h"
#include "tests/property/clearing_fixture.h"

namespace zhuxiao::matching {
namespace {

using clearing::Buyer;
using clearing::Lot;
using clearing::Market;

class ClearingBalance : public ClearingProperty {
 protected:
  struct Priced {
    std::vector<Market> markets;
    std::vector<double> money;
  };

  // As an auction in coarse steps leaves them.
  Priced Auctioned(const RoundBook& book, const clearing::Roads& roads) {
    Priced priced{FreeMarkets(book, policy_, roads), std::vector<double>(book.institutions.size())};
    const clearing::Purses purses(book, priced.markets);
    clearing::ShareLimits(book, purses, clearing::Sample(), priced.markets, roads, 1, priced.money);
    for (Market& market : priced.markets) {
      clearing::Auction(market, roads, watch_).Run(0.04f, 0, clearing::Sample());
    }
    clearing::ProveMoney(book, purses, priced.markets, roads, 1, priced.money);
    return priced;
  }

  void Balance(const RoundBook& book, const clearing::Roads& roads, const clearing::BalanceOptions& options,
               Priced& priced) {
    const clearing::Purses purses(book, priced.markets);
    clearing::Balance(book, purses, roads, options, watch_, priced.markets, priced.money);
  }

  int64_t BoundOf(const RoundBook& book, const clearing::Roads& roads, const Priced& priced) {
    const RoundPrices prices = clearing::PricesOf(book, policy_, priced.markets, priced.money);
    return *clearing::BoundFen(book, policy_, priced.markets, roads, prices, 1);
  }

  const ClearOptions options_ = {};
  clearing::Watch watch_{options_};
};

// What a base unit of the lot is worth to the buyer at a price of nothing; nullopt where it can have none of it.
std::optional<float> WorthOf(const Market& market, const clearing::Roads& roads, const Buyer& buyer, uint32_t at,
                             bool ignores_lots) {
  const Lot& lot = market.lots[at];
  const clearing::Stock& stock = market.stocks[at];
  const int64_t km = roads.Km(market.cells[stock.cell].county, market.groups[buyer.group].county);
  const int64_t days = base::TransitDays(km);
  if (lot.price_rank > buyer.price_rank || days > lot.slack_days || lot.ready_days + days > buyer.days ||
      (!ignores_lots && lot.min_base > buyer.quantity_base)) {
    return std::nullopt;
  }
  const clearing::LotClass& lot_class = market.lot_classes[stock.lot_class];
  const auto toll = static_cast<float>(static_cast<double>(market.TollFen(km, stock.unit_base)) * lot_class.per_fen);
  return stock.gross + market.GapWorth(lot_class, buyer.gap_ppm) - toll;
}

// Against a look at every pair.
TEST_F(ClearingBalance, PairsAreWhatIsNearlyBestAndWhoWouldBeNext) {
  constexpr float kReach = 0.05f;
  constexpr float kRounding = 1e-4f;
  size_t paired = 0;
  size_t left_out = 0;
  for (int round = 0; round < 40; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const RoundBook book = MakeSmallRound(random_, {.listings = 40, .institutions = 10, .orders = 150});
    const clearing::Roads roads(book.counties, {0, 1, 2, 3}, 1);
    const Priced priced = Auctioned(book, roads);
    const bool ignores_lots = round % 2 == 0;
    for (const Market& market : priced.markets) {
      const clearing::Pairs pairs(market, roads, priced.money, kReach, ignores_lots);
      std::vector<size_t> buyers_of(market.stocks.size());
      std::vector<size_t> possible_of(market.stocks.size());
      for (uint32_t index = 0; index < market.buyers.size(); ++index) {
        const Buyer& buyer = market.buyers[index];
        std::map<uint32_t, float> found;
        for (size_t i = 0; i < pairs.LotsOf(index).size(); ++i) {
          found[pairs.LotsOf(index)[i]] = pairs.WorthOf(index)[i];
          ++buyers_of[pairs.LotsOf(index)[i]];
        }
        std::map<uint32_t, float> net;
        float best = 0;
        for (uint32_t lot = 0; lot < market.stocks.size(); ++lot) {
          const auto worth = WorthOf(market, roads, buyer, lot, ignores_lots);
          ASSERT_TRUE(worth || !found.contains(lot)) << "an impossible pair";
          if (!worth) continue;
          if (found.contains(lot)) ASSERT_NEAR(found[lot], *worth, kRounding);
          net[lot] = *worth - market.stocks[lot].price -
                     market.lots[lot].cost * static_cast<float>(priced.money[buyer.institution]);
          best = std::max(best, net[lot]);
        }
        for (const auto& [lot, worth] : net) {
          if (worth > best - kReach + kRounding) ASSERT_TRUE(found.contains(lot)) << "near the best, and left out";
          if (worth > best - 0.5f + kRounding) ++possible_of[lot];
          left_out += found.contains(lot) ? 0 : 1;
        }
        paired += found.size();
      }
      // 40 is more than a market of so few orders has to choose from, most of the time.
      for (uint32_t lot = 0; lot < market.stocks.size(); ++lot) {
        ASSERT_GE(buyers_of[lot], std::min<size_t>(40, possible_of[lot])) << "a lot with too few to want it next";
      }
    }
  }
  EXPECT_GT(paired, 1'000u);
  EXPECT_GT(left_out, 100u) << "nothing was there to leave out";
}

TEST_F(ClearingBalance, BalancedPricesProveMore) {
  double auction_fen = 0;
  double balanced_fen = 0;
  double found_fen = 0;
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const RoundBook book = MakeSmallRound(random_, {.listings = 60, .institutions = 30, .orders = 150});
    const clearing::Roads roads(book.counties, {0, 1, 2, 3}, 1);
    Priced priced = Auctioned(book, roads);
    const int64_t before_fen = BoundOf(book, roads, priced);
    Balance(book, roads, {.cooling = clearing::kWideCooling, .ignores_lots = true}, priced);
    const int64_t after_fen = BoundOf(book, roads, priced);
    const Clearing cleared = ClearAndCheck(book);
    ASSERT_GE(after_fen, cleared.welfare_fen) << "weak duality";
    auction_fen += static_cast<double>(before_fen);
    balanced_fen += static_cast<double>(after_fen);
    found_fen += static_cast<double>(cleared.welfare_fen);
  }
  EXPECT_LT(balanced_fen - found_fen, 0.6 * (auction_fen - found_fen));
}

TEST_F(ClearingBalance, ThreadsChangeNothing) {
  // So many pairs that more than one thread has something to do.
  const clearing::Cooling cooling = {.hottest = 0.1f, .factor = 0.8f, .rounds = 8, .reach = 1};
  for (int round = 0; round < 5; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const RoundBook book = MakeSmallRound(random_, {.listings = 2'000, .institutions = 100, .orders = 3'000});
    const clearing::Roads roads(book.counties, {0, 1, 2, 3}, 1);
    Priced by_one = Auctioned(book, roads);
    Priced by_three = by_one;
    Balance(book, roads, {.cooling = cooling, .threads = 1}, by_one);
    Balance(book, roads, {.cooling = cooling, .threads = 3}, by_three);
    EXPECT_EQ(by_one.money, by_three.money);
    for (size_t i = 0; i < by_one.markets.size(); ++i) {
      for (size_t lot = 0; lot < by_one.markets[i].stocks.size(); ++lot) {
        ASSERT_EQ(by_one.markets[i].stocks[lot].price, by_three.markets[i].stocks[lot].price);
      }
    }
  }
}

// Five units at half the price of the five others are worth as much, and there is money for those and two more. It
// proves so only with a price of the cheap ones and a value of money at once: either by itself leaves a sixth.
TEST_F(ClearingBalance, MoneyAndPricesAreProvedTogether) {
  RoundBook book = TwoListings();
  book.listings[1] = book.listings[0];
  for (RoundListing& listing : book.listings) listing.units = 5;
  book.listings[1].unit_price_fen = 450;
  book.orders[0].quantity_base = 10'000;
  book.institutions[0].limit_fen = 5 * 450 + 2 * 900;
  const Clearing clearing = ClearAndCheck(book);
  EXPECT_LE(clearing.GapPpm(), 20'000) << clearing.welfare_fen << " of " << clearing.bound_fen;
}

}  // namespace
}  // namespace zhuxiao::matching
