// Puts rewards behind zhuxiao.reward.v1.RewardService. It holds no rules.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/rpc/service.h"

namespace zhuxiao::reward {

// The environment outlives the service.
std::unique_ptr<rpc::Service> MakeRewardService(api::Environment& environment);

}  // namespace zhuxiao::reward
