// Rows of the order module; private to it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "services/base/clock.h"
#include "services/ledger/operation.h"
#include "services/store/keys.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

inline constexpr std::string_view kOrderTable = "order";                   // <id> -> Order
inline constexpr std::string_view kOrderByBuyer = "order_by_buyer";        // <uscc>/<id> -> empty
inline constexpr std::string_view kStanding = "order_standing";            // <commodity>/<id> -> empty
inline constexpr std::string_view kStandingDue = "order_standing_due";     // <standing_until>/<id> -> empty
inline constexpr std::string_view kContractTable = "contract";             // <id> -> Contract
inline constexpr std::string_view kContractByParty = "contract_by_party";  // <uscc>/<id> -> empty or kOver, both sides
inline constexpr std::string_view kContractDue = "contract_due";           // <deadline>/<id> -> empty
inline constexpr std::string_view kOverdue = "contract_overdue";           // <id> -> empty
inline constexpr std::string_view kShipmentTable = "shipment";             // <id> -> Shipment
inline constexpr std::string_view kSettled = "contract_settled";           // <supplier>/<year>/<id> -> empty

// What a supplier's row of kContractByParty says once the contract is settled or void: a walk over what is under way
// needs not read what is over. Rows of contracts that ended before this was written are empty, and read.
inline constexpr std::string_view kOver = "over";

inline bool IsOver(const v1::Contract& contract) {
  return contract.state() == v1::CONTRACT_STATE_SETTLED || contract.state() == v1::CONTRACT_STATE_VOID;
}
inline std::string SupplierKey(const v1::Contract& contract) {
  return store::Key(kContractByParty, contract.supplier_uscc(), contract.contract_id());
}

inline std::string StandingKey(const v1::Order& order) {
  return store::Key(kStanding, order.commodity_code(), order.order_id());
}
inline std::string StandingDueKey(const v1::Order& order) {
  return store::Key(kStandingDue, store::OrderedTime(base::FromProto(order.standing_until())), order.order_id());
}

// When time takes a step with a contract if nobody does: unsigned at the sign deadline, unpaid where it is paid first
// or unshipped at the last-sale time, unpaid after acceptance.
inline absl::Time DueTime(const v1::Contract& contract) {
  const absl::Time last_sale = base::FromProto(contract.last_sale_time());
  switch (contract.state()) {
    case v1::CONTRACT_STATE_PROPOSED:
      return base::FromProto(contract.sign_deadline());
    case v1::CONTRACT_STATE_AWAITING_PAYMENT:
      return std::min(base::FromProto(contract.payment_due_time()), last_sale);
    case v1::CONTRACT_STATE_ACCEPTED:
      return base::FromProto(contract.payment_due_time());
    default:
      return last_sale;
  }
}
inline std::string ContractDueKey(const v1::Contract& contract) {
  return store::Key(kContractDue, store::OrderedTime(DueTime(contract)), contract.contract_id());
}

// Stores the row and tells of it in the event.
inline void PutOrder(ledger::Operation& operation, const v1::Order& order) {
  operation.transaction().Put(store::Key(kOrderTable, order.order_id()), order.SerializeAsString());
  *operation.event().mutable_order() = order;
}
inline void PutContract(ledger::Operation& operation, const v1::Contract& contract) {
  operation.transaction().Put(store::Key(kContractTable, contract.contract_id()), contract.SerializeAsString());
  if (IsOver(contract)) operation.transaction().Put(SupplierKey(contract), std::string(kOver));
  *operation.event().add_contracts() = contract;
}

}  // namespace zhuxiao::order
