// Puts rewards behind zhuxiao.reward.v1.RewardService. It holds no rules.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/reward/record/signing_key.h"
#include "services/rpc/service.h"
#include "services/rpc/workers.h"

namespace zhuxiao::reward {

// Environment and workers, which make the files, outlive the service. `key` signs records of claims; null where there
// is none.
std::unique_ptr<rpc::Service> MakeRewardService(api::Environment& environment, rpc::Workers& workers,
                                                std::shared_ptr<const record::SigningKey> key);

}  // namespace zhuxiao::reward
