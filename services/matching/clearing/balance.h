// Brings prices nearer to those that prove the least bound, from where an auction left them.
#pragma once

#include <vector>

#include "services/matching/clearing/market.h"
#include "services/matching/clearing/purses.h"
#include "services/matching/clearing/roads.h"
#include "services/matching/clearing/watch.h"

namespace zhuxiao::matching::clearing {

// Heat is a share of the reference value: lots worth so much less to an order are given a third as much of it as its
// best.
struct Cooling {
  float hottest = 0;
  float factor = 1;  // a round
  int rounds = 0;
  // Which pairs are looked at (pairs.h), and so how far prices may go.
  float reach = 0;
};

// From about the step of the auction before, since hotter, more is forgotten of what that found, to a twentieth of it,
// and to a seventieth: a province's bound falls by 0.05 and by 0.075 %; more rounds to the lesser heat bring it less
// than that. A reach of 0.006 has half as many pairs again, for 0.002 %.
inline constexpr Cooling kQuickCooling = {.hottest = 0.002f, .factor = 0.9705f, .rounds = 100, .reach = 0.004f};
inline constexpr Cooling kThoroughCooling = {.hottest = 0.002f, .factor = 0.9861f, .rounds = 300, .reach = 0.004f};
// Of rounds so small that all pairs can be looked at: an auction of few orders ends anywhere.
inline constexpr Cooling kWideCooling = {.hottest = 0.1f, .factor = 0.9773f, .rounds = 300, .reach = 1};

struct BalanceOptions {
  Cooling cooling;
  // Counts pairs below least contracts too, as the bound does. Without, the prices are for making contracts by.
  bool ignores_lots = false;
  int threads = 1;
};

// Moves the markets' prices, and the values of money of institutions whose limits are scarce, until what is asked for
// is what there is: an order spreads its quantity over the lots nearly best to it, the more evenly the hotter, and each
// lot asked for too much grows dearer, the others cheaper; then everything is cooled down. That is the dual of the
// round's linear program with an entropy added to its objective (Cuturi 2013, Sinkhorn distances), solved by coordinate
// steps while the weight of the entropy falls (Schmitzer 2019, stabilised scaling). An auction's prices are each up to
// its step from there, in a direction of its own, which is most of its bound's gap. The same for any number of threads.
// Ends early, at prices that are as good as any to go on from, when the watch says so. Requires prices of an auction.
void Balance(const RoundBook& book, const Purses& purses, const Roads& roads, const BalanceOptions& options,
             Watch& watch, std::vector<Market>& markets, std::vector<double>& money);

}  // namespace zhuxiao::matching::clearing
