// Suspicions about a claimant's sales, gathered from the store for the signals of a policy. Private to the module.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/reward/policies.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// Lines the signals look at; of a claimant with more they say nothing, and that is told as a flag of its own.
inline constexpr int64_t kMaxSuspectedLines = 100'000;

// The flags of this moment, in the order of the policy's signals; none where the policy has no signals.
absl::StatusOr<std::vector<v1::RiskFlag>> RiskFlagsOf(store::Reader& reader, const std::string& claimant_uscc,
                                                      const ReadyPolicy& policy);

}  // namespace zhuxiao::reward
