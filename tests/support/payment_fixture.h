// Shortcuts for the money of contracts: orders paid first, payments, returns, time taking its step, and what upkeep and
// verify say of it.
#pragma once

#include <string>

#include "services/ledger/posting.h"
#include "services/order/contract_payments.h"
#include "services/order/contract_returns.h"
#include "services/order/payment_rules.h"
#include "services/order/prime_rates.h"
#include "services/order/reading.h"
#include "services/order/upkeep.h"
#include "services/store/keys.h"
#include "tests/support/market_fixture.h"
#include "tests/support/verified_books.h"

namespace zhuxiao::testing {

class PaymentFixture : public MarketFixture {
 protected:
  // An open contract over `jin` jin of eggs for the school; the listing lasts a year.
  order::v1::Contract Buy(int64_t jin, order::v1::PaymentMode mode, int32_t days = 0) {
    listing::v1::Listing eggs = Eggs(1'000);
    *eggs.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 365));
    listing_id_ = List(kEggFarm, eggs);
    order::v1::Order order = EggOrder(jin);
    order.set_payment_mode(mode);
    order.set_payment_days(days);
    const auto placed = Place(kSchool, order);
    EXPECT_TRUE(placed.ok()) << placed.status();
    return placed.ok() ? placed->contracts(0) : order::v1::Contract();
  }

  // The same, accepted whole; paid first or not at all.
  order::v1::Contract BuyAndAccept(int64_t jin, order::v1::PaymentMode mode, int32_t days = 0) {
    const order::v1::Contract contract = Buy(jin, mode, days);
    EXPECT_TRUE(Sign(contract).ok());
    if (mode == order::v1::PAYMENT_MODE_PAY_FIRST) {
      EXPECT_TRUE(Pay(contract).ok());
    }
    EXPECT_TRUE(Ship(contract).ok());
    EXPECT_TRUE(Accept(contract, jin).ok());
    return ContractNow(contract.contract_id());
  }

  absl::StatusOr<order::v1::PayContractResponse> Pay(const order::v1::Contract& contract) {
    order::v1::PayContractRequest request;
    request.set_contract_id(contract.contract_id());
    return Do(InstitutionOf(contract.institution_uscc()), order::Pay, request);
  }

  absl::StatusOr<order::v1::ExtendPaymentResponse> Extend(const order::v1::Contract& contract) {
    order::v1::ExtendPaymentRequest request;
    request.set_contract_id(contract.contract_id());
    return Do(InstitutionOf(contract.institution_uscc()), order::ExtendPayment, request);
  }

  absl::StatusOr<order::v1::AskReturnResponse> Ask(const order::v1::Contract& contract, int64_t units,
                                                   order::v1::RejectedGoods goods = order::v1::REJECTED_GOODS_RETURNED,
                                                   int64_t weight_g = 0) {
    order::v1::AskReturnRequest request;
    request.set_contract_id(contract.contract_id());
    request.set_units(units);
    request.set_weight_g(weight_g);
    request.set_goods(goods);
    request.set_party(order::v1::PARTY_SUPPLIER);
    request.set_cause("smells");
    return Do(InstitutionOf(contract.institution_uscc()), order::AskReturn, request);
  }

  // Answers the newest return of the contract.
  absl::StatusOr<order::v1::AnswerReturnResponse> Answer(const base::Caller& caller, const std::string& contract_id,
                                                         bool is_agreed) {
    const order::v1::Contract contract = ContractNow(contract_id);
    order::v1::AnswerReturnRequest request;
    request.set_contract_id(contract_id);
    if (contract.returns_size() > 0) request.set_return_id(contract.returns(contract.returns_size() - 1).return_id());
    request.set_is_agreed(is_agreed);
    if (!is_agreed) request.set_answer("sound when it left");
    return Do(caller, order::AnswerReturn, request);
  }

  // Takes the steps that are due now, as upkeep does.
  void Expire() {
    const auto due = See([&](store::Reader& reader) { return order::DueContracts(reader, clock_.Now(), 100); });
    ASSERT_TRUE(due.ok());
    for (const std::string& id : *due) {
      const auto step = [](ledger::Operation& operation, const std::string& due_id) {
        return order::ExpireContract(operation, due_id);
      };
      ASSERT_TRUE(Do(base::Caller{}, step, id).ok());
    }
  }

  int64_t AccountBalance(const std::string& account) {
    return See([&](store::Reader& reader) {
      auto row = reader.Get(store::Key(ledger::kAccountTable, account));
      return !row.ok() || !*row ? 0 : store::DecodeCounter(**row)->front();
    });
  }

  absl::Time At(const std::string& day, absl::Duration time_of_day = absl::Hours(12)) {
    return base::StartOfDay(*base::ParseDay(day)) + time_of_day;
  }

  // Moves time on to an instant of Asia/Shanghai, with the years' limits set.
  void GoTo(const std::string& day, absl::Duration time_of_day = absl::Hours(12)) {
    const int before = year();
    clock_.Set(At(day, time_of_day));
    if (year() != before) SetLimit(kSchool, 10'000'000'00);
  }

  std::string listing_id_;
};

}  // namespace zhuxiao::testing
