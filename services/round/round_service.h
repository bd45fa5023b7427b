// The adapter of zhuxiao.matching.v1.MatchingService: clearing rounds.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/order/market.h"
#include "services/rpc/workers.h"

namespace zhuxiao::round {

// Exports and explanations at once; each costs a thread. Watches, which last long, have threads of their own
// (watching.h).
inline constexpr size_t kMaxRoundCalls = 32;

// Previews at once: each computes on two threads.
inline constexpr size_t kMaxPreviews = 1;

// The threads of long calls, by kind, so that no kind waits for another: at most kMaxRoundCalls, kMaxWatches and
// kMaxPreviews.
struct RoundWorkers {
  rpc::Workers& calls;
  rpc::Workers& watches;
  rpc::Workers& previews;
};

// All outlive the service.
std::unique_ptr<rpc::Service> MakeMatchingService(api::Environment& environment, order::Market& market,
                                                  const RoundWorkers& workers);

}  // namespace zhuxiao::round
