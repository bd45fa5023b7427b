// What calls and upkeep share of a case: opening it, raising it, ending it. Each works on the case in hand and on its
// listing in the operation's transaction; storing the case is the caller's.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "services/ledger/operation.h"
#include "services/listing/listing.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao::stall {

// The rules that hold for a listing on the operation's day, of those that ship.
v1::GetStallRulesResponse RulesOf(const ledger::Operation& operation, const listing::v1::Listing& listing);

// The newest case of a listing, or nullopt.
absl::StatusOr<std::optional<v1::StallCase>> NewestCaseOf(store::Reader& reader, std::string_view listing_id);

// Opens a case of `listing` (with balances) in the state given and stores it under every key. What was reported is in
// `stall_case` already; the mark on the listing is the caller's. ALREADY_EXISTS where a case of the listing is open.
absl::Status OpenCase(ledger::Operation& operation, const listing::v1::Listing& listing, v1::StallCaseState state,
                      v1::StallCase& stall_case);

// Raises the case and the listing's mark to `level`, above the present one, with the figures of the moment.
absl::Status RaiseTo(ledger::Operation& operation, v1::StallCase& stall_case, const listing::v1::Listing& listing,
                     listing::v1::StallLevel level, base::Role actor, std::string_view source);

// Takes the case off the list of what is to be reviewed, keeps the listing's report in it and takes the mark off the
// listing: what every end of a case has in common.
absl::Status EndCase(ledger::Operation& operation, v1::StallCase& stall_case, const listing::v1::Listing& listing);

// Ends the case as CLEARED or SPOILED by the figures of `listing` (with balances).
absl::Status CloseCase(ledger::Operation& operation, v1::StallCase& stall_case, const listing::v1::Listing& listing,
                       base::Role actor);

}  // namespace zhuxiao::stall
