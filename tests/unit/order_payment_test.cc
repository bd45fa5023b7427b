// Paying for contracts: rules as data, first or after acceptance, deadlines to the midnight of Asia/Shanghai and across
// the year's end, interest to the fen, each payment an entry of its own.
#include "tests/support/payment_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using order::v1::PAYMENT_MODE_GOODS_FIRST;
using order::v1::PAYMENT_MODE_PAY_FIRST;
using testing::BadFieldsOf;
using testing::BrokenRules;
using ::testing::ElementsAre;
using testing::HasReason;

class PaymentTest : public testing::PaymentFixture {
 protected:
  std::vector<order::v1::OverdueContract> Overdue(const base::Caller& caller) {
    const auto listed =
        See([&](store::Reader& reader) { return order::ListOverdue(reader, caller, clock_.Now(), {.size = 100}); });
    EXPECT_TRUE(listed.ok()) << listed.status();
    return {listed->response.contracts().begin(), listed->response.contracts().end()};
  }

  // "kind amount" of each payment.
  static std::vector<std::string> PaymentsOf(const order::v1::Contract& contract) {
    std::vector<std::string> texts;
    for (const order::v1::Payment& payment : contract.payments()) {
      texts.push_back(
          base::StrCat(order::v1::PaymentKind_Name(payment.kind()).substr(13), " ", payment.amount().amount_fen()));
    }
    return texts;
  }
};

TEST_F(PaymentTest, RulesAreDataWithTheirSource) {
  for (const order::v1::PaymentRule& rule : order::PaymentRules()) EXPECT_FALSE(rule.source().empty());
  const std::string header =
      "valid_from,mode,payer,pay_days,max_pay_days,extension_days,late_interest_ppm,return_days,source\n";
  const auto rules = order::ParsePaymentRules(header +
                                              "2020-01-01,goods-first,any,40,60,0,500,7,a\n"
                                              "2021-01-01,goods-first,any,20,60,0,400,7,b, with a comma\n"
                                              "2020-06-01,goods-first,public-body,30,60,0,500,7,c\n");
  ASSERT_TRUE(rules.ok()) << rules.status();
  const auto days = [&](const std::string& day, order::v1::PayerKind payer) {
    const auto* rule = order::FindPaymentRule(*rules, PAYMENT_MODE_GOODS_FIRST, payer, *base::ParseDay(day));
    return rule == nullptr ? -1 : rule->pay_days();
  };
  EXPECT_EQ(days("2019-12-31", order::v1::PAYER_KIND_PUBLIC_BODY), -1);
  EXPECT_EQ(days("2020-05-31", order::v1::PAYER_KIND_PUBLIC_BODY), 40);
  EXPECT_EQ(days("2021-03-01", order::v1::PAYER_KIND_PUBLIC_BODY), 30) << "of its own kind, though older";
  EXPECT_EQ(days("2020-12-31", order::v1::PAYER_KIND_UNSPECIFIED), 40);
  EXPECT_EQ(days("2021-01-01", order::v1::PAYER_KIND_UNSPECIFIED), 20);
  EXPECT_EQ(rules->back().source(), "b, with a comma");
  for (const char* wrong : {"2020-01-01,later,any,40,60,0,500,7,a", "2020-01-01,pay-first,any,61,60,0,500,7,a",
                            "2020-13-01,pay-first,any,30,60,0,500,7,a", "2020-01-01,pay-first,any,30,60,0,500,7"}) {
    EXPECT_FALSE(order::ParsePaymentRules(header + wrong).ok()) << wrong;
  }
}

