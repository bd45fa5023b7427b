// Checks and look-ups of the matching policy.
#include "services/matching/policy.h"

#include <algorithm>

#include "services/base/errors.h"
#include "services/base/money.h"

namespace zhuxiao::matching {

absl::Status Validate(const MatchPolicy& policy) {
  base::FieldErrors errors;
  const auto weight = [](int64_t ppm) { return ppm >= 0 && ppm <= kMaxWeightPpm; };
  errors.Require(!policy.version.empty(), "policy.version", "must not be empty");
  errors.Require(!policy.urgency.empty() && policy.urgency.size() <= kMaxPolicyRows, "policy.urgency",
                 "must have 1 to 32 rows");
  for (size_t i = 0; i < policy.urgency.size(); ++i) {
    if (!weight(policy.urgency[i].ppm) || (i > 0 && policy.urgency[i].days <= policy.urgency[i - 1].days)) {
      errors.Add("policy.urgency", "weights must be 0 to 10000000 ppm, and days must ascend");
      break;
    }
  }
  errors.Require(!policy.stall_ppm.empty() && policy.stall_ppm.size() <= kMaxPolicyRows &&
                     std::all_of(policy.stall_ppm.begin(), policy.stall_ppm.end(), weight),
                 "policy.stall_ppm", "must have 1 to 32 levels of 0 to 10000000 ppm");
  errors.Require(weight(policy.linkage_weight_ppm), "policy.linkage_weight_ppm", "must be 0 to 10000000");
  errors.Require(weight(policy.gap_weight_ppm), "policy.gap_weight_ppm", "must be 0 to 10000000");
  errors.Require(policy.tranche_ppm >= 0 && policy.tranche_ppm <= base::kPpm, "policy.tranche_ppm",
                 "must be 0 to 1000000");
  errors.Require(weight(policy.tranche_bonus_ppm), "policy.tranche_bonus_ppm", "must be 0 to 10000000");
  errors.Require(policy.reserve_ppm >= 0 && policy.reserve_ppm <= base::kPpm, "policy.reserve_ppm",
                 "must be 0 to 1000000");
  errors.Require(policy.reserve_days >= 0 && policy.reserve_days <= kMaxReserveDays, "policy.reserve_days",
                 "must be 0 to 30");
  return errors.ToStatus();
}

MatchPolicy DefaultMatchPolicy() {
  return {.version = "2020-default-2",
          .urgency = {{2, 1'000'000}, {5, 800'000}, {10, 600'000}, {20, 450'000}, {60, 350'000}, {61, 300'000}},
          .stall_ppm = {0, 100'000, 150'000, 200'000, 250'000, 300'000},
          .linkage_weight_ppm = 200'000,
          .gap_weight_ppm = 200'000,
          .tranche_ppm = 100'000,
          .tranche_bonus_ppm = 600'000,
          .reserve_ppm = 850'000,
          .reserve_days = 1};
}

int64_t UrgencyPpm(const MatchPolicy& policy, int64_t days_left) {
  for (const UrgencyRow& row : policy.urgency) {
    if (days_left <= row.days) return row.ppm;
  }
  return policy.urgency.back().ppm;
}

int64_t StallPpm(const MatchPolicy& policy, uint32_t stall_level) {
  return policy.stall_ppm[std::min<size_t>(stall_level, policy.stall_ppm.size() - 1)];
}

}  // namespace zhuxiao::matching
