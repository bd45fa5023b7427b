// What organisations are registered with: who represents them, what they can be reached and paid by, what they may
// produce. People stand in it by digest only. Read by the risk signals of rewards.
#pragma once

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/store/store.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::directory {

// Phones, accounts and addresses of one organisation.
inline constexpr int kMaxIdentifiers = 16;
// Commodities one organisation is certified for: more than any co-operative grows.
inline constexpr int kMaxCapacities = 50;

// The methods of DirectoryService; effects and errors as in the proto. An organisation of another region is unknown to
// an officer. The event of a change tells whose registration changed, and no digest.
absl::StatusOr<v1::SetRegistrationResponse> SetRegistration(ledger::Operation& operation,
                                                            const v1::SetRegistrationRequest& request);
absl::StatusOr<v1::GetRegistrationResponse> GetRegistration(store::Reader& reader, const base::Caller& caller,
                                                            const v1::GetRegistrationRequest& request);

}  // namespace zhuxiao::directory
