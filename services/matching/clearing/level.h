// First prices: one level of worth for each commodity.
#pragma once

#include "services/matching/clearing/market.h"

namespace zhuxiao::matching::clearing {

// The one level of worth, a base unit's as a share of the reference value, with which prices bound the welfare best
// where every lot is priced at what it is worth above it, or at nothing, and transport, dates and limits are left out.
// That is a fractional knapsack (Dantzig 1957), and the level the worth of its last goods; below 0 where orders of a
// greater quota gap want all there is. O(n log n) in lots and orders. Requires at least one of each.
float LevelOf(const Market& market);

// Prices every lot so.
void TakeLevelPrices(Market& market);

}  // namespace zhuxiao::matching::clearing
