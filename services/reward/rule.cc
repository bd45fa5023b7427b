// The rule of the yearly reward.
#include "services/reward/rule.h"

#include <optional>

#include "services/base/money.h"

namespace zhuxiao::reward {

Reward ComputeReward(const v1::RewardPolicy& policy, int64_t net_fen) {
  if (net_fen < policy.threshold().amount_fen()) return {};
  const int64_t cap_fen = policy.cap().amount_fen();
  const std::optional<int64_t> by_rate = base::MulDivFloor(net_fen, policy.rate_basis_points(), base::kBasisPoints);
  // A product beyond int64 is beyond any cap.
  if (!by_rate || *by_rate > cap_fen) return {cap_fen, v1::REWARD_REASON_CAP};
  return {*by_rate, v1::REWARD_REASON_RATE};
}

}  // namespace zhuxiao::reward
