// What a round's numbers may come to, and how its days are counted.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "services/matching/clearing/roads.h"
#include "services/matching/round_book.h"

namespace zhuxiao::matching::clearing {

// Days are counted from the first on which any goods can leave, and told apart up to this one, 87 years later: 16 bits
// keep what a search reads of a lot within half a cache line. Goods that leave then, or later, are for nobody: no order
// is due later still.
inline constexpr int64_t kMostReadyDays = 32'000;
// More than the longest road takes.
inline constexpr int64_t kMostRoadDays = 100;

// The day on which the goods can leave.
int64_t LeavesOn(const RoundListing& listing, const ClearingPolicy& policy);
// The first on which any goods can.
int64_t FirstDay(const RoundBook& book, const ClearingPolicy& policy);

// INVALID_ARGUMENT naming what FindRangeFaults (range_faults.h) gives: the first kMaxNamedFaults, and how many there
// are.
absl::Status CheckRange(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads);

}  // namespace zhuxiao::matching::clearing
