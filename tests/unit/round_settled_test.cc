// What a round leaves once it is settled: explanations that know of it, reserves, orders too large or too damaged to
// settle as others are, and slots that had to wait.
#include <set>

#include "services/order/round_fill.h"
#include "services/round/explain.h"
#include "tests/support/fault_store.h"
#include "tests/support/round_fixture.h"

namespace zhuxiao {
namespace {

using namespace round::v1;  // NOLINT: the values of its enums
using base::ErrorReason;
using ::testing::ElementsAre;
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

// An order of so many listings of a jin each that takes no part.
class ManyListingsTest : public SettledTest, public ::testing::WithParamInterface<int> {};

TEST_P(ManyListingsTest, AnOrderThatTakesNoPartIsSettledWhole) {
  const int count = GetParam();
  for (int i = 0; i < count; ++i) List(kEggFarm, Eggs(1));
  const std::string order = PlaceWhole(kSchool, count);
  const std::string id = ClearedRound();
  ASSERT_EQ(RoundNow(id).line_count(), count);
  SettleWhole(id);
  EXPECT_EQ(RoundNow(id).dropped_line_count(), 0);
  EXPECT_EQ(OrderNow(order).state(), order::v1::ORDER_STATE_FILLED);
  EXPECT_EQ(OrderNow(order).filled_base(), count * 500);
}

INSTANTIATE_TEST_SUITE_P(AboveAPieceAndAtTheMost, ManyListingsTest,
                         ::testing::Values(order::kMaxRoundShares + 1, order::kMaxWholeShares));

// Orders of a round settled in one transaction.
class TogetherTest : public SettledTest {
 protected:
  // What the feed tells of settling.
  std::vector<audit::v1::Event> SettlingEvents() {
    std::vector<audit::v1::Event> events;
    const auto entries = store_.ReadFeed({}, store::kMaxScanRows);
    EXPECT_TRUE(entries.ok()) << entries.status();
    for (const store::FeedEntry& entry : *entries) {
      audit::v1::Event event;
      EXPECT_TRUE(event.ParseFromString(entry.payload));
      if (event.action() == "SettleRound") events.push_back(event);
    }
    return events;
  }
};

TEST_F(TogetherTest, ManyTakeFewCommitsAndAreToldOneByOne) {
  constexpr int kOrders = 120;
  List(kEggFarm, Eggs(kOrders));
  for (int i = 0; i < kOrders; ++i) PlaceId(i % 2 == 0 ? kSchool : kHospital, AwaitingOrder(1));
  const std::string id = ClearedRound();
  ASSERT_TRUE(SettleRound(id).ok());
  store::FaultStore counting(store_, [](int) { return store::CommitFault::kNone; });
  ASSERT_TRUE(WorkOver(counting, id).ok());
  EXPECT_LT(counting.commit_count(), kOrders / 8);
  EXPECT_EQ(RoundNow(id).decided_line_count(), kOrders);
  std::set<std::string> orders;
  std::set<std::string> contracts;
  for (const audit::v1::Event& event : SettlingEvents()) {
    ASSERT_EQ(event.contracts_size(), 1) << event.ShortDebugString();
    contracts.insert(event.contracts(0).contract_id());
    orders.insert(event.order().order_id());
    EXPECT_EQ(event.round().decided_line_count(), static_cast<int64_t>(orders.size()));
  }
  EXPECT_THAT(orders, SizeIs(kOrders));
  EXPECT_THAT(contracts, SizeIs(kOrders));
}

TEST_F(TogetherTest, EachFindsWhatThoseBeforeItLeft) {
  const std::string listing = List(kEggFarm, Eggs(100));
  SetLimit(kHospital, 40 * 340);
  for (const std::string& buyer : {kHospital, kHospital, kSchool, kSchool, kSchool}) {
    PlaceId(buyer, AwaitingOrder(20));
    clock_.Advance(absl::Milliseconds(1));  // ids of different moments are in order
  }
  const std::string id = ClearedRound();
  ASSERT_EQ(RoundNow(id).line_count(), 5);
  ASSERT_TRUE(Place(kSchool, EggOrder(30)).ok());
  SetLimit(kHospital, 25 * 340);
  SettleWhole(id);
  std::vector<int64_t> units;
  for (const RoundLine& line : LinesOf(id)) units.push_back(line.contract_units());
  EXPECT_THAT(units, ElementsAre(20, 5, 20, 20, 5));
  EXPECT_EQ(BalancesOf(listing).available(), 0);
  EXPECT_EQ(QuotaOf(kHospital).held().amount_fen(), 25 * 340);
}

TEST_F(TogetherTest, OneThatCannotBeSettledDoesNotHoldUpTheOthers) {
  List(kEggFarm, Eggs(200));
  std::vector<std::string> orders;
  for (int i = 0; i < 9; ++i) orders.push_back(PlaceId(i % 2 == 0 ? kHospital : kSchool, AwaitingOrder(10 + i)));
  const std::string broken = orders[4];
  const std::string id = ClearedRound();
  ASSERT_TRUE(store::RunTransaction(store_, [&](store::Transaction& transaction) {
                transaction.Put(store::Key("order", broken), "no order");
                return absl::OkStatus();
              }).ok());
  SettleWhole(id);
  for (const RoundLine& line : LinesOf(id)) {
    const bool is_broken = line.order_id() == broken;
    EXPECT_EQ(line.state(), is_broken ? ROUND_LINE_STATE_DROPPED : ROUND_LINE_STATE_SETTLED);
    EXPECT_EQ(line.limit(), is_broken ? ROUND_LINE_LIMIT_FAILED : ROUND_LINE_LIMIT_UNSPECIFIED);
  }
  for (int i = 0; i < 9; ++i) {
    if (i != 4) EXPECT_EQ(OrderNow(orders[i]).filled_base(), (10 + i) * 500);
  }
  EXPECT_EQ(RoundNow(id).dropped_line_count(), 1);
}

TEST_F(SettledTest, ASlotThatFindsARoundInItsWayIsNotedOnIt) {
  const auto open = [&](absl::Time slot) {
    return Do(
        {},
        [&](ledger::Operation& operation, const absl::Time& time) {
          return round::OpenScheduled(operation, time, slot);
        },
        slot);
  };
  const std::string id = OpenRound();
  auto first = open(clock_.Now());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(*first, id);
  EXPECT_EQ(*open(clock_.Now()), "") << "a slot is told once";
  EXPECT_EQ(RoundNow(id).blocked_slot_count(), 1);
  EXPECT_EQ(*open(clock_.Now() + absl::Hours(6)), id);
  EXPECT_EQ(RoundNow(id).blocked_slot_count(), 2);
  EXPECT_NE(RoundNow(id).last_blocked_slot(), "");
  ASSERT_TRUE(CancelRound(id).ok());
  EXPECT_EQ(*open(clock_.Now() + absl::Hours(6)), "");
  EXPECT_THAT(*round::Work::NotOver(store_), SizeIs(1)) << "the slot is held once nothing is in its way";
}

}  // namespace
}  // namespace zhuxiao
