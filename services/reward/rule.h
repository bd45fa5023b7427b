// The yearly reward of a published policy for net sales, computed by the engine of rules (engine/award.h), as offline.
#pragma once

#include <cstdint>

#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

struct Reward {
  int64_t reward_fen = 0;
  v1::RewardReason reason = v1::REWARD_REASON_BELOW_THRESHOLD;
  bool operator==(const Reward&) const = default;
};

// What `policy` pays for net sales of `net_fen`: 0 (BELOW_THRESHOLD) where they are below the threshold, which itself
// earns ("以上" includes the number); else floor(rate * net / 10,000) (RATE), or the cap where that is less (CAP).
// Exact for every int64: the product is taken in 128 bits. Requires a rate of 0 or more and a cap of 0 or more.
Reward ComputeReward(const v1::RewardPolicy& policy, int64_t net_fen);

}  // namespace zhuxiao::reward
