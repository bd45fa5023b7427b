// Why a listing got what it got when a round was cleared.
#pragma once

#include <cstdint>

#include "services/round/cleared_round.h"
#include "services/round/round.h"

namespace zhuxiao::round {

// All of the answer that clearing decides; what settling did to it is not told. Requires a position in the round.
v1::ExplainRoundResponse ExplainListing(const ClearedRound& round, uint32_t listing);

}  // namespace zhuxiao::round
