// What the steps of a contract are made of: finding it for its side, giving stock and quota back, the money and the
// rows by which upkeep finds it. Private to the order module.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ledger/operation.h"
#include "services/listing/listing.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

// The contract where the caller is the side the step belongs to; another's looks like an unknown one.
absl::StatusOr<v1::Contract> GetOwn(ledger::Operation& operation, const std::string& contract_id, base::Role side);

// Units that come back: on the market while the listing is on it, else withdrawn. No effect for 0 units.
absl::Status GiveBack(ledger::Operation& operation, const v1::Contract& contract, listing::Balance from, int64_t units);

// Gives `amount_fen` (0 or more) of the contract's quota that was held back.
absl::Status ReleaseQuota(ledger::Operation& operation, const v1::Contract& contract, int64_t amount_fen);

// What the buyer owes for the goods; below 0 what it is owed.
int64_t OwedFen(const v1::Contract& contract);

// Books money that changed hands and adds it to the contract's payments. Requires amount_fen > 0.
absl::Status BookPayment(ledger::Operation& operation, v1::Contract& contract, v1::PaymentKind kind, int64_t amount_fen,
                         int32_t days_late = 0);

// Gives back what was paid beyond what the goods cost. No effect where nothing was.
absl::Status RefundExcess(ledger::Operation& operation, v1::Contract& contract);

// ACCEPTED to SETTLED by `step`: books the payment of what is owed, late interest included, settles the quota and puts
// the contract among the settled ones. The contract is stored and told of.
absl::Status SettleNow(ledger::Operation& operation, v1::Contract& contract, std::string_view step, base::Role actor);

template <typename Response>
Response Respond(v1::Contract contract) {
  Response response;
  *response.mutable_contract() = std::move(contract);
  return response;
}

}  // namespace zhuxiao::order
