// Filling an order from ranked parts: first in order, then, where that may not be the best, by a bounded search.
// Internal to the matching module.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "services/matching/candidate.h"
#include "services/matching/ranking.h"

namespace zhuxiao::matching {

// Steps of the search after which the best fill found so far stands: five to ten microseconds. An order that allows
// no partial fill has more, since the alternative is nothing at all.
inline constexpr int64_t kMaxSearchSteps = 250;
inline constexpr int64_t kMaxWholeSearchSteps = 2'000;

// The search does not look for gains of less than a thousandth: most orders leave a part of a sale unit, and proving
// the last fen of it best would cost more than the match.
inline constexpr int64_t kSearchTolerance = 1'000;

// Taking in order ends with less than a fiftieth of the spending limit left: looking through the whole shelf for
// something that small is not worth it.
inline constexpr int64_t kSpentShare = 50;

// Listings beyond those taken that a search may put in their place, by worth a base unit. With 16 the search spreads
// its steps too thin: the welfare is less, and the match slower (tests/bench/match_bench).
inline constexpr size_t kSearchAlternatives = 8;

// Where money is what is short, as many of each ranking: by worth a base unit, and by worth a fen. With eight of each
// a match takes a quarter longer for a hundred-thousandth of the welfare (tests/bench/reserve_bench).
inline constexpr size_t kSearchAlternativesOfEach = kSearchAlternatives / 2;

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
  int64_t worth_fen = 0;  // welfare less reserves
  int64_t welfare_fen = 0;
  int64_t bound_fen = 0;   // no fill is worth more than this
  bool takes_all = false;  // nothing that could serve the order was passed over

  // What a gain worth looking for exceeds. Measured by the welfare: worth is next to nothing where prices are right.
  int64_t ToleranceFen() const { return welfare_fen / kSearchTolerance; }

  // True where no fill is better by more than the tolerance.
  bool IsGoodEnough() const { return bound_fen - worth_fen <= ToleranceFen(); }
};

// Takes parts from the ranking, which is fresh and of `shelf`, in order; bounds by that order. Ignores
// limits.max_left_base. Narrows the ranking once it has passed over kSearchAlternatives listings.
Fill FillInOrder(Ranking& ranking, const FillLimits& limits, const Shelf& shelf);

// The best fill found from the parts of `pool` (distinct candidates) within `max_steps`: worth more than `start`,
// or `start` itself. Gains below a kSearchTolerance-th of the welfare are not looked for. With limits.max_left_base,
// nullopt where neither satisfies it. Depth-first branch and bound with Dantzig's bound (1957), on quantity and on
// money.
std::optional<Fill> SearchFill(const std::vector<const Candidate*>& pool, const FillLimits& limits, const Fill& start,
                               int64_t max_steps);

}  // namespace zhuxiao::matching
