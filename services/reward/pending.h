// What platforms reported before its sale and what therefore counts nowhere yet, so that a platform sees which sale it
// has not reported.
#pragma once

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// A page of the refunds of a platform that wait; a row of the page is an order. INVALID_FIELDS where the code is none;
// NOT_FOUND where the platform is unknown or not the caller's to see.
absl::StatusOr<store::Page<v1::ListPendingRefundsResponse>> ListPendingRefunds(
    store::Reader& reader, const base::Caller& caller, const v1::ListPendingRefundsRequest& request,
    const store::PageRequest& page);

// The same of waybills.
absl::StatusOr<store::Page<v1::ListPendingWaybillsResponse>> ListPendingWaybills(
    store::Reader& reader, const base::Caller& caller, const v1::ListPendingWaybillsRequest& request,
    const store::PageRequest& page);

}  // namespace zhuxiao::reward
