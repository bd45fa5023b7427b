// Returns of accepted goods: asked for, answered, and giving back stock, quota, order and money exactly once.
#include "tests/support/payment_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using order::v1::PAYMENT_MODE_GOODS_FIRST;
using order::v1::PAYMENT_MODE_PAY_FIRST;
using testing::BadFieldsOf;
using testing::BrokenRules;
using testing::HasReason;
using testing::SupplierOf;
using ::testing::UnorderedElementsAre;

class ReturnTest : public testing::PaymentFixture {};

TEST_F(ReturnTest, BeforePaymentItLowersWhatIsOwed) {
  const order::v1::Contract contract = BuyAndAccept(100, PAYMENT_MODE_GOODS_FIRST);
  ASSERT_TRUE(Ask(contract, 30).ok());
  EXPECT_EQ(BalancesOf(listing_id_).sold(), 100) << "nothing moves until it is agreed to";
  ASSERT_TRUE(Answer(SupplierOf(kEggFarm), contract.contract_id(), true).ok());
  const order::v1::Contract now = ContractNow(contract.contract_id());
  EXPECT_EQ(now.accepted_units(), 100) << "what was accepted stands";
  EXPECT_EQ(now.taken_back_units(), 30);
  EXPECT_EQ(now.accepted_amount().amount_fen(), 70 * 340);
  EXPECT_EQ(now.returns(0).amount().amount_fen(), 30 * 340);
  EXPECT_EQ(BalancesOf(listing_id_).sold(), 70);
  EXPECT_EQ(BalancesOf(listing_id_).available(), 930);
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 70 * 340);
  EXPECT_EQ(OrderNow(contract.order_id()).filled_base(), 70 * 500);
  EXPECT_EQ(AccountBalance(ledger::SupplierReceivable(kEggFarm)), 70 * 340);
  EXPECT_THAT(Answer(SupplierOf(kEggFarm), contract.contract_id(), true),
              HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED))
      << "once";
  ASSERT_TRUE(Settle(contract).ok());
  EXPECT_EQ(AccountBalance(ledger::SupplierPaid(kEggFarm)), 70 * 340);
  EXPECT_EQ(BrokenRules(store_), "");
}

TEST_F(ReturnTest, AfterPaymentTheMoneyComesBackAlsoInTheNextYear) {
  GoTo("2020-12-28");
  const order::v1::Contract contract = BuyAndAccept(100, PAYMENT_MODE_GOODS_FIRST);
  ASSERT_TRUE(Settle(contract).ok());
  GoTo("2021-01-04", absl::Hours(23));  // the seventh day
  ASSERT_TRUE(Ask(contract, 40, order::v1::REJECTED_GOODS_SPOILED).ok());
  ASSERT_TRUE(Answer(testing::Officer("140321", "county"), contract.contract_id(), true).ok());
  const order::v1::Contract now = ContractNow(contract.contract_id());
  EXPECT_EQ(now.state(), order::v1::CONTRACT_STATE_SETTLED);
  EXPECT_EQ(now.payments(now.payments_size() - 1).kind(), order::v1::PAYMENT_KIND_REFUND);
  EXPECT_EQ(now.paid_amount().amount_fen(), 60 * 340);
  EXPECT_EQ(BalancesOf(listing_id_).sold(), 60);
  EXPECT_EQ(BalancesOf(listing_id_).spoiled(), 40);
  EXPECT_EQ(AccountBalance(ledger::SupplierPaid(kEggFarm)), 60 * 340);
  EXPECT_EQ(AccountBalance(ledger::InstitutionPaid(kSchool)), -60 * 340);
  EXPECT_EQ(AccountBalance(ledger::SupplierReceivable(kEggFarm)), 0);
  EXPECT_EQ(QuotaOf(kSchool).settled().amount_fen(), 0) << "of 2021";
  clock_.Set(At("2020-12-31"));
  EXPECT_EQ(QuotaOf(kSchool).settled().amount_fen(), 60 * 340) << "of the year it counts for";
  EXPECT_EQ(BrokenRules(store_), "");
  clock_.Set(At("2021-01-05", absl::ZeroDuration()));
  EXPECT_THAT(Ask(contract, 1), HasReason(ErrorReason::ERROR_REASON_DEADLINE_PASSED));
}

