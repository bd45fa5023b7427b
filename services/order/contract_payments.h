// Paying for contracts: before shipping, with its extension, and what is overdue; what the calls do and refuse is in
// zhuxiao/order/v1/order.proto. Paying after acceptance is the step "settle" of contract_steps.h.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ledger/operation.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

absl::StatusOr<v1::PayContractResponse> Pay(ledger::Operation& operation, const v1::PayContractRequest& request);
absl::StatusOr<v1::ExtendPaymentResponse> ExtendPayment(ledger::Operation& operation,
                                                        const v1::ExtendPaymentRequest& request);

// Marks an accepted contract as overdue, once. No effect before its time.
absl::Status FallOverdue(ledger::Operation& operation, v1::Contract& contract);

// What is overdue of an accepted contract at `now`, with its interest.
v1::OverdueContract OverdueOf(const v1::Contract& contract, absl::Time now);

}  // namespace zhuxiao::order
