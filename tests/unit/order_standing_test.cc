// Standing orders: which listings serve one no more.
#include "tests/support/market_fixture.h"

namespace zhuxiao {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Operator;
using testing::SupplierOf;
using ::testing::UnorderedElementsAre;

class StandingTest : public testing::MarketFixture {
 protected:
  order::v1::Order StandingOrder(int64_t jin) const {
    order::v1::Order order = EggOrder(jin);
    *order.mutable_standing_until() = base::ToProto(clock_.Now() + absl::Hours(24 * 4));
    return order;
  }

  // Places it as the server does: its event says so.
  order::v1::PlaceOrderResponse Stand(const std::string& buyer, const order::v1::Order& order) {
    action_ = "PlaceOrder";
    auto placed = Place(buyer, order);
    action_ = "Test";
    EXPECT_TRUE(placed.ok()) << placed.status();
    return placed.ok() ? *std::move(placed) : order::v1::PlaceOrderResponse();
  }

  bool Fill(const std::string& order_id) {
    const auto fill = [this](ledger::Operation& operation, const std::string& id) {
      return order::FillStanding(operation, *market_, id);
    };
    const auto filled = Do(Operator(), fill, order_id);
    EXPECT_TRUE(filled.ok()) << filled.status();
    return filled.ok() && *filled;
  }

  // The one contract of an order over all of a listing of 100 jin.
  order::v1::Contract OneContract() {
    listing_id_ = List(kEggFarm, Eggs(100));
    return Stand(kSchool, StandingOrder(100)).contracts(0);
  }

  // The order stands, the goods are there, and it does not get them again; others do.
  void ExpectBarred(const std::string& order_id) {
    EXPECT_EQ(OrderNow(order_id).state(), order::v1::ORDER_STATE_STANDING);
    EXPECT_THAT(OrderNow(order_id).barred_listing_ids(), ElementsAre(listing_id_));
    EXPECT_GT(BalancesOf(listing_id_).available(), 0);
    EXPECT_FALSE(Fill(order_id));
    EXPECT_TRUE(Place(kHospital, EggOrder(1)).ok());
    const std::string other = List(kEggFarm, Eggs(10));
    EXPECT_TRUE(Fill(order_id));
    const order::v1::Order order = OrderNow(order_id);
    EXPECT_EQ(ContractNow(order.contract_ids(order.contract_ids_size() - 1)).listing_id(), other);
  }

  std::string listing_id_;
};

TEST_F(StandingTest, WhatWasRefusedDoesNotComeBack) {
  const order::v1::Contract contract = OneContract();
  order::v1::RefuseContractRequest refuse;
  refuse.set_contract_id(contract.contract_id());
  ASSERT_TRUE(Do(SupplierOf(kEggFarm), order::RefuseContract, refuse).ok());
  ExpectBarred(contract.order_id());
}

TEST_F(StandingTest, WhatWasNotSignedInTimeDoesNotComeBack) {
  const order::v1::Contract contract = OneContract();
  clock_.Advance(absl::Hours(24) + absl::Seconds(1));
  ASSERT_TRUE(Do(Operator(), order::ExpireContract, contract.contract_id()).ok());
  ExpectBarred(contract.order_id());
}

TEST_F(StandingTest, WhatWasLeftBehindDoesNotComeBack) {
  const order::v1::Contract contract = OneContract();
  ASSERT_TRUE(Sign(contract).ok());
  order::v1::ShipContractRequest shipment = Shipment(contract);
  shipment.set_delivered_units(60);
  ASSERT_TRUE(Do(SupplierOf(kEggFarm), order::Ship, shipment).ok());
  ExpectBarred(contract.order_id());
}

TEST_F(StandingTest, BarredListingsAreBounded) {
  const std::string id = Stand(kSchool, StandingOrder(100)).order().order_id();
  for (int i = 0; i <= order::kMaxBarredListings; ++i) {
    const auto bar = [i](ledger::Operation& operation, const std::string& order_id) {
      return order::Unfill(operation, order_id, 0, base::StrCat("listing-", i));
    };
    ASSERT_TRUE(Do(Operator(), bar, id).ok());
    ASSERT_TRUE(Do(Operator(), bar, id).ok()) << "a second time it is there";
  }
  EXPECT_EQ(OrderNow(id).barred_listing_ids_size(), order::kMaxBarredListings);
  EXPECT_EQ(OrderNow(id).barred_listing_ids(0), "listing-1");
}

TEST_F(StandingTest, ABuyerBarsNothingByItsRequest) {
  order::v1::Order order = StandingOrder(10);
  order.add_barred_listing_ids(List(kEggFarm, Eggs(100)));
  EXPECT_EQ(Stand(kSchool, order).contracts_size(), 1);
}

}  // namespace
}  // namespace zhuxiao
