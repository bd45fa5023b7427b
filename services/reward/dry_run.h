// What a policy would have paid on the sales of earlier years.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/reward/policies.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// Sales one dry run goes over: it takes about a second. For more there are ExportSales and `zhuxiao reward compute`.
inline constexpr int64_t kMaxDryRunSales = 200'000;
// Statements returned; the sums are over all.
inline constexpr size_t kMaxDryRunStatements = 1'000;
inline constexpr int kMaxYearsBack = 20;

// A version in any state, with its period moved to so many years before. INVALID_FIELDS; NOT_FOUND where there is none
// or the caller is no officer of its jurisdiction.
absl::StatusOr<ReadyPolicy> EarlierPolicy(store::Reader& reader, const base::Caller& caller,
                                          const std::string& policy_id, int version, int years_back);

// The method of RewardService; errors stand in the proto.
absl::StatusOr<v1::DryRunPolicyResponse> DryRunPolicy(store::Reader& reader, const base::Caller& caller,
                                                      const v1::DryRunPolicyRequest& request);

}  // namespace zhuxiao::reward
