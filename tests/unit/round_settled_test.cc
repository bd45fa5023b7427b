// What a round leaves once it is settled: explanations that know of it, reserves, orders too large or too damaged to
// settle as others are, and slots that had to wait.
#include "services/order/round_fill.h"
#include "services/round/explain.h"
#include "tests/support/round_fixture.h"

namespace zhuxiao {
namespace {

using namespace round::v1;  // NOLINT: the values of its enums
using base::ErrorReason;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::Operator;
using ::testing::SizeIs;

class SettledTest : public testing::RoundFixture {
 protected:
  ExplainRoundResponse Explain(const std::string& round_id, const std::string& listing, const std::string& order) {
    ExplainRoundRequest request;
    request.set_round_id(round_id);
    request.set_listing_id(listing);
    request.set_order_id(order);
    auto why = See([&](store::Reader& reader) { return round::Explain(reader, Operator(), rounds_, request); });
    EXPECT_TRUE(why.ok()) << why.status();
    return why.ok() ? *why : ExplainRoundResponse();
  }

  void Cancel(const std::string& buyer, const std::string& order) {
    order::v1::CancelOrderRequest cancel;
    cancel.set_order_id(order);
    ASSERT_TRUE(Do(testing::InstitutionOf(buyer), order::Cancel, cancel).ok());
  }

  std::string PlaceWhole(const std::string& buyer, int64_t jin) {
    order::v1::Order order = AwaitingOrder(jin);
    order.set_allow_partial(false);
    return PlaceId(buyer, order);
  }

  round::ClearedRounds rounds_;
};

TEST_F(SettledTest, AnExplanationKnowsWhatSettlingShrank) {
  const std::string listing = List(kEggFarm, Eggs(100));
  const std::string order = PlaceId(kSchool, AwaitingOrder(80));
  const std::string id = ClearedRound();
  EXPECT_EQ(Explain(id, "", order).reason(), ROUND_REASON_FULL);
  EXPECT_EQ(Explain(id, "", order).settled(), 0);
  ASSERT_TRUE(Place(kHospital, EggOrder(60)).ok());
  SettleWhole(id);
  for (const ExplainRoundResponse& why : {Explain(id, "", order), Explain(id, listing, "")}) {
    EXPECT_EQ(why.reason(), ROUND_REASON_SHRUNK_AT_SETTLING) << why.ShortDebugString();
    EXPECT_EQ(why.change(), "");
    ASSERT_THAT(why.shrunk_lines(), SizeIs(1));
    EXPECT_EQ(why.shrunk_lines(0).units(), 80);
    EXPECT_EQ(why.shrunk_lines(0).contract_units(), 40);
    EXPECT_EQ(why.shrunk_lines(0).limit(), ROUND_LINE_LIMIT_STOCK_SOLD);
  }
  EXPECT_EQ(Explain(id, "", order).cleared(), 80 * 500);
  EXPECT_EQ(Explain(id, "", order).settled(), 40 * 500);
  EXPECT_EQ(Explain(id, listing, "").settled(), 40);
}

TEST_F(SettledTest, AnExplanationKnowsWhatSettlingDropped) {
  List(kEggFarm, Eggs(100));
  const std::string order = PlaceId(kSchool, AwaitingOrder(80));
  const std::string id = ClearedRound();
  Cancel(kSchool, order);
  SettleWhole(id);
  const ExplainRoundResponse why = Explain(id, "", order);
  EXPECT_EQ(why.reason(), ROUND_REASON_SHRUNK_AT_SETTLING);
  EXPECT_EQ(why.settled(), 0);
  ASSERT_THAT(why.shrunk_lines(), SizeIs(1));
  EXPECT_EQ(why.shrunk_lines(0).limit(), ROUND_LINE_LIMIT_ORDER_ENDED);
}

TEST_F(SettledTest, WhatIsSettledAsClearedKeepsItsReason) {
  const std::string listing = List(kEggFarm, Eggs(100));
  const std::string order = PlaceId(kSchool, AwaitingOrder(80));
  const std::string id = ClearedRound();
  SettleWhole(id);
  EXPECT_EQ(Explain(id, "", order).reason(), ROUND_REASON_FULL);
  EXPECT_EQ(Explain(id, "", order).settled(), 80 * 500);
  EXPECT_EQ(Explain(id, listing, "").reason(), ROUND_REASON_NO_MORE_DEMAND);
  EXPECT_THAT(Explain(id, listing, "").shrunk_lines(), IsEmpty());
}

// The price of the units of a round's listing that carry no bonus.
int64_t PriceMicrofen(const ExplainRoundResponse& why) { return why.second_price_microfen(); }

TEST_F(SettledTest, GoodsTheRoundCouldNotSellAreNotReservedForAnyone) {
  const std::string listing = List(kEggFarm, Eggs(10));
  PlaceWhole(kSchool, 20);
  const std::string id = ClearedRound();
  ASSERT_GT(PriceMicrofen(Explain(id, listing, "")), 0) << "an order that gets nothing sets the price";
  SettleWhole(id);
  auto placed = Place(kHospital, EggOrder(5));
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->contracts(0).match_reason().reserve_fen(), 0);
}

TEST_F(SettledTest, GoodsOfADroppedLineAreNotReservedForAnyone) {
  const std::string listing = List(kEggFarm, Eggs(100));
  const std::string school = PlaceId(kSchool, AwaitingOrder(90));
  const std::string hospital = PlaceId(kHospital, AwaitingOrder(90));
  const std::string id = ClearedRound();
  ASSERT_GT(PriceMicrofen(Explain(id, listing, "")), 0);
  Cancel(kSchool, school);
  Cancel(kHospital, hospital);
  SettleWhole(id);
  auto placed = Place(kHospital, EggOrder(5));
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->contracts(0).match_reason().reserve_fen(), 0);
  LoadMarket();
  EXPECT_TRUE(Place(kHospital, EggOrder(5)).ok());
}

}  // namespace
}  // namespace zhuxiao
