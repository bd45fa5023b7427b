// Filling an order from ranked parts: first in order, then, where that may not be the best, by a bounded search.
// Internal to the matching module.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "services/matching/candidate.h"
#include "services/matching/ranking.h"

namespace zhuxiao::matching {

// Steps of the search after which the best fill found so far stands: about a tenth of a millisecond. An order that
// allows no partial fill has ten times as many, since the alternative is nothing at all.
inline constexpr int64_t kMaxSearchSteps = 2'000;
inline constexpr int64_t kMaxWholeSearchSteps = 20'000;

// What must hold for every fill.
struct FillLimits {
  int64_t base = 0;
  int64_t fen = 0;
  int32_t contracts = 0;
  // The fill is acceptable only if fewer base units than this are left of `base`; none: any fill is.
  std::optional<int64_t> max_left_base;
};

struct Take {
  const Candidate* candidate = nullptr;
  int64_t units = 0;
};

// Takes of distinct candidates, each at least its minimum lot.
struct Fill {
  std::vector<Take> takes;
  int64_t base = 0;
  int64_t fen = 0;
  int64_t welfare_fen = 0;
  bool is_optimal = false;  // no fill of more welfare exists
};

// Takes parts from the ranking, which is of `shelf`, in order. Ignores limits.max_left_base.
Fill FillInOrder(Ranking& ranking, const FillLimits& limits, const Shelf& shelf);

// The best fill found from the parts of `pool` (distinct candidates) within `max_steps`: of more welfare than `start`,
// or `start` itself. With limits.max_left_base, nullopt where neither satisfies it. Depth-first branch and bound with
// Dantzig's bound (1957), on quantity and on money.
std::optional<Fill> SearchFill(const std::vector<const Candidate*>& pool, const FillLimits& limits, const Fill& start,
                               int64_t max_steps);

}  // namespace zhuxiao::matching
