#include "services/order/contract_parts.h"

#include "services/base/errors.h"
#include "services/ledger/posting.h"
#include "services/order/contract_states.h"
#include "services/order/order.h"
#include "services/order/payment_rules.h"
#include "services/order/records.h"
#include "services/quota/quota.h"

namespace zhuxiao::order {
namespace {

using listing::Balance;

audit::v1::PostingCause CauseOf(v1::PaymentKind kind) {
  switch (kind) {
    case v1::PAYMENT_KIND_PREPAYMENT:
      return audit::v1::POSTING_CAUSE_CONTRACT_PREPAID;
    case v1::PAYMENT_KIND_LATE_INTEREST:
      return audit::v1::POSTING_CAUSE_LATE_INTEREST;
    case v1::PAYMENT_KIND_REFUND:
      return audit::v1::POSTING_CAUSE_CONTRACT_REFUNDED;
    default:
      return audit::v1::POSTING_CAUSE_CONTRACT_SETTLED;
  }
}

// The legs of a payment from buyer to seller; of a refund where the amount is below 0. What was paid before the goods
// were accepted stands as a claim of the buyer until they are.
std::vector<ledger::Leg> LegsOf(const v1::Contract& contract, v1::PaymentKind kind, int64_t amount_fen) {
  if (kind == v1::PAYMENT_KIND_LATE_INTEREST) {
    return {{ledger::SupplierInterest(contract.supplier_uscc()), amount_fen},
            {ledger::InstitutionInterest(contract.institution_uscc()), -amount_fen}};
  }
  return {{ledger::InstitutionPayable(contract.institution_uscc()), amount_fen},
          {ledger::InstitutionPaid(contract.institution_uscc()), -amount_fen},
          {ledger::SupplierReceivable(contract.supplier_uscc()), -amount_fen},
          {ledger::SupplierPaid(contract.supplier_uscc()), amount_fen}};
}

// Books what is owed and the interest on it.
absl::Status PayOwed(ledger::Operation& operation, v1::Contract& contract) {
  const int64_t owed_fen = OwedFen(contract);
  if (owed_fen == 0) return absl::OkStatus();
  const int32_t days_late =
      contract.has_payment_due_time() ? DaysLate(base::FromProto(contract.payment_due_time()), operation.now()) : 0;
  if (absl::Status paid = BookPayment(operation, contract, v1::PAYMENT_KIND_BALANCE, owed_fen); !paid.ok()) {
    return paid;
  }
  const int64_t interest_fen = LateInterestFen(owed_fen, contract.payment_rule().late_interest_ppm(), days_late);
  if (interest_fen == 0) return absl::OkStatus();
  return BookPayment(operation, contract, v1::PAYMENT_KIND_LATE_INTEREST, interest_fen, days_late);
}

}  // namespace

absl::StatusOr<v1::Contract> GetOwn(ledger::Operation& operation, const std::string& contract_id, base::Role side) {
  auto contract = GetContract(operation.transaction(), contract_id);
  if (!contract.ok()) return contract;
  const std::string& owner =
      side == base::Role::ROLE_SUPPLIER ? contract->supplier_uscc() : contract->institution_uscc();
  if (!operation.caller().Is(side, owner)) return base::NotFound("contract", contract_id);
  return contract;
}

absl::Status GiveBack(ledger::Operation& operation, const v1::Contract& contract, Balance from, int64_t units) {
  if (units == 0) return absl::OkStatus();
  auto terms = listing::GetTerms(operation.transaction(), contract.listing_id());
  if (!terms.ok()) return terms.status();
  const bool is_sellable = listing::CheckSellable(*terms, operation.now()).ok();
  return listing::MoveUnits(operation, contract.listing_id(), from,
                            is_sellable ? Balance::kAvailable : Balance::kWithdrawn, units, contract.contract_id());
}

absl::Status ReleaseQuota(ledger::Operation& operation, const v1::Contract& contract, int64_t amount_fen) {
  return quota::Release(operation, contract.institution_uscc(), contract.quota_year(), amount_fen,
                        contract.contract_id());
}

int64_t OwedFen(const v1::Contract& contract) {
  return contract.accepted_amount().amount_fen() - contract.paid_amount().amount_fen();
}

absl::Status BookPayment(ledger::Operation& operation, v1::Contract& contract, v1::PaymentKind kind, int64_t amount_fen,
                         int32_t days_late) {
  const int64_t signed_fen = kind == v1::PAYMENT_KIND_REFUND ? -amount_fen : amount_fen;
  v1::Payment& payment = *contract.add_payments();
  payment.set_payment_id(operation.NewId());
  payment.set_kind(kind);
  payment.mutable_amount()->set_amount_fen(amount_fen);
  *payment.mutable_time() = base::ToProto(operation.now());
  payment.set_days_late(days_late);
  if (kind != v1::PAYMENT_KIND_LATE_INTEREST) {
    contract.mutable_paid_amount()->set_amount_fen(contract.paid_amount().amount_fen() + signed_fen);
  }
  return ledger::Post(operation, CauseOf(kind), contract.contract_id(), LegsOf(contract, kind, signed_fen));
}

absl::Status RefundExcess(ledger::Operation& operation, v1::Contract& contract) {
  const int64_t excess_fen = -OwedFen(contract);
  if (excess_fen <= 0) return absl::OkStatus();
  return BookPayment(operation, contract, v1::PAYMENT_KIND_REFUND, excess_fen);
}

absl::Status SettleNow(ledger::Operation& operation, v1::Contract& contract, std::string_view step, base::Role actor) {
  store::Transaction& transaction = operation.transaction();
  if (contract.has_payment_due_time()) transaction.Delete(ContractDueKey(contract));
  if (contract.has_overdue_time()) transaction.Delete(store::Key(kOverdue, contract.contract_id()));
  if (absl::Status stepped = TakeStep(contract, step, actor); !stepped.ok()) return stepped;
  if (absl::Status paid = PayOwed(operation, contract); !paid.ok()) return paid;
  if (absl::Status settled = quota::Settle(operation, contract.institution_uscc(), contract.quota_year(),
                                           contract.accepted_amount().amount_fen(), contract.contract_id());
      !settled.ok()) {
    return settled;
  }
  *contract.mutable_settle_time() = base::ToProto(operation.now());
  transaction.Put(store::Key(kSettled, contract.supplier_uscc(), absl::StrFormat("%04d", base::YearOf(operation.now())),
                             contract.contract_id()),
                  "");
  PutContract(operation, contract);
  return absl::OkStatus();
}

}  // namespace zhuxiao::order
