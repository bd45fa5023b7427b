// The steps of a contract as functions; what they do and refuse is in zhuxiao/order/v1/order.proto. Each gives back
// or moves stock, quota and money exactly once, in the transaction that moves the state.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/ledger/operation.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

absl::StatusOr<v1::SignContractResponse> Sign(ledger::Operation& operation, const v1::SignContractRequest& request);
absl::StatusOr<v1::RefuseContractResponse> RefuseContract(ledger::Operation& operation,
                                                          const v1::RefuseContractRequest& request);
absl::StatusOr<v1::ShipContractResponse> Ship(ledger::Operation& operation, const v1::ShipContractRequest& request);

// The same as part of a consolidated shipment, of which the contract keeps the id; empty: it goes by itself.
absl::StatusOr<v1::Contract> ShipWith(ledger::Operation& operation, const v1::ShipContractRequest& request,
                                      const std::string& shipment_id);

absl::StatusOr<v1::AcceptContractResponse> AcceptGoods(ledger::Operation& operation,
                                                       const v1::AcceptContractRequest& request);
absl::StatusOr<v1::SettleContractResponse> Settle(ledger::Operation& operation,
                                                  const v1::SettleContractRequest& request);

// The step time takes with a contract that is due. It voids one that is unsigned at its sign deadline, unpaid where it
// is paid first, or not shipped at the last-sale time; what was paid goes back. It marks one as overdue that is
// accepted and not paid in time. No effect where nothing is due.
absl::Status ExpireContract(ledger::Operation& operation, const std::string& contract_id);

}  // namespace zhuxiao::order
