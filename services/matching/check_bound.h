// Recomputes the bound that prices prove. Internal to the check.
#pragma once

#include <optional>
#include <vector>

#include "services/matching/check_terms.h"
#include "services/matching/round_book.h"

namespace zhuxiao::matching::check {

// Parts of a fen the bound is counted in.
inline constexpr int64_t kBoundParts = 1'000'000'000;

// Sum of capacity * price over listings and tranches, limit * price over institutions, and quantity * mu over orders,
// in 1 / kBoundParts fen, each order's term rounded up; mu is the most that a base unit of any listing the order may
// have would still bring at the prices, and at least 0. A tranche without units is no offer. nullopt where the sum
// leaves 128 bits. Requires prices, none negative, for every row, and `figures` for every listing.
std::optional<Wide> BoundOf(const RoundBook& book, const ClearingPolicy& policy,
                            const std::vector<ListingFigures>& figures, const RoundPrices& prices, int threads);

}  // namespace zhuxiao::matching::check
