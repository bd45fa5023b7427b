// Placing orders: what PlaceOrder, PreviewOrder and CancelOrder do, and how a standing order is tried again.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ledger/operation.h"
#include "services/order/market.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

// An order asks for delivery within half a year; what is further away is a forward contract.
inline constexpr absl::Duration kMaxDeliverAhead = absl::Hours(24 * 183);

absl::StatusOr<v1::PlaceOrderResponse> Place(ledger::Operation& operation, Market& market,
                                             const v1::PlaceOrderRequest& request);

// What Place would answer, without ids. The operation's transaction must not be committed.
absl::StatusOr<v1::PreviewOrderResponse> Preview(ledger::Operation& operation, Market& market,
                                                 const v1::PreviewOrderRequest& request);

absl::StatusOr<v1::CancelOrderResponse> Cancel(ledger::Operation& operation, const v1::CancelOrderRequest& request);

// Tries to fill what is left of a standing order. True where it got contracts; no effect where it did not, stands
// no more or awaits a round. Writes of the operation are only the contracts and the order.
absl::StatusOr<bool> FillStanding(ledger::Operation& operation, Market& market, const std::string& order_id);

// Listings an order keeps as barred. Where it has so many, the earliest may serve it again.
inline constexpr int kMaxBarredListings = 128;

// Gives `base_units` of an order back after a contract of it fell short: they stand again where the order still
// stands, else the order's state says how far it was filled. `barred_listing_id`, where it is not empty, serves the
// order no more: what its supplier refused, missed or left behind would otherwise come back in the next contract.
absl::Status Unfill(ledger::Operation& operation, const std::string& order_id, int64_t base_units,
                    const std::string& barred_listing_id);

// Ends the standing of an order whose time has passed. No effect where it is not due.
absl::Status ExpireStanding(ledger::Operation& operation, const std::string& order_id);

}  // namespace zhuxiao::order
