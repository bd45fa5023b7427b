// Contracts: every step moves stock, quota and money exactly once.
#include "services/ledger/posting.h"
#include "services/order/certificate_gate.h"
#include "services/order/contracting.h"
#include "services/store/keys.h"
#include "tests/support/market_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using testing::HasReason;
using testing::SupplierOf;
using ::testing::UnorderedElementsAre;

class ContractTest : public testing::MarketFixture {
 protected:
  order::v1::Contract Buy(int64_t jin) {
    listing_id_ = List(kEggFarm, Eggs(1'000));
    auto placed = Place(kSchool, EggOrder(jin));
    EXPECT_TRUE(placed.ok()) << placed.status();
    return placed.ok() ? placed->contracts(0) : order::v1::Contract();
  }

  order::v1::Contract BuyAndShip(int64_t jin) {
    order::v1::Contract contract = Buy(jin);
    EXPECT_TRUE(Sign(contract).ok());
    auto shipped = Ship(contract);
    EXPECT_TRUE(shipped.ok()) << shipped.status();
    return shipped.ok() ? shipped->contract() : order::v1::Contract();
  }

  auto Refuse(const order::v1::Contract& contract) {
    order::v1::RefuseContractRequest request;
    request.set_contract_id(contract.contract_id());
    return Do(SupplierOf(contract.supplier_uscc()), order::RefuseContract, request);
  }

  auto Expire(const std::string& contract_id) {
    return Do(
        testing::Operator(),
        [](ledger::Operation& operation, const std::string& id) { return order::ExpireContract(operation, id); },
        contract_id);
  }

  int64_t AccountBalance(const std::string& account) {
    return See([&](store::Reader& reader) {
      auto row = reader.Get(store::Key(ledger::kAccountTable, account));
      return store::DecodeCounter(row->value_or(""))->front();
    });
  }

  std::string listing_id_;
};

TEST_F(ContractTest, TheWholeWayMovesEverythingOnce) {
  const order::v1::Contract contract = BuyAndShip(100);
  EXPECT_EQ(BalancesOf(listing_id_).contracted(), 100);
  const auto accepted = Accept(contract, 100);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->contract().accepted_amount().amount_fen(), 34'000);
  EXPECT_EQ(BalancesOf(listing_id_).sold(), 100);
  EXPECT_EQ(AccountBalance(ledger::SupplierReceivable(kEggFarm)), 34'000);
  EXPECT_EQ(AccountBalance(ledger::InstitutionPayable(kSchool)), -34'000);
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 34'000);
  ASSERT_TRUE(Settle(contract).ok());
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 0);
  EXPECT_EQ(QuotaOf(kSchool).settled().amount_fen(), 34'000);
  EXPECT_EQ(AccountBalance(ledger::SupplierReceivable(kEggFarm)), 0);
  EXPECT_EQ(AccountBalance(ledger::InstitutionPayable(kSchool)), 0);
  EXPECT_EQ(AccountBalance(ledger::SupplierPaid(kEggFarm)), 34'000);
  EXPECT_EQ(AccountBalance(ledger::InstitutionPaid(kSchool)), -34'000);
  int settled = 0;
  const auto count = [&](const order::v1::Contract&) { return ++settled, absl::OkStatus(); };
  ASSERT_TRUE(See([&](store::Reader& r) { return order::ForEachSettledContract(r, kEggFarm, year(), count); }).ok());
  EXPECT_EQ(settled, 1);
}

TEST_F(ContractTest, ARefusedContractGivesEverythingBackOnce) {
  const order::v1::Contract contract = Buy(100);
  ASSERT_TRUE(Refuse(contract).ok());
  EXPECT_EQ(BalancesOf(listing_id_).available(), 1'000);
  EXPECT_EQ(BalancesOf(listing_id_).held(), 0);
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 0);
  EXPECT_EQ(OrderNow(contract.order_id()).state(), order::v1::ORDER_STATE_CANCELLED);
  EXPECT_EQ(OrderNow(contract.order_id()).filled_base(), 0);
  EXPECT_THAT(Refuse(contract), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_EQ(BalancesOf(listing_id_).available(), 1'000);
}

TEST_F(ContractTest, PartialAcceptanceReturnsOrSpoilsTheRest) {
  order::v1::Contract contract = BuyAndShip(100);
  EXPECT_THAT(BadFieldsOf(Accept(contract, 90).status()), UnorderedElementsAre("rejected_goods"));
  ASSERT_TRUE(Accept(contract, 90, 0, order::v1::REJECTED_GOODS_SPOILED).ok());
  EXPECT_EQ(BalancesOf(listing_id_).sold(), 90);
  EXPECT_EQ(BalancesOf(listing_id_).spoiled(), 10);
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 90 * 340);
  EXPECT_EQ(OrderNow(contract.order_id()).filled_base(), 90 * 500);
  contract = BuyAndShip(50);
  ASSERT_TRUE(Accept(contract, 0, 0, order::v1::REJECTED_GOODS_RETURNED).ok());
  EXPECT_EQ(ContractNow(contract.contract_id()).state(), order::v1::CONTRACT_STATE_VOID);
  EXPECT_EQ(ContractNow(contract.contract_id()).void_reason(), order::v1::VOID_REASON_NOTHING_ACCEPTED);
  EXPECT_EQ(BalancesOf(listing_id_).listed(), 1'000);
  EXPECT_EQ(BalancesOf(listing_id_).contracted(), 0);
}

TEST_F(ContractTest, ShippingLessGivesTheRestBack) {
  const order::v1::Contract contract = Buy(100);
  ASSERT_TRUE(Sign(contract).ok());
  order::v1::ShipContractRequest shipment = Shipment(contract);
  shipment.set_delivered_units(60);
  ASSERT_TRUE(Do(SupplierOf(kEggFarm), order::Ship, shipment).ok());
  EXPECT_EQ(BalancesOf(listing_id_).available(), 940);
  EXPECT_EQ(BalancesOf(listing_id_).contracted(), 60);
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 60 * 340);
  EXPECT_THAT(BadFieldsOf(Accept(contract, 61).status()), UnorderedElementsAre("accepted_units"));
}

TEST_F(ContractTest, WhatIsBadOfAnyContractIsNamedWhateverThisOneIs) {
  order::v1::AcceptContractRequest accept;
  accept.set_contract_id("unknown");
  accept.set_accepted_units(-1);
  accept.set_accepted_weight_g(-1);
  accept.set_cause(std::string(501, 'x'));
  accept.set_invoice_number("a b");
  const auto fields = [&] { return BadFieldsOf(Do(InstitutionOf(kSchool), order::AcceptGoods, accept).status()); };
  EXPECT_THAT(fields(), UnorderedElementsAre("accepted_units", "accepted_weight_g", "cause", "invoice_number"));
  const order::v1::Contract contract = Buy(100);
  accept.set_contract_id(contract.contract_id());
  EXPECT_THAT(fields(), UnorderedElementsAre("accepted_units", "accepted_weight_g", "cause", "invoice_number"))
      << "nothing has left yet";
  ASSERT_TRUE(Sign(contract).ok());
  ASSERT_TRUE(Ship(contract).ok());
  EXPECT_THAT(fields(),
              UnorderedElementsAre("accepted_units", "accepted_weight_g", "rejected_goods", "cause", "invoice_number"));

  order::v1::ShipContractRequest shipment;
  shipment.set_contract_id("unknown");
  shipment.set_delivered_units(-1);
  shipment.add_certificates();
  EXPECT_THAT(BadFieldsOf(Do(SupplierOf(kEggFarm), order::Ship, shipment).status()),
              UnorderedElementsAre("delivered_units", "certificates[0].kind", "certificates[0].number",
                                   "certificates[0].issue_time", "certificates[0].valid_until"));
}

TEST_F(ContractTest, CattleOrderedByHeadAreSettledByWeight) {
  listing_id_ = List(kCattleFarm, Cattle(60));
  const auto placed = Place(kSchool, CattleOrder(2));
  ASSERT_TRUE(placed.ok()) << placed.status();
  const order::v1::Contract contract = placed->contracts(0);
  EXPECT_EQ(contract.ordered_amount().amount_fen(), 2 * 1'897'500);
  ASSERT_TRUE(Sign(contract).ok());
  ASSERT_TRUE(Ship(contract).ok());
  EXPECT_THAT(BadFieldsOf(Accept(contract, 2).status()), UnorderedElementsAre("accepted_weight_g"));
  // Nominal 1,150 kg with a tolerance of 15 %: 977.5 to 1,322.5 kg.
  EXPECT_THAT(Accept(contract, 2, 1'322'501), HasReason(ErrorReason::ERROR_REASON_WEIGHT_OUT_OF_TOLERANCE));
  EXPECT_THAT(Accept(contract, 2, 977'499), HasReason(ErrorReason::ERROR_REASON_WEIGHT_OUT_OF_TOLERANCE));
  const auto accepted = Accept(contract, 2, 1'200'005);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  // 1,200.005 kg at 33.00 yuan is 39,600.165 yuan: half up to 39,600.17.
  EXPECT_EQ(accepted->contract().accepted_amount().amount_fen(), 3'960'017);
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 3'960'017);
  ASSERT_TRUE(Settle(contract).ok());
  EXPECT_EQ(QuotaOf(kSchool).settled().amount_fen(), 3'960'017);
  EXPECT_EQ(BalancesOf(listing_id_).sold(), 2);
}

TEST_F(ContractTest, AHeavierAnimalNeverOverspends) {
  List(kCattleFarm, Cattle(60));
  SetLimit(kHospital, 1'897'500);
  const auto placed = Place(kHospital, CattleOrder(1));
  ASSERT_TRUE(placed.ok()) << placed.status();
  ASSERT_TRUE(Sign(placed->contracts(0)).ok());
  ASSERT_TRUE(Ship(placed->contracts(0)).ok());
  EXPECT_THAT(Accept(placed->contracts(0), 1, 575'001), HasReason(ErrorReason::ERROR_REASON_QUOTA_EXCEEDED));
  EXPECT_EQ(ContractNow(placed->contracts(0).contract_id()).state(), order::v1::CONTRACT_STATE_SHIPPED);
  EXPECT_TRUE(Accept(placed->contracts(0), 1, 574'000).ok());
}

TEST_F(ContractTest, DeadlinesVoidWhatWasNotDone) {
  const order::v1::Contract contract = Buy(100);
  clock_.Advance(order::kSignWindow);
  ASSERT_TRUE(Expire(contract.contract_id()).ok());
  EXPECT_EQ(ContractNow(contract.contract_id()).state(), order::v1::CONTRACT_STATE_PROPOSED) << "not due";
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Sign(contract), HasReason(ErrorReason::ERROR_REASON_DEADLINE_PASSED));
  ASSERT_TRUE(Expire(contract.contract_id()).ok());
  EXPECT_EQ(ContractNow(contract.contract_id()).void_reason(), order::v1::VOID_REASON_SIGN_DEADLINE);
  EXPECT_EQ(BalancesOf(listing_id_).available(), 1'000);

  auto placed = Place(kSchool, EggOrder(10));
  ASSERT_TRUE(placed.ok()) << placed.status();
  ASSERT_TRUE(Sign(placed->contracts(0)).ok());
  clock_.Advance(absl::Hours(24 * 10));
  EXPECT_THAT(Ship(placed->contracts(0)), HasReason(ErrorReason::ERROR_REASON_LISTING_CLOSED));
  ASSERT_TRUE(Expire(placed->contracts(0).contract_id()).ok());
  EXPECT_EQ(BalancesOf(listing_id_).withdrawn(), 10) << "the listing is off the market";
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 0);
}

TEST_F(ContractTest, TheGateAsksForCertificates) {
  const order::v1::Contract contract = Buy(100);
  ASSERT_TRUE(Sign(contract).ok());
  order::v1::ShipContractRequest shipment = Shipment(contract);
  shipment.mutable_certificates(0)->set_quantity_base(100 * 500 - 1);
  EXPECT_THAT(Do(SupplierOf(kEggFarm), order::Ship, shipment),
              HasReason(ErrorReason::ERROR_REASON_CERTIFICATE_MISSING));
  shipment.clear_certificates();
  EXPECT_THAT(Do(SupplierOf(kEggFarm), order::Ship, shipment),
              HasReason(ErrorReason::ERROR_REASON_CERTIFICATE_MISSING));
  shipment.add_certificates();
  EXPECT_THAT(BadFieldsOf(Do(SupplierOf(kEggFarm), order::Ship, shipment).status()),
              UnorderedElementsAre("certificates[0].kind", "certificates[0].number", "certificates[0].issue_time",
                                   "certificates[0].valid_until"));
}

TEST_F(ContractTest, QuarantineDependsOnTheRoute) {
  const directory::v1::Commodity& cattle = *directory::FindCommodity("beef-cattle");
  EXPECT_EQ(order::RequiredKinds(cattle, kCattleVillage, "140105")[0], directory::v1::CERTIFICATE_KIND_QUARANTINE_B);
  EXPECT_EQ(order::RequiredKinds(cattle, kCattleVillage, "110105")[0], directory::v1::CERTIFICATE_KIND_QUARANTINE_A);

  order::Certificates certificates;
  order::v1::Certificate& a = *certificates.Add();
  a.set_kind(directory::v1::CERTIFICATE_KIND_QUARANTINE_A);
  a.set_number("A-1");
  a.set_quantity_base(1);
  const absl::Time issued = clock_.Now();
  *a.mutable_issue_time() = base::ToProto(issued);
  *a.mutable_valid_until() = base::ToProto(issued + absl::Hours(24 * 30));
  const std::vector kinds{directory::v1::CERTIFICATE_KIND_QUARANTINE_A};
  EXPECT_TRUE(order::CheckGate(kinds, certificates, 1, issued + absl::Hours(24 * 5), "c").ok());
  EXPECT_FALSE(order::CheckGate(kinds, certificates, 1, issued + absl::Hours(24 * 5) + absl::Seconds(1), "c").ok());
}

TEST_F(ContractTest, AnothersContractLooksUnknown) {
  const order::v1::Contract contract = Buy(1);
  order::v1::SignContractRequest request;
  request.set_contract_id(contract.contract_id());
  EXPECT_THAT(Do(SupplierOf(kCattleFarm), order::Sign, request), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Do(testing::InstitutionOf(kEggFarm), order::Sign, request),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

}  // namespace
}  // namespace zhuxiao
