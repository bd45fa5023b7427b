// Rows of the listing module; private to it.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "services/ledger/operation.h"
#include "services/store/store.h"
#include "zhuxiao/listing/v1/listing.pb.h"

namespace zhuxiao::listing {

inline constexpr std::string_view kListingTable = "listing";              // <id> -> Listing without balances
inline constexpr std::string_view kBalanceTable = "listing_balance";      // <id> -> counter of Balance fields
inline constexpr std::string_view kByCommodity = "listing_by_commodity";  // <commodity>/<id> -> empty
inline constexpr std::string_view kByCounty = "listing_by_county";        // <county code>/<id> -> empty
inline constexpr std::string_view kBySupplier = "listing_by_supplier";    // <uscc>/<id> -> empty or kOver
inline constexpr std::string_view kDue = "listing_due";                   // <last-sale time>/<id> -> empty

// What a row of kBySupplier says once the listing is off the market for good. Rows of listings that closed before this
// was written are empty.
inline constexpr std::string_view kOver = "over";

// Reads a row of kListingTable into `terms`. DATA_LOSS where it is damaged.
absl::Status ParseTerms(std::string_view listing_id, const std::string& row, v1::Listing& terms);
// The same by id; NOT_FOUND where there is none.
absl::Status ReadTerms(store::Reader& reader, std::string_view listing_id, v1::Listing& terms);
// Fills the balances of a listing from its counter row.
absl::Status AddBalances(store::Reader& reader, v1::Listing& listing);

// Stores the terms and tells of them in the event, without the contact of a stall.
void PutTerms(ledger::Operation& operation, const v1::Listing& terms);

}  // namespace zhuxiao::listing
