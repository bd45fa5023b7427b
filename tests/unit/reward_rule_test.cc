// The rule of the yearly reward against amounts worked out by hand.
#include "services/reward/rule.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace zhuxiao::reward {
namespace {

struct Case {
  const char* name;
  int64_t net_fen;
  int64_t rate_basis_points;
  int64_t reward_fen;
  v1::RewardReason reason;
};

// Threshold 10,000,000.00 yuan, cap 500,000.00 yuan.
constexpr Case kCases[] = {
    {"one fen below the cliff", 999'999'999, 500, 0, v1::REWARD_REASON_BELOW_THRESHOLD},
    {"at the cliff the rate makes exactly the cap", 1'000'000'000, 500, 50'000'000, v1::REWARD_REASON_RATE},
    {"at the cliff with three percent", 1'000'000'000, 300, 30'000'000, v1::REWARD_REASON_RATE},
    {"above the cliff the cap holds", 1'000'000'001, 501, 50'000'000, v1::REWARD_REASON_CAP},
    {"a fraction of a fen is dropped", 1'000'000'033, 300, 30'000'000, v1::REWARD_REASON_RATE},
    {"the first whole fen more", 1'000'000'034, 300, 30'000'001, v1::REWARD_REASON_RATE},
    {"a whole reward below the cap", 1'666'666'666, 300, 49'999'999, v1::REWARD_REASON_RATE},
    {"nothing sold", 0, 500, 0, v1::REWARD_REASON_BELOW_THRESHOLD},
    {"the largest sum there is", INT64_MAX, 10'000, 50'000'000, v1::REWARD_REASON_CAP},
};

TEST(RewardRuleTest, PaysWhatTheExamplesSay) {
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.name);
    v1::RewardPolicy policy;
    policy.mutable_threshold()->set_amount_fen(1'000'000'000);
    policy.mutable_cap()->set_amount_fen(50'000'000);
    policy.set_rate_basis_points(test.rate_basis_points);
    const Reward reward = ComputeReward(policy, test.net_fen);
    EXPECT_EQ(reward.reward_fen, test.reward_fen);
    EXPECT_EQ(reward.reason, test.reason);
  }
}

TEST(RewardRuleTest, WithoutThresholdOneFenEarnsAtTheFullRate) {
  v1::RewardPolicy policy;
  policy.mutable_cap()->set_amount_fen(1'000);
  policy.set_rate_basis_points(10'000);
  EXPECT_EQ(ComputeReward(policy, 1), (Reward{1, v1::REWARD_REASON_RATE}));
  policy.set_rate_basis_points(9'999);
  EXPECT_EQ(ComputeReward(policy, 1), (Reward{0, v1::REWARD_REASON_RATE}));
}

}  // namespace
}  // namespace zhuxiao::reward
