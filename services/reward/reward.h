// What other modules read of rewards: every sale, claim, policy and waived fee, for exports and audits.
// The methods of RewardService stand in policies.h, dry_run.h, sales.h, statements.h, claims.h and waivers.h.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// Calls `visit` with every online sale, ordered by claimant, year, platform and order number, until it answers an
// error.
absl::Status ForEachSale(store::Reader& reader, const std::function<absl::Status(const v1::OnlineSale&)>& visit);

// Calls `visit` with every claim, ordered by id, until it answers an error.
absl::Status ForEachClaim(store::Reader& reader, const std::function<absl::Status(const v1::Claim&)>& visit);

// Calls `visit` with every version of every policy, in any state, ordered by id and version, until it answers an error.
absl::Status ForEachPolicy(store::Reader& reader, const std::function<absl::Status(const v1::RewardPolicy&)>& visit);

// Calls `visit` with every waived fee, ordered by firm and id, until it answers an error.
absl::Status ForEachWaiver(store::Reader& reader, const std::function<absl::Status(const v1::FeeWaiver&)>& visit);

}  // namespace zhuxiao::reward
