// A cleared round in memory: what it decided on and what it decided.
#pragma once

#include <utility>

#include "services/matching/distance.h"
#include "services/round_files/clearing_files.h"
#include "services/round_files/read_round.h"

namespace zhuxiao::round {

// Immutable once its outcome is set. Contracts stand by (order, listing); their positions are the numbers of the lines.
struct ClearedRound {
  explicit ClearedRound(round_files::RoundInput read) : input(std::move(read)), distances(input.book.counties) {}

  const round_files::RoundInput input;
  const matching::DistanceTable distances;
  round_files::Outcome outcome;
};

}  // namespace zhuxiao::round
