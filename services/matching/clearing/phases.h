// Which auctions a round holds, by its size. Clear.cc holds them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

#include "services/matching/clear.h"
#include "services/matching/round_book.h"

namespace zhuxiao::matching::clearing {

// One auction: orders bid up in steps of `step`, from prices `drop` below those of the auction before. Both are shares
// of the reference value. Held with a sample of so many times ClearOptions::coarse_orders, or with all orders (0).
struct Phase {
  float step = 0;
  float drop = 0;
  size_t sample_multiple = 0;
  bool ignores_lots = false;
};

// A step a quarter of the one before, and prices lowered by one old step: four auctions come as near as seven that
// halve the step, with three quarters of the bids. The last decides the stage's allocation and bound, so it starts from
// twice as low: a drop of less leaves goods unsold wherever the old prices were too high by more.
// The coarse ones need not be held with all orders.
inline constexpr Phase kFirst[] = {{0.16f, 0, 1}, {0.04f, 0.16f, 4}, {0.01f, 0.04f}, {0.0025f, 0.02f}};

// What each further stage adds. Where little is sold some of its contracts may be better, or its bound.
inline constexpr Phase kFurther[] = {{0.00125f, 0.01f}, {0.0006f, 0.005f}};

// In a hurry prices begin at levels (level.h), or are an earlier round's. Some stay too high from there, so that this
// is no way to begin where there is time; but one auction in these steps has 98 % of a nation's welfare, and those
// levels prove a bound 2 % above the best.
inline constexpr Phase kHurried[] = {{0.04f, 0.05f}, {0.01f, 0.04f}, {0.0025f, 0.02f}};

// An auction for the bound alone, after the contracts are made. The certificate knows no least lots: it believes that
// orders too small for a lot would buy some of it at the prices without them, which costs up to a thousandth.
inline constexpr Phase kProving = {0.0006f, 0.005f, 0, true};
// Where prices are balanced afterwards, an auction only brings them into reach.
inline constexpr Phase kProvingRoughly = {0.0025f, 0.0025f, 0, true};

// Held at balanced prices (balance.h), where what is asked for is what there is: steps so small from elsewhere leave
// more unsold at a price than they gain.
inline constexpr Phase kBalanced = {0.001f, 0.002f};

// Rounds of so many orders at most. The smallest have two further stages. A province has none, since its resale and the
// exchange of contracts find as much from the first; both have their prices balanced. A tenth of a nation has one
// further stage and an auction for the bound, and no exchange: balancing takes it as long as all else, for a sixth of
// its gap. A nation has time for none of these.
inline constexpr size_t kSmallOrders = 30'000;
inline constexpr size_t kProvinceOrders = 100'000;
inline constexpr size_t kTenthOrders = 300'000;

// Started from an earlier round's prices, only the last of the auctions is held: those prices are within a few steps
// already. Of a nation it is in coarser steps, with which that auction takes a third of the time, for the same welfare
// and a bound 0.15 % worse.
inline constexpr Phase kWarm[] = {{0.0025f, 0.02f}};
inline constexpr Phase kWarmOfNation[] = {{0.006f, 0.02f}};

// Where goods are new since then, they first find a price among the others at theirs. Left to begin at nothing in the
// only auction, with limits shared as if they were for nothing, a tenth of the goods cost 1.3 % of a nation's welfare.
// Other prices are taken back as they were, unless they rose by more than a step: then the market has moved.
inline constexpr Phase kWarmNew = {0.02f, 0, 4};

// A first stage that ends with a larger gap did not begin near its prices: those were out of date, or of other goods.
inline constexpr int64_t kStaleGapPpm = 20'000;

// After the bound is certified prices need prove nothing any more: goods left over come down by these drops one after
// the other, and whoever lacks goods bids again.
inline constexpr Phase kClosing[] = {{0.01f, 0.02f}, {0.01f, 0.05f}, {0.01f, 0.1f}, {0.01f, 0.3f}};

// With more pairs of an order and a listing of its commodity an exchange chooses among the best by price: a look at
// each pair costs more than it brings. A county has some 20,000 pairs.
inline constexpr int64_t kMostPairs = 400'000;

// Of an order and a listing of its commodity.
inline int64_t PairsOf(const RoundBook& book) {
  std::vector<int64_t> listings(book.commodities.size());
  for (const RoundListing& listing : book.listings) ++listings[listing.commodity];
  int64_t pairs = 0;
  for (const RoundOrder& order : book.orders) pairs += listings[order.commodity];
  return pairs;
}

// How many of kFurther a round has.
inline size_t FurtherStages(size_t orders) {
  if (orders <= kSmallOrders) return std::size(kFurther);
  return orders > kProvinceOrders && orders <= kTenthOrders ? 1 : 0;
}

// Asked for a target gap, a tenth of a nation takes the time.
inline bool HasBalance(const ClearOptions& options, size_t orders) {
  return orders <= (options.target_gap_ppm > 0 ? kTenthOrders : kProvinceOrders);
}

}  // namespace zhuxiao::matching::clearing
