// Betters contracts by exchanging them. The auction's prices speak of fractions of units: what least lots, whole units
// and orders for all or nothing leave over is much of the worth of a small round, and a thousandth of a province's.
#pragma once

#include "services/matching/clearing/allotment.h"
#include "services/matching/clearing/choices.h"

namespace zhuxiao::matching::clearing {

struct RenewalGoal {
  int64_t enough_fen = 0;  // welfare at which to end
  bool is_target = false;  // asked for by the caller, who waits longer for it
};

// The better of `found` and of what orders would have if served one after the other, as they stand in the book; then
// bettered by ruin and recreate (Schrimpf, Schneider, Stamm-Wilbrandt and Dueck 2000): some orders give everything
// back, are served anew in another order from their choices, and keep it if the welfare is no less. Ends once the goal
// is reached, after so many trials an order, or when the watch says so. Never less than `found`; the same on every
// machine. Requires CheckRange, and roads to every order's county.
Allotment Renew(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads, const Choices& choices,
                Allotment found, const RenewalGoal& goal, Watch& watch);

}  // namespace zhuxiao::matching::clearing