TEST_F(PaymentTest, InterestIsExactToTheFen) {
  EXPECT_EQ(order::LateInterestFen(34'000, 500, 1), 17);
  EXPECT_EQ(order::LateInterestFen(33'999, 500, 1), 17) << "16.9995 rounded half up";
  EXPECT_EQ(order::LateInterestFen(1'000, 500, 1), 1) << "a half goes up";
  EXPECT_EQ(order::LateInterestFen(999, 500, 1), 0);
  EXPECT_EQ(order::LateInterestFen(999, 500, 3), 1) << "rounded once, not a day";
  EXPECT_EQ(order::LateInterestFen(base::kMaxAmountFen, 500, 36'525), 18'262'500'000'000'000);
}

TEST_F(PaymentTest, PaidFirstItIsSettledWithItsAcceptance) {
  const order::v1::Contract contract = Buy(100, PAYMENT_MODE_PAY_FIRST);
  EXPECT_THAT(Pay(contract), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED)) << "not signed";
  ASSERT_TRUE(Sign(contract).ok());
  EXPECT_EQ(ContractNow(contract.contract_id()).state(), order::v1::CONTRACT_STATE_AWAITING_PAYMENT);
  EXPECT_THAT(Ship(contract), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED)) << "not paid";
  ASSERT_TRUE(Pay(contract).ok());
  EXPECT_THAT(Pay(contract), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED)) << "once";
  EXPECT_EQ(AccountBalance(ledger::SupplierPaid(kEggFarm)), 34'000);
  EXPECT_EQ(AccountBalance(ledger::SupplierReceivable(kEggFarm)), -34'000) << "goods are owed";
  ASSERT_TRUE(Ship(contract).ok());
  ASSERT_TRUE(Accept(contract, 90, 0, order::v1::REJECTED_GOODS_SPOILED).ok());
  const order::v1::Contract done = ContractNow(contract.contract_id());
  EXPECT_EQ(done.state(), order::v1::CONTRACT_STATE_SETTLED);
  EXPECT_THAT(PaymentsOf(done), ElementsAre("PREPAYMENT 34000", "REFUND 3400"));
  EXPECT_EQ(done.paid_amount().amount_fen(), 30'600);
  EXPECT_EQ(AccountBalance(ledger::SupplierPaid(kEggFarm)), 30'600);
  EXPECT_EQ(AccountBalance(ledger::InstitutionPaid(kSchool)), -30'600);
  EXPECT_EQ(AccountBalance(ledger::SupplierReceivable(kEggFarm)), 0);
  EXPECT_EQ(AccountBalance(ledger::InstitutionPayable(kSchool)), 0);
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 0);
  EXPECT_EQ(QuotaOf(kSchool).settled().amount_fen(), 30'600);
  EXPECT_EQ(BrokenRules(store_), "");
}

TEST_F(PaymentTest, AHeavierAnimalPaidFirstOwesTheRest) {
  List(kCattleFarm, Cattle(10));
  order::v1::Order order = CattleOrder(1);
  order.set_payment_mode(PAYMENT_MODE_PAY_FIRST);
  const auto placed = Place(kSchool, order);
  ASSERT_TRUE(placed.ok()) << placed.status();
  const order::v1::Contract contract = placed->contracts(0);
  ASSERT_TRUE(Sign(contract).ok());
  ASSERT_TRUE(Pay(contract).ok());
  ASSERT_TRUE(Ship(contract).ok());
  ASSERT_TRUE(Accept(contract, 1, 600'000).ok());
  EXPECT_EQ(ContractNow(contract.contract_id()).state(), order::v1::CONTRACT_STATE_ACCEPTED);
  ASSERT_TRUE(Settle(contract).ok());
  EXPECT_THAT(PaymentsOf(ContractNow(contract.contract_id())), ElementsAre("PREPAYMENT 1897500", "BALANCE 82500"));
  EXPECT_EQ(AccountBalance(ledger::SupplierPaid(kCattleFarm)), 1'980'000);
  EXPECT_EQ(BrokenRules(store_), "");
}

TEST_F(PaymentTest, UnpaidInThirtyDaysItGivesEverythingBackAcrossTheYearsEnd) {
  GoTo("2020-12-10", absl::Hours(23));
  const order::v1::Contract contract = Buy(100, PAYMENT_MODE_PAY_FIRST);
  ASSERT_TRUE(Sign(contract).ok());
  GoTo("2021-01-09", absl::Hours(24) - absl::Seconds(1));  // the 30th day, its last second
  Expire();
  EXPECT_EQ(ContractNow(contract.contract_id()).state(), order::v1::CONTRACT_STATE_AWAITING_PAYMENT);
  GoTo("2021-01-10", absl::ZeroDuration());
  EXPECT_THAT(Pay(contract), HasReason(ErrorReason::ERROR_REASON_DEADLINE_PASSED));
  EXPECT_THAT(Extend(contract), HasReason(ErrorReason::ERROR_REASON_DEADLINE_PASSED));
  Expire();
  const order::v1::Contract gone = ContractNow(contract.contract_id());
  EXPECT_EQ(gone.state(), order::v1::CONTRACT_STATE_VOID);
  EXPECT_EQ(gone.void_reason(), order::v1::VOID_REASON_NOT_PAID);
  EXPECT_EQ(BalancesOf(listing_id_).available(), 1'000);
  clock_.Set(At("2020-12-31"));
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 0) << "of the year it was ordered in";
  EXPECT_EQ(BrokenRules(store_), "");
}

TEST_F(PaymentTest, TheTimeToPayIsExtendedOnceByFifteenDays) {
  GoTo("2020-11-30");
  const order::v1::Contract contract = Buy(100, PAYMENT_MODE_PAY_FIRST);
  ASSERT_TRUE(Sign(contract).ok());
  GoTo("2020-12-30");
  const auto extended = Extend(contract);
  ASSERT_TRUE(extended.ok()) << extended.status();
  EXPECT_EQ(base::FromProto(extended->contract().payment_due_time()), At("2021-01-15", absl::ZeroDuration()));
  EXPECT_THAT(Extend(contract), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  GoTo("2021-01-14", absl::Hours(23));
  Expire();
  ASSERT_TRUE(Pay(contract).ok());
  EXPECT_EQ(ContractNow(contract.contract_id()).state(), order::v1::CONTRACT_STATE_SIGNED);
  GoTo("2021-01-20");
  Expire();
  EXPECT_EQ(ContractNow(contract.contract_id()).state(), order::v1::CONTRACT_STATE_SIGNED)
      << "the payment's time ended";
  EXPECT_EQ(BrokenRules(store_), "");
}

TEST_F(PaymentTest, WhatWasPaidForGoodsThatNeverLeftComesBack) {
  List(kEggFarm, Eggs(1'000));
  order::v1::Order order = EggOrder(10);
  order.set_payment_mode(PAYMENT_MODE_PAY_FIRST);
  const auto placed = Place(kSchool, order);
  ASSERT_TRUE(placed.ok()) << placed.status();
  ASSERT_TRUE(Sign(placed->contracts(0)).ok());
  ASSERT_TRUE(Pay(placed->contracts(0)).ok());
  clock_.Advance(absl::Hours(24 * 10) + absl::Seconds(1));
  Expire();
  const order::v1::Contract gone = ContractNow(placed->contracts(0).contract_id());
  EXPECT_EQ(gone.void_reason(), order::v1::VOID_REASON_NOT_SHIPPED);
  EXPECT_THAT(PaymentsOf(gone), ElementsAre("PREPAYMENT 3400", "REFUND 3400"));
  EXPECT_EQ(AccountBalance(ledger::SupplierPaid(kEggFarm)), 0);
  EXPECT_EQ(AccountBalance(ledger::InstitutionPayable(kSchool)), 0);
  EXPECT_EQ(BrokenRules(store_), "");
}

TEST_F(PaymentTest, LatePaymentBearsInterestFromTheDayAfterTheLast) {
  GoTo("2020-12-02", absl::Hours(23));
  const order::v1::Contract contract = BuyAndAccept(100, PAYMENT_MODE_GOODS_FIRST);
  GoTo("2021-01-01", absl::Hours(24) - absl::Seconds(1));
  Expire();
  EXPECT_TRUE(Overdue(testing::Auditor()).empty());
  GoTo("2021-01-02", absl::ZeroDuration());
  Expire();
  const std::string etag = ContractNow(contract.contract_id()).etag();
  Expire();
  EXPECT_EQ(ContractNow(contract.contract_id()).etag(), etag) << "it falls overdue once";
  GoTo("2021-01-03");
  for (const base::Caller& caller : {testing::Auditor(), testing::SupplierOf(kEggFarm), testing::InstitutionOf(kSchool),
                                     testing::Officer("140321", "county")}) {
    const auto overdue = Overdue(caller);
    ASSERT_EQ(overdue.size(), 1u);
    EXPECT_EQ(overdue[0].due_day(), "2021-01-01");
    EXPECT_EQ(overdue[0].days_late(), 2);
    EXPECT_EQ(overdue[0].owed().amount_fen(), 34'000);
    EXPECT_EQ(overdue[0].interest().amount_fen(), 34);
  }
  EXPECT_TRUE(Overdue(testing::SupplierOf(kCattleFarm)).empty());
  EXPECT_TRUE(Overdue(testing::Officer("141032", "county")).empty());
  ASSERT_TRUE(Settle(contract).ok());
  const order::v1::Contract done = ContractNow(contract.contract_id());
  EXPECT_THAT(PaymentsOf(done), ElementsAre("BALANCE 34000", "LATE_INTEREST 34"));
  EXPECT_EQ(done.payments(1).days_late(), 2);
  EXPECT_TRUE(Overdue(testing::Auditor()).empty());
  EXPECT_EQ(AccountBalance(ledger::SupplierInterest(kEggFarm)), 34);
  EXPECT_EQ(AccountBalance(ledger::SupplierPaid(kEggFarm)), 34'000) << "interest is no price of goods";
  clock_.Set(At("2020-12-31"));
  EXPECT_EQ(QuotaOf(kSchool).settled().amount_fen(), 34'000);
  EXPECT_EQ(BrokenRules(store_), "");
}

TEST_F(PaymentTest, DaysAreAgreedOnWithinTheRule) {
  order::v1::Order order = EggOrder(10);
  List(kEggFarm, Eggs(100));
  order.set_payment_days(61);
  EXPECT_THAT(BadFieldsOf(Place(kSchool, order).status()), ElementsAre("order.payment_days"));
  order.set_payment_days(-1);
  EXPECT_THAT(BadFieldsOf(Place(kSchool, order).status()), ElementsAre("order.payment_days"));
  order.set_payment_days(30);
  order.set_payment_mode(PAYMENT_MODE_PAY_FIRST);
  EXPECT_THAT(BadFieldsOf(Place(kSchool, order).status()), ElementsAre("order.payment_days"));

  GoTo("2020-11-02");
  const order::v1::Contract contract = BuyAndAccept(100, PAYMENT_MODE_GOODS_FIRST, 60);
  EXPECT_EQ(contract.payment_rule().pay_days(), 60);
  EXPECT_EQ(base::FromProto(contract.payment_due_time()), At("2021-01-02", absl::ZeroDuration()));
  GoTo("2021-01-01");
  ASSERT_TRUE(Settle(contract).ok());
  EXPECT_THAT(PaymentsOf(ContractNow(contract.contract_id())), ElementsAre("BALANCE 34000"));
  EXPECT_EQ(BrokenRules(store_), "");
}

TEST_F(PaymentTest, PrimeRatesHoldFromTheirDay) {
  const std::string header = "valid_from,one_year_ppm,source\n";
  const auto rates = order::ParsePrimeRates(header + "2020-01-01,36500,a\n2020-06-01,36501,b, with a comma\n");
  ASSERT_TRUE(rates.ok()) << rates.status();
  const auto least = [&](const std::string& day) { return order::LeastInterestPpm(*rates, *base::ParseDay(day)); };
  EXPECT_EQ(least("2020-05-31"), 100);
  EXPECT_EQ(least("2020-06-01"), 101) << "rounded up";
  EXPECT_EQ(least("2010-01-01"), 100) << "before the first, the first";
  for (const char* wrong : {"", "2020-01-01,0,a", "2020-01-01,1000001,a", "2020-02-30,1,a", "2020-01-01,1",
                            "2020-01-01,1,", "2020-01-01,1,a\n2020-01-01,2,a"}) {
    EXPECT_FALSE(order::ParsePrimeRates(header + wrong).ok()) << wrong;
  }
  EXPECT_EQ(order::LeastInterestPpm(order::LoanPrimeRates(), *base::ParseDay("2020-11-02")), 106) << "3.85 % a year";
}

TEST_F(PaymentTest, InterestIsAgreedOnAboveThePrimeRate) {
  GoTo("2020-11-02");
  order::v1::Order order = EggOrder(100);
  listing::v1::Listing eggs = Eggs(1'000);
  *eggs.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 365));
  List(kEggFarm, eggs);
  for (const int64_t wrong : {-1, 105, 1'001}) {
    order.set_late_interest_ppm(wrong);
    EXPECT_THAT(BadFieldsOf(Place(kSchool, order).status()), ElementsAre("order.late_interest_ppm")) << wrong;
  }
  order.set_late_interest_ppm(200);
  order.set_payment_days(61);
  EXPECT_THAT(BadFieldsOf(Place(kSchool, order).status()), ElementsAre("order.payment_days"));
  order.set_payment_days(0);
  order.set_payment_mode(PAYMENT_MODE_PAY_FIRST);
  EXPECT_THAT(BadFieldsOf(Place(kSchool, order).status()), ElementsAre("order.late_interest_ppm"));
  order.set_payment_mode(PAYMENT_MODE_GOODS_FIRST);
  const auto placed = Place(kSchool, order);
  ASSERT_TRUE(placed.ok()) << placed.status();
  const order::v1::Contract& contract = placed->contracts(0);
  EXPECT_EQ(contract.payment_rule().late_interest_ppm(), 200);
  ASSERT_TRUE(Sign(contract).ok());
  ASSERT_TRUE(Ship(contract).ok());
  ASSERT_TRUE(Accept(contract, 100).ok());
  GoTo("2020-12-05");
  ASSERT_TRUE(Settle(contract).ok());
  EXPECT_THAT(PaymentsOf(ContractNow(contract.contract_id())), ElementsAre("BALANCE 34000", "LATE_INTEREST 20"))
      << "340 yuan at 200 ppm for three days";
  EXPECT_EQ(BrokenRules(store_), "");
}

TEST_F(PaymentTest, AnOrderThatStandsWhileThePrimeRateRisesIsHeldToIt) {
  order::v1::Order order = EggOrder(100);
  order.set_institution_uscc(kSchool);
  order.set_late_interest_ppm(106);
  const auto snapshot = store_.Latest();
  const auto rate = [&](const std::string& day) {
    const auto rule = order::PaymentRuleFor(*snapshot, order, *base::ParseDay(day));
    return rule.ok() ? rule->late_interest_ppm() : -1;
  };
  EXPECT_EQ(rate("2020-11-02"), 106);
  EXPECT_EQ(rate("2020-04-19"), 111) << "4.05 % a year until the day before";
}

}  // namespace
}  // namespace zhuxiao
