// A harvest that becomes contracts: price, window, stock and quota once, over year's end, and what the window ends
// without.
#include "tests/support/forward_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using forward::v1::ForwardFigures;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::InstitutionOf;
using testing::SupplierOf;

class ForwardCallOffTest : public testing::ForwardFixture {
 protected:
  // Agreed long before, and it is the first day of the window.
  std::string AtHarvest(const forward::v1::Forward& forward) {
    std::string id = Agree(forward);
    GoTo("2020-12-20");
    return id;
  }

  ForwardFigures FiguresNow(const std::string& id) { return Now(id).figures(); }
};

TEST_F(ForwardCallOffTest, APartBecomesAListingAnOrderAndASignedContractOnce) {
  const std::string id = AtHarvest(Winter());
  const auto called = CallOff(Part(id, 400));
  ASSERT_TRUE(called.ok()) << called.status();
  const order::v1::Contract& contract = called->contract();
  EXPECT_EQ(contract.state(), order::v1::CONTRACT_STATE_SIGNED);
  EXPECT_EQ(contract.forward_id(), id);
  EXPECT_FALSE(contract.has_match_reason());
  EXPECT_EQ(contract.ordered_amount().amount_fen(), 400 * 340);
  const listing::v1::Balances& balances = called->listing().balances();
  EXPECT_EQ(balances.listed(), 400);
  EXPECT_EQ(balances.contracted(), 400);
  EXPECT_EQ(balances.available(), 0) << "nobody else may buy it";
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 400 * 340);
  EXPECT_EQ(OrderNow(contract.order_id()).state(), order::v1::ORDER_STATE_FILLED);
  EXPECT_EQ(called->forward().figures().open_units(), 600);
  EXPECT_EQ(testing::BrokenRules(store_), "");

  EXPECT_THAT(BadFieldsOf(CallOff(Part(id, 601)).status()), ElementsAre("units"));
  ASSERT_TRUE(CallOff(Part(id, 600)).ok());
  EXPECT_THAT(BadFieldsOf(CallOff(Part(id, 1)).status()), ElementsAre("units"));
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 1'000 * 340);
  EXPECT_EQ(testing::BrokenRules(store_), "");
}

TEST_F(ForwardCallOffTest, TheFloorHoldsBelowItAndTheCeilingAboveIt) {
  const std::string id = AtHarvest(Winter());
  const auto price = [&](int64_t going_fen) -> int64_t {
    const auto called = CallOff(Part(id, 10, going_fen));
    return called.ok() ? called->contract().unit_price().amount_fen() : -1;
  };
  EXPECT_EQ(price(300), 340);
  EXPECT_EQ(price(371), 371);
  EXPECT_EQ(price(400), 400);
  EXPECT_THAT(CallOff(Part(id, 10, 401)), HasReason(ErrorReason::ERROR_REASON_PRICE_OUT_OF_RANGE));
  EXPECT_EQ(FiguresNow(id).called_units(), 30);
  EXPECT_EQ(testing::BrokenRules(store_), "");
}

