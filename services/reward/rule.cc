// The rule of the yearly reward: the published policy put into the terms of the engine, which computes.
#include "services/reward/rule.h"

#include "services/reward/engine/award.h"

namespace zhuxiao::reward {
namespace {

engine::Policy InTermsOfTheEngine(const v1::RewardPolicy& policy) {
  engine::Policy result;
  result.least_amount = engine::Threshold{policy.threshold().amount_fen(), /*is_inclusive=*/true};
  result.grant = {.kind = engine::GrantKind::kRate,
                  .rate_basis_points = policy.rate_basis_points(),
                  .cap_fen = policy.cap().amount_fen()};
  return result;
}

v1::RewardReason ReasonOf(engine::AwardReason reason) {
  switch (reason) {
    case engine::AwardReason::kRate:
      return v1::REWARD_REASON_RATE;
    case engine::AwardReason::kCap:
      return v1::REWARD_REASON_CAP;
    default:
      // A rate with a threshold and a cap knows no other.
      return v1::REWARD_REASON_BELOW_THRESHOLD;
  }
}

}  // namespace

Reward ComputeReward(const v1::RewardPolicy& policy, int64_t net_fen) {
  // Never an error: with a cap there is no sum that does not fit.
  const engine::Award award = *engine::AwardOne(InTermsOfTheEngine(policy), {.counted_fen = net_fen});
  return {award.reward_fen, ReasonOf(award.reason)};
}

}  // namespace zhuxiao::reward
