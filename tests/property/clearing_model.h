// Clearing by definition, for rounds of a few rows: the greatest welfare by trying every allocation, and the bound by
// looking at every pair. Slow and obvious; shares nothing with the product but the data.
#pragma once

#include <cstdint>

#include "services/matching/round_book.h"

namespace zhuxiao::matching {

// The greatest welfare of any allocation. Exponential: for at most a dozen pairs of a few units.
int64_t GreatestWelfareFen(const RoundBook& book, const ClearingPolicy& policy);

// The bound of `prices`, in fen; right to a part in 10^12.
long double DenseBoundFen(const RoundBook& book, const ClearingPolicy& policy, const RoundPrices& prices);

}  // namespace zhuxiao::matching
