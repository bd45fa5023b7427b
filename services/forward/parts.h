// What the steps of a forward contract share. Private to the forward module.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "zhuxiao/forward/v1/forward.pb.h"
#include "zhuxiao/listing/v1/listing.pb.h"

namespace zhuxiao::forward {

// The forward contract where the caller is a side of it, read with `etag` (empty: any); another's looks like an unknown
// one.
absl::StatusOr<v1::Forward> GetOwn(ledger::Operation& operation, const std::string& forward_id,
                                   const std::string& etag);

// ABORTED where `etag` is neither empty nor that of the forward contract.
absl::Status CheckEtag(const v1::Forward& forward, const std::string& etag);

// REFERENCE_INVALID where there is no such supplier, SUPPLIER_NOT_ACTIVE where it may not sell.
absl::Status CheckActive(store::Reader& reader, const std::string& uscc);

// A listing of goods of the forward contract at a price of the kind the commodity is sold at.
listing::v1::Listing ListingAt(const v1::Forward& forward, int64_t price_fen);

// Sets the figures from the contracts of the forward contract.
absl::Status SetFigures(store::Reader& reader, v1::Forward& forward);

// A response with the forward contract and its figures.
template <typename Response>
absl::StatusOr<Response> Respond(store::Reader& reader, v1::Forward forward) {
  if (absl::Status counted = SetFigures(reader, forward); !counted.ok()) return counted;
  Response response;
  *response.mutable_forward() = std::move(forward);
  return response;
}

}  // namespace zhuxiao::forward
