// Standing orders: which listings serve one no more, and what makes one worth a try.
#include "services/order/standing_work.h"
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

class StandingWorkTest : public StandingTest {
 protected:
  void SetUp() override {
    StandingTest::SetUp();
    work_.emplace(store_, *market_);
  }

  // What is worth a try now.
  std::vector<std::string> Tries() {
    EXPECT_TRUE(market_->Advance(store_.FeedEnd(), base::DayOf(clock_.Now())).ok());
    EXPECT_TRUE(work_->Look(clock_.Now()).ok());
    std::vector<std::string> ids;
    while (true) {
      const auto id = work_->Next();
      EXPECT_TRUE(id.ok()) << id.status();
      if (!id.ok() || !*id) return ids;
      ids.push_back(**id);
    }
  }

  std::optional<order::StandingWork> work_;
};

TEST_F(StandingWorkTest, WhoBeginsTriesAll) {
  const std::string first = Stand(kSchool, StandingOrder(100)).order().order_id();
  const std::string second = Stand(kHospital, StandingOrder(100)).order().order_id();
  work_->Begin(clock_.Now());
  EXPECT_THAT(Tries(), UnorderedElementsAre(first, second));
  EXPECT_THAT(Tries(), IsEmpty());
  clock_.Advance(order::kSweepPause);
  EXPECT_THAT(Tries(), UnorderedElementsAre(first, second)) << "a sweep";
  EXPECT_THAT(Tries(), IsEmpty());
}

TEST_F(StandingWorkTest, NewGoodsAreWorthATry) {
  const std::string id = Stand(kSchool, StandingOrder(100)).order().order_id();
  work_->Begin(clock_.Now());
  Tries();
  List(kCattleFarm, Cattle(1));
  EXPECT_THAT(Tries(), IsEmpty()) << "of another commodity";
  List(kEggFarm, Eggs(1));
  EXPECT_THAT(Tries(), ElementsAre(id));
}

TEST_F(StandingWorkTest, ALimitThatWasRaisedIsWorthATry) {
  SetLimit(kSchool, 100);
  List(kEggFarm, Eggs(100));
  const std::string id = Stand(kSchool, StandingOrder(100)).order().order_id();
  Stand(kHospital, StandingOrder(200));
  work_->Begin(clock_.Now());
  Tries();
  EXPECT_FALSE(Fill(id));
  EXPECT_THAT(Tries(), IsEmpty());
  SetLimit(kSchool, 10'000);
  EXPECT_THAT(Tries(), ElementsAre(id));
}

TEST_F(StandingWorkTest, SoAreOrdersOfThoseTheLimitPaysFor) {
  ASSERT_TRUE(SetCanteen(kHospital, directory::v1::CANTEEN_MODE_SHARED, kHospital).ok());
  ASSERT_TRUE(SetCanteen(kSchool, directory::v1::CANTEEN_MODE_SHARED, kHospital).ok());
  SetLimit(kHospital, 100);
  List(kEggFarm, Eggs(100));
  const std::string id = Stand(kSchool, StandingOrder(100)).order().order_id();
  work_->Begin(clock_.Now());
  Tries();
  EXPECT_FALSE(Fill(id));
  SetLimit(kHospital, 10'000);
  EXPECT_THAT(Tries(), ElementsAre(id));
  EXPECT_TRUE(Fill(id));
}

TEST_F(StandingWorkTest, AnOrderThatFellShortIsWorthATry) {
  const std::string listing = List(kEggFarm, Eggs(300));
  const order::v1::Contract contract = Stand(kSchool, StandingOrder(200)).contracts(0);
  ASSERT_TRUE(Sign(contract).ok());
  ASSERT_TRUE(Ship(contract).ok());
  work_->Begin(clock_.Now());
  Tries();
  ASSERT_TRUE(Accept(contract, 190, 0, order::v1::REJECTED_GOODS_SPOILED).ok());
  EXPECT_THAT(Tries(), ElementsAre(contract.order_id()));
  EXPECT_TRUE(Fill(contract.order_id())) << "what spoiled on the way bars nothing";
  EXPECT_EQ(OrderNow(contract.order_id()).state(), order::v1::ORDER_STATE_FILLED);
  EXPECT_EQ(BalancesOf(listing).available(), 90);
}

TEST_F(StandingWorkTest, AListThatIsNewIsWorthATry) {
  List(kEggFarm, Eggs(100));
  order::v1::Order order = StandingOrder(10);
  order.set_required_programme("relief");
  const std::string id = Stand(kSchool, order).order().order_id();
  work_->Begin(clock_.Now());
  Tries();
  Designate("relief", kEggVillage, "2020-01-01");
  EXPECT_THAT(Tries(), ElementsAre(id));
  EXPECT_TRUE(Fill(id));
}

}  // namespace
}  // namespace zhuxiao
