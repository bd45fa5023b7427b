// Listings and their balances, as other modules use them: functions over a transaction.
// The methods of ListingService stand in operations.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/listing/v1/listing.pb.h"

namespace zhuxiao::listing {

// Where units of a listing can be. listed = the sum of all of them, at every moment.
enum class Balance : size_t { kAvailable = 0, kHeld, kContracted, kSold, kSpoiled, kWithdrawn };

// The terms without balances; NOT_FOUND where there is none.
absl::StatusOr<v1::Listing> GetTerms(store::Reader& reader, std::string_view listing_id);

// The terms with balances.
absl::StatusOr<v1::Listing> Get(store::Reader& reader, std::string_view listing_id);

// Balances as a message.
v1::Balances ToProto(const std::vector<int64_t>& fields);

// Units available, read as a hint that a concurrent commit may outdate.
absl::StatusOr<int64_t> PeekAvailable(store::Transaction& transaction, std::string_view listing_id);

// OK where the listing is open and not past its last-sale time, else LISTING_CLOSED.
absl::Status CheckSellable(const v1::Listing& terms, absl::Time now);

// OK where goods of the supplier may come from `origin_code`: the county of its village, where its members or family
// grow them; for an enterprise, which gathers goods from many villages, its province. INVALID_FIELDS about `field`
// otherwise. The eligibility of a contract is that of its origin, so this is what keeps it from being chosen.
absl::Status CheckOrigin(store::Reader& reader, const std::string& supplier_uscc, std::string_view origin_code,
                         std::string_view field);

// Moves `units` (1 or more) of a listing from one balance to another and records the move in the event under
// `cause` (a contract or hold id, or a word). It is an escrow move: movers of one listing do not abort one another,
// and no balance ever falls below 0. STOCK_EXHAUSTED, with listing_id in the metadata, where `from` holds too few.
absl::Status MoveUnits(ledger::Operation& operation, std::string_view listing_id, Balance from, Balance to,
                       int64_t units, std::string_view cause);

// True where `status` is the refusal of MoveUnits.
bool IsStockExhausted(const absl::Status& status);

// Ids of open listings whose last-sale time is at or before `now`, the oldest first.
absl::StatusOr<std::vector<std::string>> DueListings(store::Reader& reader, absl::Time now, size_t limit);

// Closes a listing past its last-sale time: what is available is withdrawn. No effect where it is not due any more.
absl::Status Expire(ledger::Operation& operation, const std::string& listing_id);

// Marks a listing as stalled, or takes the mark off (nullopt); the report is taken as it is, its time set to now.
absl::Status SetStall(ledger::Operation& operation, std::string_view listing_id,
                      const std::optional<v1::StallReport>& stall);

// The contact of a stall is personal: for the supplier and the officer of the region alone.
void HideContact(v1::Listing& listing);

// Calls `visit` with the terms and balances of every listing, in the order they were made.
absl::Status ForEach(store::Reader& reader, const std::function<absl::Status(const v1::Listing&)>& visit);

// The same for the listings of one supplier that are on the market.
absl::Status ForEachOpenOf(store::Reader& reader, std::string_view supplier_uscc,
                           const std::function<absl::Status(const v1::Listing&)>& visit);

// The same for at most `limit` listings after the one with id `after` (empty: from the first). Answers the id to go on
// after, empty at the end.
absl::StatusOr<std::string> WalkFrom(store::Reader& reader, std::string_view after, size_t limit,
                                     const std::function<absl::Status(const v1::Listing&)>& visit);

// Rows that an index written by a version of the product before kOver was does not have yet: adds the ones that say
// that a listing is over to `marks`, from a page that begins after page.after and reads page.size listings. Answers the
// key to go on after, empty at the end. What is over stays so: the rows may be written whenever.
absl::StatusOr<std::string> FindMarks(store::Reader& reader, const store::PageRequest& page,
                                      std::vector<store::KeyValue>& marks);

}  // namespace zhuxiao::listing