TEST_F(ReturnTest, AllOfItComesBackInPartsToTheFen) {
  List(kCattleFarm, Cattle(10));
  const auto placed = Place(kSchool, CattleOrder(3));
  ASSERT_TRUE(placed.ok()) << placed.status();
  const order::v1::Contract contract = placed->contracts(0);
  ASSERT_TRUE(Sign(contract).ok());
  ASSERT_TRUE(Ship(contract).ok());
  ASSERT_TRUE(Accept(contract, 3, 1'700'003).ok());
  ASSERT_TRUE(Settle(contract).ok());
  const std::string& id = contract.contract_id();
  EXPECT_THAT(BadFieldsOf(Ask(contract, 1).status()), UnorderedElementsAre("weight_g"));
  for (const int64_t weight : {566'667, 566'669}) {
    ASSERT_TRUE(Ask(contract, 1, order::v1::REJECTED_GOODS_RETURNED, weight).ok());
    ASSERT_TRUE(Answer(SupplierOf(kCattleFarm), id, true).ok());
    EXPECT_EQ(BrokenRules(store_), "");
  }
  EXPECT_THAT(BadFieldsOf(Ask(contract, 1, order::v1::REJECTED_GOODS_RETURNED, 566'666).status()),
              UnorderedElementsAre("weight_g"))
      << "the last one weighs what is left";
  ASSERT_TRUE(Ask(contract, 1, order::v1::REJECTED_GOODS_RETURNED, 566'667).ok());
  ASSERT_TRUE(Answer(SupplierOf(kCattleFarm), id, true).ok());
  EXPECT_EQ(ContractNow(id).accepted_amount().amount_fen(), 0);
  EXPECT_EQ(ContractNow(id).paid_amount().amount_fen(), 0);
  EXPECT_EQ(AccountBalance(ledger::InstitutionPaid(kSchool)), 0);
  EXPECT_EQ(QuotaOf(kSchool).settled().amount_fen(), 0);
  EXPECT_EQ(OrderNow(contract.order_id()).filled_base(), 0);
  EXPECT_THAT(BadFieldsOf(Ask(contract, 1, order::v1::REJECTED_GOODS_RETURNED, 1).status()),
              ::testing::Contains("units"));
  EXPECT_EQ(BrokenRules(store_), "");
}

TEST_F(ReturnTest, WhenNothingIsOwedAnyMoreItIsSettled) {
  const order::v1::Contract contract = BuyAndAccept(10, PAYMENT_MODE_GOODS_FIRST);
  ASSERT_TRUE(Ask(contract, 10).ok());
  ASSERT_TRUE(Answer(SupplierOf(kEggFarm), contract.contract_id(), true).ok());
  EXPECT_EQ(ContractNow(contract.contract_id()).state(), order::v1::CONTRACT_STATE_SETTLED);
  clock_.Advance(absl::Hours(24 * 60));
  Expire();
  EXPECT_FALSE(ContractNow(contract.contract_id()).has_overdue_time());
  EXPECT_EQ(BrokenRules(store_), "");

  const order::v1::Contract paid_first = BuyAndAccept(10, PAYMENT_MODE_PAY_FIRST);
  ASSERT_TRUE(Ask(paid_first, 10).ok());
  ASSERT_TRUE(Answer(SupplierOf(kEggFarm), paid_first.contract_id(), true).ok());
  EXPECT_EQ(ContractNow(paid_first.contract_id()).paid_amount().amount_fen(), 0);
  EXPECT_EQ(BrokenRules(store_), "");
}

TEST_F(ReturnTest, WhoMayAskAndAnswer) {
  const order::v1::Contract contract = BuyAndAccept(10, PAYMENT_MODE_GOODS_FIRST);
  order::v1::AskReturnRequest empty;
  empty.set_contract_id(contract.contract_id());
  EXPECT_THAT(BadFieldsOf(Do(testing::InstitutionOf(kSchool), order::AskReturn, empty).status()),
              UnorderedElementsAre("units", "goods", "party", "cause"));
  EXPECT_THAT(BadFieldsOf(Do(testing::InstitutionOf(kHospital), order::AskReturn, empty).status()),
              UnorderedElementsAre("units", "goods", "party", "cause"))
      << "they are bad whosesoever the contract is";
  order::v1::AskReturnRequest full = empty;
  full.set_units(1);
  full.set_goods(order::v1::REJECTED_GOODS_RETURNED);
  full.set_party(order::v1::PARTY_SUPPLIER);
  full.set_cause("late");
  EXPECT_THAT(Do(testing::InstitutionOf(kHospital), order::AskReturn, full),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Answer(SupplierOf(kEggFarm), contract.contract_id(), true),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND))
      << "no return was asked for";
  ASSERT_TRUE(Ask(contract, 5).ok());
  EXPECT_THAT(Ask(contract, 1), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED)) << "one at a time";
  for (const base::Caller& stranger :
       {SupplierOf(kCattleFarm), testing::Officer("141032", "county"), testing::InstitutionOf(kSchool)}) {
    EXPECT_THAT(Answer(stranger, contract.contract_id(), true), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  }
  order::v1::AnswerReturnRequest silent;
  silent.set_contract_id(contract.contract_id());
  EXPECT_THAT(BadFieldsOf(Do(SupplierOf(kEggFarm), order::AnswerReturn, silent).status()),
              UnorderedElementsAre("answer"));
  silent.set_contract_id("unknown");
  EXPECT_THAT(BadFieldsOf(Do(SupplierOf(kEggFarm), order::AnswerReturn, silent).status()),
              UnorderedElementsAre("answer"));
  ASSERT_TRUE(Answer(SupplierOf(kEggFarm), contract.contract_id(), false).ok());
  const order::v1::Contract now = ContractNow(contract.contract_id());
  EXPECT_EQ(now.returns(0).state(), order::v1::RETURN_STATE_DECLINED);
  EXPECT_EQ(now.taken_back_units(), 0);
  EXPECT_EQ(BalancesOf(listing_id_).sold(), 10);
  ASSERT_TRUE(Ask(contract, 1).ok()) << "another may be asked for";
  EXPECT_EQ(BrokenRules(store_), "");
}

}  // namespace
}  // namespace zhuxiao
