// Why an order got what it got when a round was cleared.
#pragma once

#include <cstdint>

#include "services/round/cleared_round.h"
#include "services/round/round.h"

namespace zhuxiao::round {

// All of the answer that clearing decides; what settling did to it is not told. Requires a position in the round.
v1::ExplainRoundResponse ExplainOrder(const ClearedRound& round, uint32_t order);

}  // namespace zhuxiao::round
