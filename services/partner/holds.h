// The methods of PartnerService as functions; what they do and refuse is in zhuxiao/partner/v1/partner.proto.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/partner/v1/partner.pb.h"

namespace zhuxiao::partner {

// How far ahead a platform may set units aside: longer, and stalled goods spoil in somebody's basket.
inline constexpr absl::Duration kMaxHoldTime = absl::Hours(24 * 7);

// The price of the moment holds for all sales from it: the platform has told it to its customers.
absl::StatusOr<v1::HoldStockResponse> HoldStock(ledger::Operation& operation, const v1::HoldStockRequest& request);

// What the platform owes the supplier for the sale is booked at once. A hold is like a contract that is proposed: units
// are set aside, nothing is sold yet. So of a supplier suspended meanwhile it sells no more than that one could sign.
absl::StatusOr<v1::SellHoldResponse> SellHold(ledger::Operation& operation, const v1::SellHoldRequest& request);

// Units go back to the listing while it is on sale, and off the market after that.
absl::StatusOr<v1::ReleaseHoldResponse> ReleaseHold(ledger::Operation& operation,
                                                    const v1::ReleaseHoldRequest& request);

// A hold is seen by its platform, auditors and operators; to others it is unknown.
absl::StatusOr<v1::GetHoldResponse> GetHold(store::Reader& reader, const base::Caller& caller,
                                            const v1::GetHoldRequest& request);
absl::StatusOr<store::Page<v1::ListHoldsResponse>> ListHolds(store::Reader& reader, const base::Caller& caller,
                                                             const v1::ListHoldsRequest& request,
                                                             const store::PageRequest& page);

}  // namespace zhuxiao::partner
