// Linkages: which poor households a supplier's goods benefit. Names of households are personal data: the event never
// carries them, and only the officer of the households' region sees them in full.
#pragma once

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::directory {

// A supplier's linkage names at most this many households: the largest village has about so many, and the row stays
// far below the store's limit.
inline constexpr int kMaxHouseholds = 500;

// The methods of DirectoryService; effects and errors as in the proto.

// Supplier and village must lie in the officer's region. The event carries the linkage without names.
absl::StatusOr<v1::SetLinkageResponse> SetLinkage(ledger::Operation& operation, const v1::SetLinkageRequest& request);

// A supplier reads its own, an officer those of suppliers or households of the own region.
absl::StatusOr<v1::GetLinkageResponse> GetLinkage(store::Reader& reader, const base::Caller& caller,
                                                  const v1::GetLinkageRequest& request);

}  // namespace zhuxiao::directory
