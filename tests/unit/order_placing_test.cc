// Placing orders: matching, limits, quotas, partial fill, standing orders, previews.
#include "tests/support/fault_store.h"
#include "tests/support/market_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using testing::HasReason;
using testing::InstitutionOf;
using ::testing::UnorderedElementsAre;

class PlacingTest : public testing::MarketFixture {
 protected:
  auto Fill(const std::string& order_id) {
    return Do(
        testing::Operator(),
        [this](ledger::Operation& operation, const std::string& id) {
          return order::FillStanding(operation, *market_, id);
        },
        order_id);
  }
};

TEST_F(PlacingTest, AnOrderGetsContractsAtOnce) {
  const std::string id = List(kEggFarm, Eggs(10'000));
  const auto placed = Place(kSchool, EggOrder(1'200));
  ASSERT_TRUE(placed.ok()) << placed.status();
  ASSERT_EQ(placed->contracts_size(), 1);
  const order::v1::Contract& contract = placed->contracts(0);
  EXPECT_EQ(contract.listing_id(), id);
  EXPECT_EQ(contract.ordered_units(), 1'200);
  EXPECT_EQ(contract.ordered_amount().amount_fen(), 408'000);
  EXPECT_EQ(contract.state(), order::v1::CONTRACT_STATE_PROPOSED);
  EXPECT_GT(contract.match_reason().distance_km(), 0);
  EXPECT_GT(contract.match_reason().welfare_fen(), 0);
  EXPECT_EQ(placed->order().state(), order::v1::ORDER_STATE_FILLED);
  EXPECT_FALSE(placed->has_unfilled());
  EXPECT_EQ(BalancesOf(id).available(), 8'800);
  EXPECT_EQ(BalancesOf(id).held(), 1'200);
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 408'000);
  EXPECT_EQ(OrderNow(placed->order().order_id()).contract_ids(0), contract.contract_id());
}

TEST_F(PlacingTest, TheLimitPriceOnlyConstrains) {
  listing::v1::Listing dear = Eggs(100);
  dear.mutable_unit_price()->set_amount_fen(401);
  const std::string id = List(kEggFarm, dear);
  order::v1::Order order = EggOrder(10);
  auto placed = Place(kSchool, order);
  EXPECT_THAT(placed, HasReason(ErrorReason::ERROR_REASON_NOTHING_MATCHED));
  EXPECT_EQ(base::MetadataOf(placed.status(), "binding"), "REFUSAL_REASON_PRICE_ABOVE_LIMIT");
  EXPECT_EQ(base::MetadataOf(placed.status(), "nearest_change"), "limit_price at least 4.01 yuan");
  order.mutable_limit_price()->set_amount_fen(401);
  placed = Place(kSchool, order);
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->contracts(0).unit_price().amount_fen(), 401);
}

TEST_F(PlacingTest, ARefusalLeavesNothingBehind) {
  const std::string id = List(kEggFarm, Eggs(100));
  SetLimit(kHospital, 339);
  const auto placed = Place(kHospital, EggOrder(10));
  EXPECT_THAT(placed, HasReason(ErrorReason::ERROR_REASON_QUOTA_EXCEEDED));
  EXPECT_EQ(BalancesOf(id).available(), 100);
  EXPECT_EQ(QuotaOf(kHospital).held().amount_fen(), 0);
  SetLimit(kHospital, 340);
  const auto one = Place(kHospital, EggOrder(10));
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(one->order().filled_base(), 500);
  EXPECT_EQ(one->order().state(), order::v1::ORDER_STATE_PARTLY_FILLED);
  EXPECT_EQ(one->unfilled().reason(), order::v1::REFUSAL_REASON_QUOTA_LIMIT);
  EXPECT_EQ(QuotaOf(kHospital).held().amount_fen(), 340);
}

TEST_F(PlacingTest, WithoutAQuotaNothingIsBought) {
  List(kEggFarm, Eggs(100));
  clock_.Set(base::StartOfYear(year() + 1) + absl::Hours(1));
  EXPECT_THAT(Place(kSchool, EggOrder(1)), HasReason(ErrorReason::ERROR_REASON_QUOTA_MISSING));
}

TEST_F(PlacingTest, AllOrNothingTakesAllOrNothing) {
  const std::string id = List(kEggFarm, Eggs(100));
  order::v1::Order order = EggOrder(101);
  order.set_allow_partial(false);
  EXPECT_THAT(Place(kSchool, order), HasReason(ErrorReason::ERROR_REASON_NOTHING_MATCHED));
  EXPECT_EQ(BalancesOf(id).available(), 100);
  order.set_quantity_base(100 * 500 + 499);  // within one sale unit
  const auto placed = Place(kSchool, order);
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->order().filled_base(), 50'000);
  EXPECT_EQ(placed->order().state(), order::v1::ORDER_STATE_FILLED);
}

TEST_F(PlacingTest, GoodsThatWouldSpoilOrComeTooLateAreNotSold) {
  listing::v1::Listing late = Eggs(100);
  *late.mutable_ready_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 8));
  List(kEggFarm, late);
  const auto placed = Place(kSchool, EggOrder(1));
  EXPECT_THAT(placed, HasReason(ErrorReason::ERROR_REASON_NOTHING_MATCHED));
  EXPECT_EQ(base::MetadataOf(placed.status(), "binding"), "REFUSAL_REASON_ARRIVES_TOO_LATE");
}

TEST_F(PlacingTest, ScopeAndCertificatesAreKept) {
  listing::v1::Listing eggs = Eggs(100);
  eggs.add_delivery_regions("1403");
  List(kEggFarm, eggs);
  EXPECT_EQ(base::MetadataOf(Place(kSchool, EggOrder(1)).status(), "binding"), "REFUSAL_REASON_OUT_OF_SCOPE");
  order::v1::Order order = EggOrder(1);
  order.set_destination_code("140321");
  order.add_required_certificates(directory::v1::CERTIFICATE_KIND_POVERTY_PRODUCT);
  EXPECT_EQ(base::MetadataOf(Place(kSchool, order).status(), "binding"), "REFUSAL_REASON_CERTIFICATE_MISSING");
  order.clear_required_certificates();
  EXPECT_TRUE(Place(kSchool, order).ok());
  order.set_required_programme("shanxi-poor-villages");
  EXPECT_EQ(base::MetadataOf(Place(kSchool, order).status(), "binding"), "REFUSAL_REASON_NOT_DESIGNATED");
}

TEST_F(PlacingTest, ASuspendedSupplierSellsNothing) {
  List(kEggFarm, Eggs(100));
  Suspend(kEggFarm);
  EXPECT_THAT(Place(kSchool, EggOrder(1)), HasReason(ErrorReason::ERROR_REASON_NOTHING_MATCHED));
  directory::v1::ActivateSupplierRequest activate;
  activate.set_uscc(kEggFarm);
  ASSERT_TRUE(Do(testing::Officer("14", "province"), directory::ActivateSupplier, activate).ok());
  EXPECT_TRUE(Place(kSchool, EggOrder(1)).ok());
}

TEST_F(PlacingTest, AStandingOrderIsFilledWhenGoodsCome) {
  order::v1::Order order = EggOrder(100);
  *order.mutable_standing_until() = base::ToProto(clock_.Now() + absl::Hours(48));
  auto placed = Place(kSchool, order);
  ASSERT_TRUE(placed.ok()) << placed.status();
  const std::string id = placed->order().order_id();
  EXPECT_EQ(placed->order().state(), order::v1::ORDER_STATE_STANDING);
  EXPECT_EQ(placed->unfilled().quantity_base(), 50'000);

  List(kEggFarm, Eggs(60));
  EXPECT_TRUE(*Fill(id));
  EXPECT_EQ(OrderNow(id).filled_base(), 30'000);
  EXPECT_FALSE(*Fill(id)) << "nothing new came";
  List(kEggFarm, Eggs(60));
  EXPECT_TRUE(*Fill(id));
  EXPECT_EQ(OrderNow(id).state(), order::v1::ORDER_STATE_FILLED);
  EXPECT_EQ(OrderNow(id).contract_ids_size(), 2);
}

TEST_F(PlacingTest, WhatIsLessThanABoxStandsUntilSmallerUnitsCome) {
  listing::v1::Listing boxes = Eggs(2);
  boxes.set_sale_unit("box");
  boxes.set_sale_unit_base(22'500);
  boxes.mutable_unit_price()->set_amount_fen(340 * 45);
  List(kEggFarm, boxes);
  order::v1::Order order = EggOrder(88);
  EXPECT_EQ(Place(kHospital, order)->order().state(), order::v1::ORDER_STATE_FILLED) << "nothing more will come of it";
  *order.mutable_standing_until() = base::ToProto(clock_.Now() + absl::Hours(48));
  const auto placed = Place(kSchool, order);
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->order().filled_base(), 22'500);
  EXPECT_EQ(placed->order().state(), order::v1::ORDER_STATE_STANDING);

  const std::string& id = placed->order().order_id();
  List(kEggFarm, boxes);
  EXPECT_FALSE(*Fill(id)) << "boxes do not fit";
  List(kEggFarm, Eggs(42));
  EXPECT_TRUE(*Fill(id));
  EXPECT_EQ(OrderNow(id).state(), order::v1::ORDER_STATE_STANDING) << "a jin is to come";
  List(kEggFarm, Eggs(42));
  EXPECT_TRUE(*Fill(id));
  EXPECT_EQ(OrderNow(id).state(), order::v1::ORDER_STATE_FILLED);
  EXPECT_EQ(OrderNow(id).filled_base(), 44'000);
}

TEST_F(PlacingTest, AStandingOrderIsCancelledOrExpires) {
  order::v1::Order order = EggOrder(100);
  *order.mutable_standing_until() = base::ToProto(clock_.Now() + absl::Hours(48));
  const std::string first = Place(kSchool, order)->order().order_id();
  const std::string second = Place(kSchool, order)->order().order_id();
  order::v1::CancelOrderRequest cancel;
  cancel.set_order_id(first);
  EXPECT_THAT(Do(InstitutionOf(kHospital), order::Cancel, cancel), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  ASSERT_TRUE(Do(InstitutionOf(kSchool), order::Cancel, cancel).ok());
  EXPECT_EQ(OrderNow(first).state(), order::v1::ORDER_STATE_CANCELLED);
  EXPECT_THAT(Do(InstitutionOf(kSchool), order::Cancel, cancel),
              HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));

  const auto expire = [](ledger::Operation& operation, const std::string& id) {
    return order::ExpireStanding(operation, id);
  };
  ASSERT_TRUE(Do(testing::Operator(), expire, second).ok());
  EXPECT_EQ(OrderNow(second).state(), order::v1::ORDER_STATE_STANDING) << "not due";
  clock_.Advance(absl::Hours(48));
  ASSERT_TRUE(Do(testing::Operator(), expire, second).ok());
  EXPECT_EQ(OrderNow(second).state(), order::v1::ORDER_STATE_EXPIRED);
}

TEST_F(PlacingTest, APreviewAnswersTheSameWithoutEffect) {
  const std::string id = List(kEggFarm, Eggs(100));
  order::v1::PreviewOrderRequest request;
  *request.mutable_order() = EggOrder(30);
  store::Transaction transaction(store_.Latest());
  const ledger::Intent intent{.caller = InstitutionOf(kSchool), .now = clock_.Now(), .first_id = std::string(26, '0')};
  ledger::Operation operation(transaction, intent);
  const auto preview = order::Preview(operation, *market_, request);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ(BalancesOf(id).available(), 100);
  const auto placed = Place(kSchool, EggOrder(30));
  ASSERT_TRUE(placed.ok());
  order::v1::Contract made = placed->contracts(0);
  made.clear_contract_id();
  made.clear_order_id();
  made.clear_etag();
  EXPECT_EQ(made.SerializeAsString(), preview->contracts(0).SerializeAsString());
}

TEST_F(PlacingTest, EveryBadFieldIsNamedAtOnce) {
  order::v1::Order order;
  order.set_commodity_code("gold");
  order.set_quantity_base(-1);
  order.set_limit_base(0);
  order.set_destination_code("14");
  *order.mutable_deliver_by_time() = base::ToProto(clock_.Now() - absl::Seconds(1));
  *order.mutable_standing_until() = base::ToProto(clock_.Now() - absl::Seconds(1));
  order.add_required_certificates(directory::v1::CERTIFICATE_KIND_UNSPECIFIED);
  order.set_payment_days(99);
  order.set_late_interest_ppm(1'001);
  EXPECT_THAT(
      BadFieldsOf(Place(kSchool, order).status()),
      UnorderedElementsAre("order.commodity_code", "order.quantity_base", "order.limit_price", "order.limit_base",
                           "order.destination_code", "order.deliver_by_time", "order.standing_until",
                           "order.required_certificates[0]", "order.payment_days", "order.late_interest_ppm"));
}

TEST_F(PlacingTest, AFarTimeIsToldTheRangeOfItsField) {
  List(kEggFarm, Eggs(10));
  order::v1::Order order = EggOrder(10);
  order.mutable_standing_until()->set_seconds(253'402'300'799);  // the end of 9999
  EXPECT_EQ(Place(kSchool, order).status().message(),
            "order.standing_until: must be in the future and not after deliver_by_time");
  order.clear_standing_until();
  order.mutable_deliver_by_time()->set_seconds(253'402'300'799);
  EXPECT_EQ(Place(kSchool, order).status().message(),
            "order.deliver_by_time: is required, in the future and at most 183 days ahead");
}

// A store whose feed shows an event one read after its commit.
class TrailingStore : public store::FaultStore {
 public:
  explicit TrailingStore(store::Store& store)
      : FaultStore(store, [](int) { return store::CommitFault::kNone; }), store_(store) {}

  absl::StatusOr<std::vector<store::FeedEntry>> ReadFeed(store::Position after, size_t limit) override {
    is_late_ = !is_late_;
    return is_late_ ? std::vector<store::FeedEntry>() : store_.ReadFeed(after, limit);
  }

 private:
  store::Store& store_;
  bool is_late_ = false;
};

TEST_F(PlacingTest, TheBookWaitsForAFeedThatTrailsTheSnapshot) {
  TrailingStore trailing(store_);
  auto market = order::Market::Load(trailing, matching::DefaultMatchPolicy());
  ASSERT_TRUE(market.ok()) << market.status();
  const std::string id = List(kEggFarm, Eggs(100));
  ASSERT_TRUE((*market)->Advance(store_.FeedEnd(), base::DayOf(clock_.Now())).ok());
  EXPECT_TRUE((*market)->book().Find(id).has_value());
}

TEST_F(PlacingTest, OnlyAnInstitutionPlacesOrders) {
  List(kEggFarm, Eggs(100));
  EXPECT_THAT(Place(kCattleFarm, EggOrder(1)), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

}  // namespace
}  // namespace zhuxiao
