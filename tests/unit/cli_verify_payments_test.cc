// The check from outside of what was paid for contracts: one broken figure after the other is found.
#include <gtest/gtest.h>

#include <functional>

#include "clients/cli/verify.h"
#include "services/base/clock.h"

namespace zhuxiao::cli {
namespace {

using order::v1::Contract;

const absl::Time kAccepted = base::StartOfDay(*base::ParseDay("2020-12-02")) + absl::Hours(23);

void AddPayment(Contract& contract, order::v1::PaymentKind kind, int64_t amount_fen, const std::string& day,
                int32_t days_late = 0) {
  order::v1::Payment& payment = *contract.add_payments();
  payment.set_kind(kind);
  payment.mutable_amount()->set_amount_fen(amount_fen);
  payment.set_days_late(days_late);
  *payment.mutable_time() = base::ToProto(base::StartOfDay(*base::ParseDay(day)));
}

// 100 units at 3.40 accepted on 2020-12-02 and payable within 30 days; paid two days late; then 40 went back.
Contract Settled() {
  Contract contract;
  contract.set_contract_id("C1");
  contract.set_state(order::v1::CONTRACT_STATE_SETTLED);
  contract.set_ordered_units(100);
  contract.set_delivered_units(100);
  contract.set_accepted_units(100);
  contract.mutable_unit_price()->set_amount_fen(340);
  contract.mutable_ordered_amount()->set_amount_fen(34'000);
  contract.mutable_accepted_amount()->set_amount_fen(20'400);
  contract.mutable_payment_rule()->set_mode(order::v1::PAYMENT_MODE_GOODS_FIRST);
  contract.mutable_payment_rule()->set_pay_days(30);
  contract.mutable_payment_rule()->set_late_interest_ppm(500);
  *contract.mutable_accept_time() = base::ToProto(kAccepted);
  AddPayment(contract, order::v1::PAYMENT_KIND_BALANCE, 34'000, "2021-01-03");
  AddPayment(contract, order::v1::PAYMENT_KIND_LATE_INTEREST, 34, "2021-01-03", 2);
  AddPayment(contract, order::v1::PAYMENT_KIND_REFUND, 13'600, "2021-01-04");
  contract.mutable_paid_amount()->set_amount_fen(20'400);
  order::v1::ContractReturn& back = *contract.add_returns();
  back.set_state(order::v1::RETURN_STATE_AGREED);
  back.set_units(40);
  back.mutable_amount()->set_amount_fen(13'600);
  contract.set_taken_back_units(40);
  return contract;
}

Contract PaidFirst() {
  Contract contract = Settled();
  contract.set_state(order::v1::CONTRACT_STATE_SIGNED);
  contract.clear_accepted_amount();
  contract.clear_accepted_units();
  contract.clear_payments();
  contract.clear_returns();
  contract.clear_taken_back_units();
  contract.mutable_payment_rule()->set_mode(order::v1::PAYMENT_MODE_PAY_FIRST);
  AddPayment(contract, order::v1::PAYMENT_KIND_PREPAYMENT, 34'000, "2020-12-01");
  contract.mutable_paid_amount()->set_amount_fen(34'000);
  return contract;
}

// What the check says of the payments of one contract, without the rest of its books.
std::string FindingsOf(const Contract& contract) {
  BookCheck check;
  audit::v1::ExportBooksResponse row;
  *row.mutable_contract() = contract;
  check.AddRow(row);
  std::string text;
  for (const Finding& finding : check.Finish()) {
    if (finding.rule == Rule::kContractPayments) text += finding.what + "\n";
  }
  return text;
}

TEST(VerifyPaymentsTest, RightOnesHold) {
  EXPECT_EQ(FindingsOf(Settled()), "");
  EXPECT_EQ(FindingsOf(PaidFirst()), "");
}

TEST(VerifyPaymentsTest, FindsEachBrokenFigure) {
  const std::vector<std::pair<const char*, std::function<void(Contract&)>>> breakages = {
      {"a fen more is said to be paid", [](Contract& c) { c.mutable_paid_amount()->set_amount_fen(20'401); }},
      {"a refund was forgotten",
       [](Contract& c) {
         c.mutable_payments()->RemoveLast();
         c.mutable_paid_amount()->set_amount_fen(34'000);
       }},
      {"interest a fen short", [](Contract& c) { c.mutable_payments(1)->mutable_amount()->set_amount_fen(33); }},
      {"interest of a day less", [](Contract& c) { c.mutable_payments(1)->set_days_late(1); }},
      {"interest though in time",
       [](Contract& c) { *c.mutable_accept_time() = base::ToProto(kAccepted + absl::Hours(48)); }},
      {"no interest though late",
       [](Contract& c) { c.mutable_payments(1)->set_kind(order::v1::PAYMENT_KIND_UNSPECIFIED); }},
      {"a payment of nothing", [](Contract& c) { AddPayment(c, order::v1::PAYMENT_KIND_REFUND, 0, "2021-01-04"); }},
      {"a return not counted", [](Contract& c) { c.set_taken_back_units(39); }},
      {"a declined return counted",
       [](Contract& c) { c.mutable_returns(0)->set_state(order::v1::RETURN_STATE_DECLINED); }},
      {"more back than was accepted",
       [](Contract& c) {
         c.mutable_returns(0)->set_units(101);
         c.set_taken_back_units(101);
       }},
      {"settled and not paid whole", [](Contract& c) { c.mutable_accepted_amount()->set_amount_fen(20'740); }},
  };
  for (const auto& [name, apply] : breakages) {
    Contract contract = Settled();
    apply(contract);
    EXPECT_NE(FindingsOf(contract), "") << name;
  }
  Contract unpaid = PaidFirst();
  unpaid.clear_payments();
  unpaid.clear_paid_amount();
  EXPECT_NE(FindingsOf(unpaid), "") << "ready to ship and not paid first";
}

}  // namespace
}  // namespace zhuxiao::cli
