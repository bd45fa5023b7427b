// The lines of a cleared round: its contracts as rows that settling takes one after another.
#pragma once

#include <vector>

#include "services/order/market.h"
#include "services/round/round.h"
#include "services/round_files/read_round.h"

namespace zhuxiao::round {

// One line a contract, in their order (by order, then listing), with the terms of its welfare. Of a listing's units
// those of its first lines carry the first-tranche bonus: which of equal units do changes no sum.
std::vector<v1::RoundLine> MakeLines(const round_files::RoundInput& input,
                                     const std::vector<matching::RoundContract>& contracts);

// The USCC, and the year, of an institution's id in a round.
std::string UsccOf(std::string_view institution_id);

}  // namespace zhuxiao::round
