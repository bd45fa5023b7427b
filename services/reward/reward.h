// What other modules read of rewards: every sale and every claim, for exports and audits.
// The methods of RewardService stand in policies.h, sales.h, statements.h and claims.h.
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

}  // namespace zhuxiao::reward
