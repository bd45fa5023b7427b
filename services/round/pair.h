// One listing and one order of a round: what a unit is worth between them, and what bars them. The formulas are those
// of matching/welfare.h; clearing and its check have their own.
#pragma once

#include <cstdint>

#include "services/matching/distance.h"
#include "services/matching/match.h"
#include "services/round/round.h"
#include "services/round_files/read_round.h"

namespace zhuxiao::round {

struct Pair {
  // What bars the pair, whatever else is traded, the first in this order: NO_COUNTERPART (another commodity),
  // ARRIVES_TOO_LATE, TOO_LITTLE_LIFE, PRICE_ABOVE_LIMIT; UNSPECIFIED where it is possible. Days come before the price:
  // a price is the easier one to change, and that alone would help nobody.
  v1::RoundReason bar = v1::ROUND_REASON_UNSPECIFIED;
  matching::MatchReason reason;  // of one unit; bonus_units and total_fen are 0
};

// Requires positions inside the round's tables, and the distances of its counties.
Pair PairOf(const round_files::RoundInput& input, const matching::DistanceTable& distances, uint32_t listing,
            uint32_t order);

// The same of rows that may differ from the round's.
Pair PairOf(const round_files::RoundInput& input, const matching::DistanceTable& distances,
            const matching::RoundListing& listing, const matching::RoundOrder& order);

// floor(units * tranche_ppm / 10^6): how many units of a listing carry the bonus.
int64_t FirstTrancheUnits(const round_files::RoundInput& input, const matching::RoundListing& listing);

}  // namespace zhuxiao::round