TEST_F(ForwardCallOffTest, EveryBadFieldIsNamedBeforeEtagAndCeiling) {
  const std::string id = AtHarvest(Winter());
  forward::v1::CallOffForwardRequest request = Part(id, 0);
  request.set_etag("of long ago");
  request.mutable_going_price()->set_amount_fen(-1);
  request.clear_last_sale_time();
  EXPECT_THAT(BadFieldsOf(CallOff(request).status()), ElementsAre("units", "going_price", "last_sale_time"));
  request = Part(id, 1'001, 401);
  request.set_etag("of long ago");
  EXPECT_THAT(BadFieldsOf(CallOff(request).status()), ElementsAre("units"));
  request.set_units(1);
  EXPECT_THAT(CallOff(request), HasReason(ErrorReason::ERROR_REASON_ETAG_MISMATCH));
  request.clear_etag();
  EXPECT_THAT(CallOff(request), HasReason(ErrorReason::ERROR_REASON_PRICE_OUT_OF_RANGE));
  request.set_forward_id("unknown");
  request.set_units(0);
  EXPECT_THAT(BadFieldsOf(CallOff(request).status()), ElementsAre("units"));
}

TEST_F(ForwardCallOffTest, CattleArePricedByTheKilogram) {
  forward::v1::Forward cattle = Winter();
  cattle.set_supplier_uscc(kCattleFarm);
  cattle.set_commodity_code("beef-cattle");
  cattle.set_sale_unit("head");
  cattle.set_sale_unit_base(1);
  cattle.set_units(3);
  cattle.mutable_floor_price()->set_amount_fen(3'300);
  cattle.mutable_ceiling_price()->set_amount_fen(3'600);
  const std::string id = AtHarvest(cattle);
  const auto called = CallOff(Part(id, 2, 3'500), kCattleFarm);
  ASSERT_TRUE(called.ok()) << called.status();
  EXPECT_EQ(called->contract().price_per_kg().amount_fen(), 3'500);
  EXPECT_EQ(called->contract().ordered_amount().amount_fen(), 2LL * 575 * 3'500);
  EXPECT_EQ(testing::BrokenRules(store_), "");
}

TEST_F(ForwardCallOffTest, GoodsArriveInsideTheWindowWithTheLifeTheyNeed) {
  const std::string id = Agree(Winter());
  GoTo("2020-12-18");  // one day on the way
  EXPECT_THAT(BadFieldsOf(CallOff(Part(id, 1)).status()), ElementsAre("ready_time"));
  auto ready_later = Part(id, 1);
  *ready_later.mutable_ready_time() = base::ToProto(At("2020-12-19"));
  EXPECT_TRUE(CallOff(ready_later).ok()) << "it may be called off before it leaves";
  GoTo("2021-01-19");
  EXPECT_TRUE(CallOff(Part(id, 1)).ok());
  auto short_lived = Part(id, 1);
  *short_lived.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(24));
  EXPECT_THAT(BadFieldsOf(CallOff(short_lived).status()), ElementsAre("last_sale_time"));
  GoTo("2021-01-20");
  EXPECT_THAT(BadFieldsOf(CallOff(Part(id, 1)).status()), ElementsAre("ready_time")) << "it would come on the 21st";
  auto nonsense = Part(id, 0);
  nonsense.clear_last_sale_time();
  EXPECT_THAT(BadFieldsOf(CallOff(nonsense).status()), ElementsAre("units", "last_sale_time"));
}

TEST_F(ForwardCallOffTest, SpendingCountsForTheYearItIsCalledOffIn) {
  const std::string id = AtHarvest(Winter());
  clock_.Set(absl::FromCivil(absl::CivilSecond(2020, 12, 31, 15, 59, 59), absl::UTCTimeZone()));
  ASSERT_TRUE(CallOff(Part(id, 100)).ok());
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 100 * 340);
  clock_.Set(absl::FromCivil(absl::CivilSecond(2020, 12, 31, 16, 0, 0), absl::UTCTimeZone()));
  EXPECT_THAT(CallOff(Part(id, 200)), HasReason(ErrorReason::ERROR_REASON_QUOTA_MISSING))
      << "2021 has begun in Asia/Shanghai, and nobody set its limit";
  SetLimit(kSchool, 200 * 340);
  EXPECT_THAT(CallOff(Part(id, 201)), HasReason(ErrorReason::ERROR_REASON_QUOTA_EXCEEDED));
  EXPECT_EQ(base::MetadataOf(CallOff(Part(id, 201)).status(), "limit_fen"), "") << "not the supplier's to know";
  const auto called = CallOff(Part(id, 200));
  ASSERT_TRUE(called.ok()) << called.status();
  EXPECT_EQ(called->contract().quota_year(), 2021);
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 200 * 340);
  EXPECT_EQ(FiguresNow(id).called_units(), 300);
  EXPECT_EQ(testing::BrokenRules(store_), "");
}

TEST_F(ForwardCallOffTest, TheWindowEndsWithTheShortfallAndCountsWhatWasKept) {
  const std::string id = AtHarvest(Winter());
  const auto first = CallOff(Part(id, 400));
  const auto second = CallOff(Part(id, 300));
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_TRUE(Ship(first->contract()).ok());
  EXPECT_EQ(FiguresNow(id).delivered_units(), 400);
  ASSERT_TRUE(Accept(first->contract(), 350, 0, order::v1::REJECTED_GOODS_SPOILED).ok());
  EXPECT_EQ(FiguresNow(id).called_units(), 650);
  EXPECT_EQ(FiguresNow(id).accepted_units(), 350);
  EXPECT_EQ(FiguresNow(id).open_units(), 350) << "what was not accepted may be replaced";
  ASSERT_TRUE(Settle(ContractNow(first->contract().contract_id())).ok());

  GoTo("2021-01-20", absl::Hours(24) - absl::Seconds(1));
  PassTime();
  EXPECT_EQ(Now(id).state(), forward::v1::FORWARD_STATE_AGREED) << "the last day counts whole";
  GoTo("2021-01-21", absl::ZeroDuration());
  EXPECT_THAT(BadFieldsOf(CallOff(Part(id, 1)).status()), ElementsAre("ready_time"));
  PassTime();
  const forward::v1::Forward ended = Now(id);
  EXPECT_EQ(ended.state(), forward::v1::FORWARD_STATE_ENDED);
  EXPECT_EQ(base::FromProto(ended.end_time()), At("2021-01-21", absl::ZeroDuration()));
  EXPECT_EQ(ended.figures().shortfall_units(), 650);
  EXPECT_EQ(ended.figures().open_units(), 0);
  EXPECT_THAT(CallOff(Part(id, 1)), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_EQ(ContractNow(second->contract().contract_id()).state(), order::v1::CONTRACT_STATE_VOID)
      << "signed, never shipped, past its last-sale time";
  forward::v1::ListForwardsRequest only_short;
  only_short.set_is_short(true);
  const auto listed = See([&](store::Reader& reader) {
    return forward::ListForwards(reader, SupplierOf(kEggFarm), only_short, {.size = 10, .after = ""});
  });
  EXPECT_EQ(listed->response.forwards_size(), 1);
  EXPECT_EQ(testing::BrokenRules(store_), "");
}

TEST_F(ForwardCallOffTest, AVoidContractGivesTheForwardContractItsUnitsBack) {
  const std::string id = AtHarvest(Winter());
  auto part = Part(id, 1'000);
  *part.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 12));
  const auto called = CallOff(part);
  ASSERT_TRUE(called.ok()) << called.status();
  clock_.Advance(absl::Hours(24 * 12 + 1));
  SetLimit(kSchool, 10'000'000'00);
  PassTime();
  EXPECT_EQ(ContractNow(called->contract().contract_id()).state(), order::v1::CONTRACT_STATE_VOID);
  EXPECT_EQ(FiguresNow(id).open_units(), 1'000);
  ASSERT_TRUE(CallOff(Part(id, 1'000)).ok());
  EXPECT_EQ(testing::BrokenRules(store_), "");
}

TEST_F(ForwardCallOffTest, ThisMuchAndNoOtherSupplier) {
  const std::string id = AtHarvest(Winter());
  EXPECT_THAT(CallOff(Part(id, 1), kCattleFarm), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  auto stale = Part(id, 1);
  stale.set_etag("1");
  EXPECT_THAT(CallOff(stale), HasReason(ErrorReason::ERROR_REASON_ETAG_MISMATCH));
  Suspend(kEggFarm);
  EXPECT_THAT(CallOff(Part(id, 1)), HasReason(ErrorReason::ERROR_REASON_SUPPLIER_NOT_ACTIVE));
}

TEST_F(ForwardCallOffTest, WhatTheBooksDoNotAgreeOnIsFound) {
  const std::string id = AtHarvest(Winter());
  ASSERT_TRUE(CallOff(Part(id, 400)).ok());
  ASSERT_EQ(testing::BrokenRules(store_), "");
  // A row of the forward contract that lost its contract, as a bug would leave it.
  forward::v1::Forward forward = *See([&](store::Reader& reader) { return forward::GetForward(reader, id); });
  forward.clear_contract_ids();
  const auto spoil = [](ledger::Operation& operation, const forward::v1::Forward& spoiled) {
    operation.transaction().Put(store::Key("forward", spoiled.forward_id()), spoiled.SerializeAsString());
    return absl::OkStatus();
  };
  ASSERT_TRUE(Do(testing::Operator(), spoil, forward).ok());
  EXPECT_THAT(testing::BrokenRules(store_), ::testing::HasSubstr("does not name its contract"));
}

}  // namespace
}  // namespace zhuxiao
