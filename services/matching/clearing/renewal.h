// Betters the contracts of a small round by exchanging them. The auction's prices speak of fractions of units: where a
// round has few orders, what least lots, whole units and orders for all or nothing leave over is much of its worth.
#pragma once

#include "services/matching/clearing/allotment.h"

namespace zhuxiao::matching::clearing {

// Rounds with more pairs of an order and a listing of its commodity are left as they are: their gap comes from other
// causes, and a look at each pair costs more than it brings. A county has some 20,000 pairs.
inline constexpr int64_t kMostRenewalPairs = 400'000;

struct RenewalGoal {
  int64_t enough_fen = 0;  // welfare at which to end
  bool is_target = false;  // asked for by the caller, who waits longer for it
};

// The better of `found` and of what orders would have if served one after the other, as they stand in the book; then
// bettered by ruin and recreate (Schrimpf, Schneider, Stamm-Wilbrandt and Dueck 2000): some orders give everything
// back, are served anew in another order, and keep it if the welfare is no less. Ends once the goal is reached, after
// so many trials an order, or when the watch says so. Never less than `found`; the same on every machine. Requires
// CheckRange, and roads to every order's county.
Allotment Renew(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads, Allotment found,
                const RenewalGoal& goal, Watch& watch);

}  // namespace zhuxiao::matching::clearing
