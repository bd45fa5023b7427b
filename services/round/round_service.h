// The adapter of zhuxiao.matching.v1.MatchingService: clearing rounds.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/order/market.h"
#include "services/rpc/workers.h"

namespace zhuxiao::round {

// Watches, exports, explanations and previews at once. Each costs a thread; most of the time a watch sleeps.
inline constexpr size_t kMaxRoundCalls = 32;

// Previews at once: each computes on two threads.
inline constexpr size_t kMaxPreviews = 1;

// All outlive the service; `workers` are at most kMaxRoundCalls, `previews` at most kMaxPreviews.
std::unique_ptr<rpc::Service> MakeMatchingService(api::Environment& environment, order::Market& market,
                                                  rpc::Workers& workers, rpc::Workers& previews);

}  // namespace zhuxiao::round
