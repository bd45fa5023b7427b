#include "services/order/contract_payments.h"

#include "services/base/errors.h"
#include "services/order/contract_parts.h"
#include "services/order/contract_states.h"
#include "services/order/payment_rules.h"
#include "services/order/records.h"

namespace zhuxiao::order {
namespace {

using base::ErrorReason;
using base::Role;

// OK while the contract may still be paid: before its time is over and while its goods may be sold.
absl::Status CheckInTime(const v1::Contract& contract, absl::Time now) {
  if (now >= base::FromProto(contract.payment_due_time())) {
    return base::Refuse(ErrorReason::ERROR_REASON_DEADLINE_PASSED, contract.contract_id(),
                        "the time to pay has passed");
  }
  if (now > base::FromProto(contract.last_sale_time())) {
    return base::Refuse(ErrorReason::ERROR_REASON_LISTING_CLOSED, contract.contract_id(),
                        "the goods are past their last-sale time");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::PayContractResponse> Pay(ledger::Operation& operation, const v1::PayContractRequest& request) {
  auto contract = GetOwn(operation, request.contract_id(), Role::ROLE_INSTITUTION);
  if (!contract.ok()) return contract.status();
  const std::string former_due = ContractDueKey(*contract);
  if (absl::Status stepped = TakeStep(*contract, kPayStep, operation.caller().role); !stepped.ok()) return stepped;
  if (absl::Status in_time = CheckInTime(*contract, operation.now()); !in_time.ok()) return in_time;
  if (absl::Status paid =
          BookPayment(operation, *contract, v1::PAYMENT_KIND_PREPAYMENT, contract->ordered_amount().amount_fen());
      !paid.ok()) {
    return paid;
  }
  operation.transaction().Delete(former_due);
  operation.transaction().Put(ContractDueKey(*contract), "");
  PutContract(operation, *contract);
  return Respond<v1::PayContractResponse>(*std::move(contract));
}

absl::StatusOr<v1::ExtendPaymentResponse> ExtendPayment(ledger::Operation& operation,
                                                        const v1::ExtendPaymentRequest& request) {
  auto contract = GetOwn(operation, request.contract_id(), Role::ROLE_INSTITUTION);
  if (!contract.ok()) return contract.status();
  const std::string former_due = ContractDueKey(*contract);
  if (absl::Status stepped = TakeStep(*contract, kExtendPaymentStep, operation.caller().role); !stepped.ok()) {
    return stepped;
  }
  if (absl::Status in_time = CheckInTime(*contract, operation.now()); !in_time.ok()) return in_time;
  if (contract->is_payment_extended() || contract->payment_rule().extension_days() == 0) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, contract->contract_id(),
                        "the time to pay is extended once at most, and only where the rule grants it");
  }
  contract->set_is_payment_extended(true);
  const base::Day due = base::DayOf(base::FromProto(contract->payment_due_time()));
  *contract->mutable_payment_due_time() =
      base::ToProto(base::StartOfDay(due + contract->payment_rule().extension_days()));
  operation.transaction().Delete(former_due);
  operation.transaction().Put(ContractDueKey(*contract), "");
  PutContract(operation, *contract);
  return Respond<v1::ExtendPaymentResponse>(*std::move(contract));
}

absl::Status FallOverdue(ledger::Operation& operation, v1::Contract& contract) {
  const bool is_due = operation.now() >= base::FromProto(contract.payment_due_time());
  if (!is_due || contract.has_overdue_time()) return absl::OkStatus();
  operation.transaction().Delete(ContractDueKey(contract));
  if (absl::Status stepped = TakeStep(contract, kFallOverdueStep, base::kTime); !stepped.ok()) return stepped;
  *contract.mutable_overdue_time() = base::ToProto(operation.now());
  operation.transaction().Put(store::Key(kOverdue, contract.contract_id()), "");
  PutContract(operation, contract);
  return absl::OkStatus();
}

v1::OverdueContract OverdueOf(const v1::Contract& contract, absl::Time now) {
  const absl::Time due = base::FromProto(contract.payment_due_time());
  const int32_t days_late = DaysLate(due, now);
  v1::OverdueContract overdue;
  overdue.set_contract_id(contract.contract_id());
  overdue.set_supplier_uscc(contract.supplier_uscc());
  overdue.set_institution_uscc(contract.institution_uscc());
  overdue.set_due_day(base::FormatDay(base::DayOf(due) - 1));
  overdue.set_days_late(days_late);
  overdue.mutable_owed()->set_amount_fen(OwedFen(contract));
  overdue.mutable_interest()->set_amount_fen(
      LateInterestFen(OwedFen(contract), contract.payment_rule().late_interest_ppm(), days_late));
  return overdue;
}

}  // namespace zhuxiao::order
