// The methods of ListingService as functions; what they do and refuse is in zhuxiao/listing/v1/listing.proto.
#pragma once

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/listing/v1/listing.pb.h"

namespace zhuxiao::listing {

absl::StatusOr<v1::CreateListingResponse> Create(ledger::Operation& operation, const v1::CreateListingRequest& request);
absl::StatusOr<v1::UpdateListingResponse> Update(ledger::Operation& operation, const v1::UpdateListingRequest& request);
absl::StatusOr<v1::WithdrawListingResponse> Withdraw(ledger::Operation& operation,
                                                     const v1::WithdrawListingRequest& request);
absl::StatusOr<v1::ReportSpoiledResponse> ReportSpoiled(ledger::Operation& operation,
                                                        const v1::ReportSpoiledRequest& request);
absl::StatusOr<v1::ReportStallResponse> ReportStall(ledger::Operation& operation,
                                                    const v1::ReportStallRequest& request);
absl::StatusOr<v1::GetListingResponse> Read(store::Reader& reader, const base::Caller& caller,
                                            const v1::GetListingRequest& request);

// Adds a page of listings to `response`; answers the key to go on after, empty at the end.
absl::StatusOr<std::string> List(store::Reader& reader, const base::Caller& caller, absl::Time now,
                                 const v1::ListListingsRequest& request, const store::PageRequest& page,
                                 v1::ListListingsResponse& response);

}  // namespace zhuxiao::listing
