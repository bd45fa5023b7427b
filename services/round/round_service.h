// The adapter of zhuxiao.matching.v1.MatchingService: clearing rounds.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/rpc/workers.h"

namespace zhuxiao::round {

// Watches, exports and explanations at once. Each costs a thread; most of the time a watch sleeps.
inline constexpr size_t kMaxRoundCalls = 32;

// `environment` and `workers`, of at most kMaxRoundCalls, outlive the service.
std::unique_ptr<rpc::Service> MakeMatchingService(api::Environment& environment, rpc::Workers& workers);

}  // namespace zhuxiao::round
