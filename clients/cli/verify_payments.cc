// Checks the books from outside: what was paid for contracts, when it was due, and what of it went back.
#include <algorithm>

#include "clients/cli/verify.h"
#include "clients/cli/verify_rules.h"
#include "services/base/clock.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

using base::StrCat;
using order::v1::Contract;
using order::v1::ContractReturn;
using order::v1::Payment;

bool IsAgreed(const ContractReturn& back) { return back.state() == order::v1::RETURN_STATE_AGREED; }

std::vector<int64_t> AmountsOf(const Contract& contract, order::v1::PaymentKind kind) {
  std::vector<int64_t> amounts;
  for (const Payment& payment : contract.payments()) {
    if (payment.kind() == kind) amounts.push_back(payment.amount().amount_fen());
  }
  return amounts;
}

int64_t Sum(const std::vector<int64_t>& amounts) {
  int64_t sum = 0;
  for (const int64_t amount : amounts) sum += amount;
  return sum;
}

bool HasCome(const Contract& contract) {
  return contract.state() == order::v1::CONTRACT_STATE_ACCEPTED ||
         contract.state() == order::v1::CONTRACT_STATE_SETTLED;
}

// What must have been paid for the goods in its state; below 0 where less than all of it may have been.
int64_t DuePaidFen(const Contract& contract) {
  const bool is_paid_first = contract.payment_rule().mode() == order::v1::PAYMENT_MODE_PAY_FIRST;
  switch (contract.state()) {
    case order::v1::CONTRACT_STATE_SIGNED:
    case order::v1::CONTRACT_STATE_SHIPPED:
      return is_paid_first ? contract.ordered_amount().amount_fen() : 0;
    case order::v1::CONTRACT_STATE_SETTLED:
      return contract.accepted_amount().amount_fen();
    case order::v1::CONTRACT_STATE_ACCEPTED:
      return is_paid_first ? -1 : 0;
    default:
      return 0;
  }
}

// Days from the last day a contract could be paid on in time to the payment.
int64_t DaysLate(const Contract& contract, const Payment& payment) {
  const base::Day last_day = base::DayOf(base::FromProto(contract.accept_time())) + contract.payment_rule().pay_days();
  return base::DayOf(base::FromProto(payment.time())) - last_day;
}

}  // namespace

void BookCheck::CheckPayments(const Contract& contract) {
  // Contracts made before payments were kept have no rule; their entries are checked with the money.
  if (!contract.has_payment_rule()) return;
  const auto require = [&](bool holds, const std::string& what) {
    Require(holds, Rule::kContractPayments, contract.contract_id(), what);
  };
  const int64_t paid_fen = Sum(AmountsOf(contract, order::v1::PAYMENT_KIND_PREPAYMENT)) +
                           Sum(AmountsOf(contract, order::v1::PAYMENT_KIND_BALANCE)) -
                           Sum(AmountsOf(contract, order::v1::PAYMENT_KIND_REFUND));
  require(contract.paid_amount().amount_fen() == paid_fen,
          StrCat("paid ", contract.paid_amount().amount_fen(), " fen, its payments come to ", paid_fen));
  const int64_t due_fen = DuePaidFen(contract);
  require(due_fen < 0 ? paid_fen <= contract.accepted_amount().amount_fen() : paid_fen == due_fen,
          StrCat(order::v1::ContractState_Name(contract.state()), " and paid ", paid_fen, " fen of ", due_fen));
  for (int i = 0; i < contract.payments_size(); ++i) {
    const Payment& payment = contract.payments(i);
    require(payment.amount().amount_fen() > 0, StrCat("payment ", payment.payment_id(), " is of nothing"));
    if (payment.kind() != order::v1::PAYMENT_KIND_BALANCE) continue;
    const int64_t days = std::max<int64_t>(0, DaysLate(contract, payment));
    const int64_t wanted =
        InterestFen(payment.amount().amount_fen(), contract.payment_rule().late_interest_ppm(), days);
    const Payment* next = i + 1 < contract.payments_size() ? &contract.payments(i + 1) : nullptr;
    const bool has_interest = next != nullptr && next->kind() == order::v1::PAYMENT_KIND_LATE_INTEREST;
    const int64_t interest = has_interest ? next->amount().amount_fen() : 0;
    require(interest == wanted && (!has_interest || next->days_late() == days),
            StrCat("interest of ", interest, " fen, recomputed ", wanted, " for ", days, " days"));
  }
  CheckReturns(contract);
}

void BookCheck::CheckReturns(const Contract& contract) {
  int64_t units = 0;
  int64_t weight_g = 0;
  for (const ContractReturn& back : contract.returns()) {
    if (!IsAgreed(back)) continue;
    units += back.units();
    weight_g += back.weight_g();
  }
  Require(contract.taken_back_units() == units && contract.taken_back_weight_g() == weight_g &&
              units <= contract.accepted_units() && weight_g <= contract.accepted_weight_g(),
          Rule::kContractPayments, contract.contract_id(),
          StrCat("taken back ", contract.taken_back_units(), " units of ", contract.taken_back_weight_g(),
                 " g, returns come to ", units, " of ", weight_g, ", accepted ", contract.accepted_units(), " of ",
                 contract.accepted_weight_g()));
}

void BookCheck::CheckContractMoney(const Contract& contract) {
  const std::string& id = contract.contract_id();
  const int64_t kept_fen = contract.accepted_amount().amount_fen();
  std::vector<int64_t> returned;
  for (const ContractReturn& back : contract.returns()) {
    if (IsAgreed(back) && back.amount().amount_fen() != 0) returned.push_back(back.amount().amount_fen());
  }
  const bool is_settled = contract.state() == order::v1::CONTRACT_STATE_SETTLED;
  CheckBooked(audit::v1::POSTING_CAUSE_CONTRACT_ACCEPTED, id, HasCome(contract), kept_fen + Sum(returned));
  CheckEntries(audit::v1::POSTING_CAUSE_GOODS_RETURNED, id, returned);
  if (!contract.has_payment_rule()) {
    return CheckBooked(audit::v1::POSTING_CAUSE_CONTRACT_SETTLED, id, is_settled, kept_fen);
  }
  const auto check = [&](audit::v1::PostingCause cause, order::v1::PaymentKind kind) {
    CheckEntries(cause, id, AmountsOf(contract, kind));
  };
  check(audit::v1::POSTING_CAUSE_CONTRACT_PREPAID, order::v1::PAYMENT_KIND_PREPAYMENT);
  check(audit::v1::POSTING_CAUSE_CONTRACT_SETTLED, order::v1::PAYMENT_KIND_BALANCE);
  check(audit::v1::POSTING_CAUSE_LATE_INTEREST, order::v1::PAYMENT_KIND_LATE_INTEREST);
  check(audit::v1::POSTING_CAUSE_CONTRACT_REFUNDED, order::v1::PAYMENT_KIND_REFUND);
}

// Exactly the entries due were booked.
void BookCheck::CheckEntries(audit::v1::PostingCause cause, const std::string& id,
                             const std::vector<int64_t>& due_fen) {
  const auto it = booked_.find({cause, id});
  const Booked booked = it == booked_.end() ? Booked{} : it->second;
  Require(booked.count == static_cast<int64_t>(due_fen.size()) && booked.total_fen == Sum(due_fen), Rule::kMoneyCause,
          id,
          StrCat(audit::v1::PostingCause_Name(cause), ": ", booked.count, " entries of ", booked.total_fen,
                 " fen in all, due ", due_fen.size(), " of ", Sum(due_fen)));
}

}  // namespace zhuxiao::cli
