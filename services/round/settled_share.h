// What settling made of what a round gave a listing or an order.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "services/round/cleared_round.h"
#include "services/round/round.h"
#include "services/store/store.h"

namespace zhuxiao::round {

// Adds to an explanation what became of the lines at `numbers` of a round: units of them, or with `is_in_base` base
// units; those that shrank; and the reason, where most of what is lacking was lost there.
absl::Status TellSettled(store::Reader& reader, const v1::Round& round, const std::vector<int64_t>& numbers,
                         bool is_in_base, v1::ExplainRoundResponse& response);

}  // namespace zhuxiao::round
