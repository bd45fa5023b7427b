// Clearing rounds: who may take which step, what is frozen, and what becomes of lines when the market moved on.
#include "services/round/archive.h"
#include "services/round/schedule.h"
#include "tests/support/round_fixture.h"
#include "tests/support/state_table.h"

namespace zhuxiao {
namespace {

using namespace round::v1;  // NOLINT: the values of its enums
using base::ErrorReason;
using base::Role;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::Officer;
using testing::Operator;
using ::testing::SizeIs;

TEST(RoundStatesTest, TheTableIsThis) {
  testing::ExpectedMoves moves;
  const auto people = [&](int from, const std::string& step, int to) {
    moves[{from, step, Role::ROLE_OFFICER}] = to;
    moves[{from, step, Role::ROLE_OPERATOR}] = to;
  };
  const auto server = [&](int from, const std::string& step, int to) { moves[{from, step, base::kTime}] = to; };
  people(ROUND_STATE_OPEN, "close", ROUND_STATE_CLOSING);
  server(ROUND_STATE_OPEN, "close", ROUND_STATE_CLOSING);
  server(ROUND_STATE_CLOSING, "have it frozen", ROUND_STATE_CLOSED);
  people(ROUND_STATE_CLOSED, "clear", ROUND_STATE_CLEARING);
  server(ROUND_STATE_CLOSED, "clear", ROUND_STATE_CLEARING);
  server(ROUND_STATE_CLEARING, "have it computed", ROUND_STATE_CLEARED);
  people(ROUND_STATE_CLEARED, "settle", ROUND_STATE_SETTLING);
  server(ROUND_STATE_CLEARED, "settle", ROUND_STATE_SETTLING);
  server(ROUND_STATE_SETTLING, "have every line decided", ROUND_STATE_SETTLED);
  for (const int from : {ROUND_STATE_CLOSING, ROUND_STATE_CLEARING}) {
    server(from, "find it cannot be computed", ROUND_STATE_CANCELLED);
  }
  for (const int from :
       {ROUND_STATE_OPEN, ROUND_STATE_CLOSING, ROUND_STATE_CLOSED, ROUND_STATE_CLEARING, ROUND_STATE_CLEARED}) {
    people(from, "cancel", ROUND_STATE_CANCELLED);
  }
  testing::ExpectMoves(round::RoundStates(), moves);
}

using RoundTest = testing::RoundFixture;

TEST_F(RoundTest, AnAwaitingOrderGetsNothingUntilTheRoundFillsIt) {
  const std::string listing = List(kEggFarm, Eggs(100));
  const std::string order = PlaceId(kSchool, AwaitingOrder(80));
  EXPECT_EQ(OrderNow(order).filled_base(), 0);
  EXPECT_EQ(BalancesOf(listing).available(), 100);
  auto filled = Do(
      {},
      [&](ledger::Operation& operation, const std::string& id) { return order::FillStanding(operation, *market_, id); },
      order);
  ASSERT_TRUE(filled.ok());
  EXPECT_FALSE(*filled) << "a single match must leave it to the round";

  const std::string id = OpenRound(/*is_automatic=*/true);
  Work(id);
  const Round round = RoundNow(id);
  EXPECT_EQ(round.state(), ROUND_STATE_SETTLED);
  EXPECT_EQ(round.listing_count(), 1);
  EXPECT_EQ(round.order_count(), 1);
  EXPECT_EQ(round.line_count(), 1);
  EXPECT_EQ(round.decided_line_count(), 1);
  EXPECT_EQ(round.contract_amount().amount_fen(), 80 * 340);
  EXPECT_GT(round.welfare_fen(), 0);
  EXPECT_GE(round.bound_fen(), round.welfare_fen());
  EXPECT_THAT(round.input_digest(), SizeIs(64));
  EXPECT_THAT(round.result_digest(), SizeIs(64));

  const order::v1::Order done = OrderNow(order);
  EXPECT_EQ(done.state(), order::v1::ORDER_STATE_FILLED);
  ASSERT_THAT(done.contract_ids(), SizeIs(1));
  const order::v1::Contract contract = ContractNow(done.contract_ids(0));
  EXPECT_EQ(contract.state(), order::v1::CONTRACT_STATE_PROPOSED);
  EXPECT_EQ(contract.ordered_units(), 80);
  EXPECT_EQ(contract.match_reason().welfare_fen(), round.welfare_fen());
  EXPECT_EQ(contract.match_reason().bonus_units(), 10) << "a tenth of the listing carries the bonus";
  EXPECT_EQ(BalancesOf(listing).held(), 80);
  EXPECT_EQ(BalancesOf(listing).available(), 20);
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 80 * 340);
  ASSERT_TRUE(Sign(contract).ok());
}

TEST_F(RoundTest, StandingOrdersTakePartWithWhatIsLeftOfThem) {
  List(kEggFarm, Eggs(30));
  order::v1::Order order = AwaitingOrder(100);
  order.set_awaits_round(false);
  const std::string id = PlaceId(kSchool, order);
  EXPECT_EQ(OrderNow(id).filled_base(), 30 * 500);
  List(kEggFarm, Eggs(200));
  const std::string round = ClearedRound();
  SettleWhole(round);
  ASSERT_THAT(LinesOf(round), SizeIs(1));
  EXPECT_EQ(LinesOf(round)[0].units(), 70);
  EXPECT_EQ(OrderNow(id).state(), order::v1::ORDER_STATE_FILLED);
}

TEST_F(RoundTest, AnAwaitingOrderMustSayHowLongItStands) {
  order::v1::Order order = AwaitingOrder(1);
  order.clear_standing_until();
  EXPECT_THAT(testing::BadFieldsOf(Place(kSchool, order).status()), ElementsAre("order.standing_until"));
}

TEST_F(RoundTest, OfficersRunRoundsOfTheirRegionOnly) {
  EXPECT_THAT(TryOpen(Officer("140321"), ""), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(TryOpen(Officer("140321"), "141032"), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(TryOpen(Officer("14"), "99"), HasReason(ErrorReason::ERROR_REASON_INVALID_FIELDS));
  auto opened = TryOpen(Officer("14"), "140321");
  ASSERT_TRUE(opened.ok()) << opened.status();
  const std::string id = opened->round().round_id();
  EXPECT_THAT(CloseRound(id, Officer("141032")), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_TRUE(CloseRound(id, Officer("140321")).ok());
  EXPECT_THAT(CloseRound(id, Officer("140321")), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
}

TEST_F(RoundTest, ARegionHasOneRoundAtATime) {
  const std::string first = OpenRound();
  EXPECT_THAT(TryOpen(Operator()), HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_TRUE(TryOpen(Operator(), "14").ok());
  ASSERT_TRUE(CancelRound(first).ok());
  EXPECT_TRUE(TryOpen(Operator()).ok());
}

TEST_F(RoundTest, GoodsOfTheRegionAloneTakePart) {
  List(kEggFarm, Eggs(100));
  PlaceId(kSchool, AwaitingOrder(80));
  const std::string id = OpenRound(true, "141032");
  Work(id);
  EXPECT_EQ(RoundNow(id).state(), ROUND_STATE_SETTLED);
  EXPECT_EQ(RoundNow(id).listing_count(), 0);
  EXPECT_EQ(RoundNow(id).order_count(), 1);
  EXPECT_EQ(RoundNow(id).line_count(), 0);
}

TEST_F(RoundTest, WhatTheFormulaDoesNotKnowIsLeftOut) {
  List(kCattleFarm, Cattle(10));
  listing::v1::Listing scoped = Eggs(10);
  scoped.add_delivery_regions("14");
  List(kEggFarm, scoped);
  order::v1::Order cattle = CattleOrder(2);
  cattle.set_awaits_round(true);
  *cattle.mutable_standing_until() = base::ToProto(clock_.Now() + absl::Hours(24 * 4));
  PlaceId(kSchool, cattle);
  order::v1::Order picky = AwaitingOrder(10);
  picky.add_required_certificates(directory::v1::CERTIFICATE_KIND_COMPLIANCE_PROMISE);
  const std::string picky_id = PlaceId(kSchool, picky);
  const std::string id = ClearedRound();
  EXPECT_EQ(RoundNow(id).left_out_count(), 4);
  EXPECT_EQ(RoundNow(id).listing_count(), 0);
  EXPECT_EQ(RoundNow(id).order_count(), 0);
  auto reason = See([&](store::Reader& reader) { return round::FindLeftOut(reader, id, picky_id); });
  ASSERT_TRUE(reason.ok()) << reason.status();
  EXPECT_EQ(*reason, ROUND_LEFT_OUT_REQUIREMENTS);
}

TEST_F(RoundTest, CancellingGivesNothingAndFreesNothing) {
  const std::string listing = List(kEggFarm, Eggs(100));
  const std::string order = PlaceId(kSchool, AwaitingOrder(80));
  const std::string id = ClearedRound();
  ASSERT_TRUE(CancelRound(id).ok());
  Work(id);
  EXPECT_EQ(RoundNow(id).state(), ROUND_STATE_CANCELLED);
  EXPECT_EQ(OrderNow(order).state(), order::v1::ORDER_STATE_STANDING);
  EXPECT_EQ(BalancesOf(listing).available(), 100);
  EXPECT_THAT(SettleRound(id), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
}

// A round in which 160 jin were asked of 100: their price is what the order that got less would have paid in welfare.
// Then one contract is refused, so that 80 jin are for sale again.
class ReserveTest : public testing::RoundFixture {
 protected:
  void SetUp() override {
    RoundFixture::SetUp();
    listing_ = List(kEggFarm, Eggs(100));
    const std::string school = PlaceId(kSchool, AwaitingOrder(80));
    const std::string hospital = PlaceId(kHospital, AwaitingOrder(80));
    const std::string id = ClearedRound();
    SettleWhole(id);
    for (const RoundLine& line : LinesOf(id)) {
      order::v1::RefuseContractRequest refuse;
      refuse.set_contract_id(line.contract_id());
      refuse.set_cause("the hens went on strike");
      if (line.units() != 80) continue;
      ASSERT_TRUE(Do(testing::SupplierOf(kEggFarm), order::RefuseContract, refuse).ok());
      Cancel(kSchool, school);
      Cancel(kHospital, hospital);
    }
    ASSERT_EQ(BalancesOf(listing_).available(), 80);
  }

  void Cancel(const std::string& buyer, const std::string& order) {
    order::v1::CancelOrderRequest cancel;
    cancel.set_order_id(order);
    if (OrderNow(order).state() != order::v1::ORDER_STATE_STANDING) return;
    ASSERT_TRUE(Do(testing::InstitutionOf(buyer), order::Cancel, cancel).ok());
  }

  // The same goods 2,000 km away are worth less than to a canteen next door.
  order::v1::Order FarOrder() const {
    order::v1::Order order = EggOrder(10);
    order.set_destination_code("440106");
    return order;
  }

  void ExpectReserved(const order::v1::Order& order) {
    auto placed = Place(kSchool, order);
    EXPECT_THAT(placed, HasReason(ErrorReason::ERROR_REASON_NOTHING_MATCHED));
    EXPECT_THAT(std::string(placed.status().message()), ::testing::HasSubstr("RESERVED"));
  }

  std::string listing_;
};

TEST_F(ReserveTest, AnOrderMustBeWorthAsMuchAsThePriceLeaves) {
  ExpectReserved(FarOrder());
  auto near = Place(kSchool, EggOrder(10));
  ASSERT_TRUE(near.ok()) << near.status();
  const order::v1::MatchReason& reason = near->contracts(0).match_reason();
  EXPECT_GT(reason.reserve_fen(), 0);
  EXPECT_LE(reason.reserve_fen(), reason.welfare_fen());
}

TEST_F(ReserveTest, AServerThatStartsAnewKnowsThePrices) {
  LoadMarket();
  ExpectReserved(FarOrder());
}

TEST_F(ReserveTest, OldPricesAskForNothing) {
  clock_.Advance(absl::Hours(24));
  ExpectReserved(FarOrder());
  clock_.Advance(absl::Hours(24));
  auto placed = Place(kSchool, EggOrder(10));
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->contracts(0).match_reason().reserve_fen(), 0);
}

TEST_F(ReserveTest, GoodsTheRoundDidNotKnowHaveNoPrice) {
  List(kEggFarm, Eggs(100));
  auto placed = Place(kSchool, FarOrder());
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_NE(placed->contracts(0).listing_id(), listing_);
}

TEST_F(ReserveTest, TheNextRoundOfTheRegionReplacesThePrices) {
  const std::string elsewhere = OpenRound(/*is_automatic=*/true, "141032");
  Work(elsewhere);
  ASSERT_EQ(RoundNow(elsewhere).state(), ROUND_STATE_SETTLED);
  ExpectReserved(FarOrder());
  // Nobody asks for the goods in the second round: it sets no price. Of rounds settled at one moment neither is the
  // later.
  clock_.Advance(absl::Seconds(1));
  const std::string next = OpenRound(/*is_automatic=*/true, "14");
  Work(next);
  ASSERT_EQ(RoundNow(next).state(), ROUND_STATE_SETTLED);
  auto placed = Place(kSchool, FarOrder());
  EXPECT_TRUE(placed.ok()) << placed.status();
  LoadMarket();
  EXPECT_TRUE(Place(kSchool, FarOrder()).ok());
}

// What a cleared line of 80 jin becomes after something happened.
class ShrinkTest : public testing::RoundFixture {
 protected:
  void SetUp() override {
    RoundFixture::SetUp();
    listing_ = List(kEggFarm, Eggs(100));
    order_ = PlaceId(kSchool, AwaitingOrder(80));
    round_ = ClearedRound();
  }

  RoundLine LineAfterSettling() {
    SettleWhole(round_);
    const auto lines = LinesOf(round_);
    EXPECT_THAT(lines, SizeIs(1));
    return lines.empty() ? RoundLine() : lines[0];
  }

  void ExpectDropped(RoundLineLimit limit) {
    const RoundLine line = LineAfterSettling();
    EXPECT_EQ(line.state(), ROUND_LINE_STATE_DROPPED);
    EXPECT_EQ(line.limit(), limit) << RoundLineLimit_Name(line.limit());
    EXPECT_EQ(line.contract_id(), "");
    EXPECT_EQ(RoundNow(round_).dropped_line_count(), 1);
    EXPECT_EQ(RoundNow(round_).contract_amount().amount_fen(), 0);
  }

  std::string listing_;
  std::string order_;
  std::string round_;
};

TEST_F(ShrinkTest, ADirectOrderInBetweenLeavesLess) {
  auto direct = Place(kHospital, EggOrder(60));
  ASSERT_TRUE(direct.ok()) << direct.status();
  const RoundLine line = LineAfterSettling();
  EXPECT_EQ(line.state(), ROUND_LINE_STATE_SHRUNK);
  EXPECT_EQ(line.limit(), ROUND_LINE_LIMIT_STOCK_SOLD);
  EXPECT_EQ(line.units(), 80);
  EXPECT_EQ(line.contract_units(), 40);
  EXPECT_EQ(BalancesOf(listing_).available(), 0);
  EXPECT_EQ(BalancesOf(listing_).held(), 100);
  EXPECT_EQ(RoundNow(round_).shrunk_line_count(), 1);
  EXPECT_EQ(OrderNow(order_).state(), order::v1::ORDER_STATE_STANDING) << "the rest waits for the next round";
  EXPECT_EQ(OrderNow(order_).filled_base(), 40 * 500);
  const order::v1::MatchReason reason = ContractNow(line.contract_id()).match_reason();
  EXPECT_EQ(reason.bonus_units(), 10);
  EXPECT_LT(reason.welfare_fen(), RoundNow(round_).welfare_fen());
}

TEST_F(ShrinkTest, AnOrderCancelledInBetweenGetsNothing) {
  order::v1::CancelOrderRequest cancel;
  cancel.set_order_id(order_);
  ASSERT_TRUE(Do(testing::InstitutionOf(kSchool), order::Cancel, cancel).ok());
  ExpectDropped(ROUND_LINE_LIMIT_ORDER_ENDED);
}

TEST_F(ShrinkTest, ASpendingLimitLoweredInBetweenHolds) {
  SetLimit(kSchool, 25 * 340 + 339);
  const RoundLine line = LineAfterSettling();
  EXPECT_EQ(line.limit(), ROUND_LINE_LIMIT_LIMIT_SPENT);
  EXPECT_EQ(line.contract_units(), 25);
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 25 * 340);
}

TEST_F(ShrinkTest, APriceChangedInBetweenBreaksTheLine) {
  listing::v1::UpdateListingRequest update;
  auto listing = See([&](store::Reader& reader) { return listing::Get(reader, listing_); });
  ASSERT_TRUE(listing.ok());
  update.mutable_listing()->set_listing_id(listing_);
  update.mutable_listing()->mutable_unit_price()->set_amount_fen(345);
  update.mutable_listing()->set_etag(listing->etag());
  update.mutable_update_mask()->add_paths("unit_price");
  auto updated = Do(testing::SupplierOf(kEggFarm), listing::Update, update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  ExpectDropped(ROUND_LINE_LIMIT_PRICE_CHANGED);
}

TEST_F(ShrinkTest, ASupplierSuspendedInBetweenSellsNothing) {
  Suspend(kEggFarm);
  ExpectDropped(ROUND_LINE_LIMIT_SUPPLIER_NOT_ACTIVE);
}

TEST_F(ShrinkTest, AListingThatFellShortOfTheOrderDoesNotComeBack) {
  const auto bar = [this](ledger::Operation& operation, const std::string& order_id) {
    return order::Unfill(operation, order_id, 0, listing_);
  };
  ASSERT_TRUE(Do(testing::Operator(), bar, order_).ok());
  ExpectDropped(ROUND_LINE_LIMIT_LISTING_BARRED);
}

TEST_F(ShrinkTest, ALineOfAnOrderPastItsTimeIsDropped) {
  clock_.Advance(absl::Hours(24 * 4 + 1));
  ExpectDropped(ROUND_LINE_LIMIT_ORDER_ENDED);
}

TEST_F(RoundTest, GoodsThatWouldArriveTooLateByNowAreNotSold) {
  List(kEggFarm, Eggs(100));
  order::v1::Order order = AwaitingOrder(80);
  // Due on the evening of the day after tomorrow; the goods are a day on the road.
  const absl::Time due = base::StartOfDay(base::DayOf(clock_.Now()) + 2) + absl::Hours(20);
  *order.mutable_deliver_by_time() = base::ToProto(due);
  *order.mutable_standing_until() = base::ToProto(due);
  PlaceId(kSchool, order);
  const std::string id = ClearedRound();
  ASSERT_THAT(LinesOf(id), SizeIs(1));
  clock_.Advance(due - absl::Hours(1) - clock_.Now());
  SettleWhole(id);
  EXPECT_EQ(LinesOf(id)[0].state(), ROUND_LINE_STATE_DROPPED);
  EXPECT_EQ(LinesOf(id)[0].limit(), ROUND_LINE_LIMIT_TOO_LATE);
}

TEST_F(RoundTest, AnOrderThatTakesNoPartGetsAllOrNothing) {
  List(kEggFarm, Eggs(100));
  order::v1::Order whole = AwaitingOrder(80);
  whole.set_allow_partial(false);
  const std::string order = PlaceId(kSchool, whole);
  const std::string id = ClearedRound();
  ASSERT_THAT(LinesOf(id), SizeIs(1));
  ASSERT_TRUE(Place(kHospital, EggOrder(30)).ok());
  SettleWhole(id);
  EXPECT_EQ(LinesOf(id)[0].state(), ROUND_LINE_STATE_DROPPED);
  EXPECT_EQ(LinesOf(id)[0].limit(), ROUND_LINE_LIMIT_STOCK_SOLD);
  EXPECT_EQ(OrderNow(order).filled_base(), 0);
}

TEST_F(RoundTest, ALineBelowTheLeastLotByNowIsDropped) {
  listing::v1::Listing listing = Eggs(100);
  listing.set_min_lot_units(50);
  List(kEggFarm, listing);
  PlaceId(kSchool, AwaitingOrder(80));
  const std::string id = ClearedRound();
  ASSERT_TRUE(Place(kHospital, EggOrder(60)).ok());
  SettleWhole(id);
  EXPECT_EQ(LinesOf(id)[0].state(), ROUND_LINE_STATE_DROPPED);
  EXPECT_EQ(LinesOf(id)[0].limit(), ROUND_LINE_LIMIT_BELOW_MIN_LOT);
}

TEST_F(RoundTest, PartiesSeeTheirOwnLinesOnly) {
  List(kEggFarm, Eggs(100));
  PlaceId(kSchool, AwaitingOrder(30));
  PlaceId(kHospital, AwaitingOrder(40));
  const std::string id = ClearedRound();
  EXPECT_THAT(LinesOf(id), SizeIs(2));
  EXPECT_THAT(LinesOf(id, testing::SupplierOf(kEggFarm)), SizeIs(2));
  EXPECT_THAT(LinesOf(id, testing::SupplierOf(kCattleFarm)), IsEmpty());
  ASSERT_THAT(LinesOf(id, testing::InstitutionOf(kSchool)), SizeIs(1));
  EXPECT_EQ(LinesOf(id, testing::InstitutionOf(kSchool))[0].institution_uscc(), kSchool);
  EXPECT_THAT(LinesOf(id, Officer("14")), IsEmpty()) << "a round of the country is not a province's";
  EXPECT_THAT(LinesOf(id, Officer("")), SizeIs(2));
}

TEST_F(RoundTest, DamagedFilesAreNotCleared) {
  List(kEggFarm, Eggs(100));
  PlaceId(kSchool, AwaitingOrder(30));
  const std::string id = OpenRound();
  ASSERT_TRUE(CloseRound(id).ok());
  Work(id);
  // A piece of the frozen orders changes by a digit.
  const std::string key = round::PieceKey(id, round::ArchivePart::kInput, 4);
  ASSERT_TRUE(store::RunTransaction(store_, [&](store::Transaction& transaction) -> absl::Status {
                auto row = transaction.Get(key);
                if (!row.ok()) return row.status();
                storage::v1::RoundFilePiece piece;
                if (!piece.ParseFromString(row->value_or(""))) return absl::InternalError("no piece");
                const size_t at = piece.content().find(",15000,");
                if (at == std::string::npos) return absl::InternalError(piece.content());
                (*piece.mutable_content())[at + 2] = '6';
                transaction.Put(key, piece.SerializeAsString());
                return absl::OkStatus();
              }).ok());
  ASSERT_TRUE(ClearRound(id).ok());
  EXPECT_TRUE(absl::IsDataLoss(WorkOver(store_, id)));
  EXPECT_EQ(RoundNow(id).state(), ROUND_STATE_CLEARING);
}

TEST(RoundScheduleTest, ReadsTimesAndNamesBadLines) {
  auto schedule = round::ParseSchedule("time,late_minutes\r\n09:30,60\r\n15:00,5\r\n");
  ASSERT_TRUE(schedule.ok()) << schedule.status();
  ASSERT_THAT(*schedule, SizeIs(2));
  EXPECT_EQ((*schedule)[0].time_of_day, absl::Hours(9) + absl::Minutes(30));
  EXPECT_EQ((*schedule)[1].late, absl::Minutes(5));
  EXPECT_THAT(testing::BadFieldsOf(round::ParseSchedule("time\n24:00,1\n09:00\n9:00,2\n").status()),
              ElementsAre("line 1", "line 2", "line 3", "line 4"));
  EXPECT_THAT(round::DefaultSchedule(), SizeIs(2));
}

TEST(RoundScheduleTest, ASlotIsDueForAWhile) {
  const auto& schedule = round::DefaultSchedule();
  const auto at = [](const std::string& text) {
    absl::Time time;
    EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M:%S", text, base::Shanghai(), &time, nullptr));
    return time;
  };
  EXPECT_EQ(round::DueSlot(schedule, at("2020-02-20 09:29:59")), std::nullopt);
  EXPECT_EQ(round::DueSlot(schedule, at("2020-02-20 09:30:00")), at("2020-02-20 09:30:00"));
  EXPECT_EQ(round::DueSlot(schedule, at("2020-02-20 10:30:00")), at("2020-02-20 09:30:00"));
  EXPECT_EQ(round::DueSlot(schedule, at("2020-02-20 10:30:01")), std::nullopt);
  EXPECT_EQ(round::DueSlot(schedule, at("2020-02-20 15:10:00")), at("2020-02-20 15:00:00"));
  EXPECT_EQ(round::DueSlot({{absl::Hours(23), absl::Hours(3)}}, at("2020-02-21 01:00:00")), at("2020-02-20 23:00:00"));
}

TEST_F(RoundTest, AScheduledRoundIsHeldOnce) {
  const absl::Time slot = clock_.Now();
  const auto open = [&](absl::Time at, absl::Time since) {
    return Do(
        {},
        [&](ledger::Operation& operation, const absl::Time& time) {
          return round::OpenScheduled(operation, time, since);
        },
        at);
  };
  const auto rounds = [&] { return *round::Work::NotOver(store_); };
  ASSERT_TRUE(open(slot, slot + absl::Seconds(1)).ok());
  EXPECT_THAT(rounds(), IsEmpty()) << "a new installation makes up for nothing";
  ASSERT_TRUE(open(slot, slot).ok());
  ASSERT_THAT(rounds(), SizeIs(1));
  const std::string id = rounds()[0];
  ASSERT_TRUE(open(slot, slot).ok());
  EXPECT_THAT(rounds(), ElementsAre(id));
  Work(id);
  EXPECT_EQ(RoundNow(id).state(), ROUND_STATE_SETTLED);
  EXPECT_NE(RoundNow(id).slot(), "");
  ASSERT_TRUE(open(slot, slot).ok());
  EXPECT_THAT(rounds(), IsEmpty()) << "the slot was held";
  ASSERT_TRUE(open(slot + absl::Hours(5), slot + absl::Hours(6)).ok());
  EXPECT_THAT(rounds(), SizeIs(1)) << "a restarted server makes up for what was promised";
}

}  // namespace
}  // namespace zhuxiao
