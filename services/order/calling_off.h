// Orders that need no matching: buyer and supplier agreed on the goods beforehand, so the order is filled at once by
// one contract over one listing, signed by the supplier who calls it off.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "services/ledger/operation.h"
#include "services/order/market.h"
#include "zhuxiao/listing/v1/listing.pb.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

// Makes the order and its contract over `units` of the listing `terms`, whose supplier is the caller. `order` names
// buyer, quantity, limit, destination and payment; the rest is set here. The contract carries `forward_id`, moves stock
// and holds quota as any other. INVALID_FIELDS where the days to pay are not admitted, QUOTA_MISSING, QUOTA_EXCEEDED,
// STOCK_EXHAUSTED, SUPPLIER_NOT_ACTIVE.
absl::StatusOr<v1::Contract> CallOff(ledger::Operation& operation, Market& market, v1::Order order,
                                     const listing::v1::Listing& terms, int64_t units, const std::string& forward_id);

}  // namespace zhuxiao::order
