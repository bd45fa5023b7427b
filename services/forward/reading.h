// What callers may read of forward contracts: either side its own, an officer those of the own region; auditors and
// operators all.
#pragma once

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/forward/v1/forward_service.pb.h"

namespace zhuxiao::forward {

absl::StatusOr<v1::GetForwardResponse> ReadForward(store::Reader& reader, const base::Caller& caller,
                                                   const v1::GetForwardRequest& request);
absl::StatusOr<store::Page<v1::ListForwardsResponse>> ListForwards(store::Reader& reader, const base::Caller& caller,
                                                                   const v1::ListForwardsRequest& request,
                                                                   const store::PageRequest& page);

}  // namespace zhuxiao::forward
