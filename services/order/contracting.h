// Making contracts of what was chosen for an order: the one way for the match of a single order and for clearing
// rounds. It moves stock and quota; what is chosen is decided elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/ledger/operation.h"
#include "services/matching/match.h"
#include "services/order/market.h"
#include "zhuxiao/listing/v1/listing.pb.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

// A supplier answers within a day: most goods of the catalogue spoil within ten.
inline constexpr absl::Duration kSignWindow = absl::Hours(24);

// Why matching chose a listing, as contracts keep it.
v1::MatchReason ToMatchReason(const matching::MatchReason& reason, const std::string& policy_version);

// The day on which goods of `terms` that are sent for on `today` reach `destination_code`; nullopt where a county of
// the two is unknown.
std::optional<base::Day> ArrivalDay(const Market& market, base::Day today, const listing::v1::Listing& terms,
                                    const std::string& destination_code);

// True where goods of the listing that arrive on `arrival` still have the life the catalogue asks for.
bool KeepsItsLife(const listing::v1::Listing& terms, base::Day arrival);

// A PROPOSED contract over `units` (1 or more) of the listing `terms` for `order`, without an id and not stored.
// Eligibility is that of the operation's day; `rule` is PaymentRuleFor the order on that day.
absl::StatusOr<v1::Contract> DraftContract(ledger::Operation& operation, Market& market, const v1::Order& order,
                                           const listing::v1::Listing& terms, int64_t units, v1::MatchReason reason,
                                           const v1::PaymentRule& rule);

// Gives the drafts their ids, moves their units from available to held and their amounts into the spending of the
// quota, stores them and tells of them in the event. STOCK_EXHAUSTED and QUOTA_EXCEEDED where a bound would break.
absl::StatusOr<std::vector<v1::Contract>> StoreContracts(ledger::Operation& operation,
                                                         std::vector<v1::Contract> contracts);

// Counts stored contracts into what the order has.
void AddContracts(v1::Order& order, const std::vector<v1::Contract>& contracts);

// True while what is unfilled of the order may still wait.
bool StillStands(const v1::Order& order, absl::Time now);

// Puts a standing order into, and takes it out of, the tables that standing orders are found by.
void StartStanding(store::Transaction& transaction, const v1::Order& order);
void StopStanding(store::Transaction& transaction, const v1::Order& order);

}  // namespace zhuxiao::order
