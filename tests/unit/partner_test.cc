// Holds of platforms: units, money and order numbers each move exactly once.
#include "services/partner/holds.h"

#include "services/ledger/posting.h"
#include "services/partner/partner.h"
#include "services/partner/sale_price.h"
#include "services/store/keys.h"
#include "tests/support/market_fixture.h"

namespace zhuxiao::partner {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;

const std::string kPlatform = testing::Uscc("91", 77);
const std::string kOtherPlatform = testing::Uscc("91", 78);

class PartnerTest : public testing::MarketFixture {
 protected:
  absl::StatusOr<v1::HoldStockResponse> Hold(const std::string& listing_id, int64_t units,
                                             absl::Duration time = absl::Hours(24)) {
    v1::HoldStockRequest request;
    request.set_listing_id(listing_id);
    request.set_units(units);
    *request.mutable_expire_time() = base::ToProto(clock_.Now() + time);
    return Do(testing::PlatformOf(kPlatform), HoldStock, request);
  }

  std::string HoldId(const std::string& listing_id, int64_t units) {
    const auto held = Hold(listing_id, units);
    EXPECT_TRUE(held.ok()) << held.status();
    return held.ok() ? held->hold().hold_id() : "";
  }

  absl::StatusOr<v1::SellHoldResponse> Sell(const std::string& hold_id, int64_t units, const std::string& order_no,
                                            int64_t weight_g = 0, const std::string& platform = kPlatform) {
    v1::SellHoldRequest request;
    request.set_hold_id(hold_id);
    request.set_units(units);
    request.set_weight_g(weight_g);
    request.set_platform_order_no(order_no);
    return Do(testing::PlatformOf(platform), SellHold, request);
  }

  absl::StatusOr<v1::ReleaseHoldResponse> Release(const std::string& hold_id, const std::string& platform = kPlatform) {
    v1::ReleaseHoldRequest request;
    request.set_hold_id(hold_id);
    return Do(testing::PlatformOf(platform), ReleaseHold, request);
  }

  v1::Hold HoldNow(const std::string& hold_id) {
    v1::GetHoldRequest request;
    request.set_hold_id(hold_id);
    const auto hold = See(GetHold, testing::Auditor(), request);
    EXPECT_TRUE(hold.ok()) << hold.status();
    return hold.ok() ? hold->hold() : v1::Hold();
  }

  // The supplier asks another price from now on.
  void Reprice(const std::string& supplier, const std::string& listing_id, int64_t price_fen, bool by_weight = false) {
    const auto terms = See([&](store::Reader& reader) { return listing::GetTerms(reader, listing_id); });
    ASSERT_TRUE(terms.ok()) << terms.status();
    listing::v1::UpdateListingRequest request;
    *request.mutable_listing() = *terms;
    listing::v1::Listing& listing = *request.mutable_listing();
    (by_weight ? listing.mutable_price_per_kg() : listing.mutable_unit_price())->set_amount_fen(price_fen);
    request.mutable_update_mask()->add_paths(by_weight ? "price_per_kg" : "unit_price");
    const auto updated = Do(testing::SupplierOf(supplier), listing::Update, request);
    ASSERT_TRUE(updated.ok()) << updated.status();
  }

  // Expires what is due, as the maintenance of the server does; returns how many holds that were.
  size_t ExpireDue() {
    const auto due = See([&](store::Reader& reader) { return DueHolds(reader, clock_.Now(), 100); });
    EXPECT_TRUE(due.ok()) << due.status();
    for (const std::string& id : *due) EXPECT_TRUE(Do(base::Caller(), ExpireHold, id).ok());
    return due->size();
  }

  int64_t Account(const std::string& account) {
    return See([&](store::Reader& reader) {
      return store::DecodeCounter(reader.Get(store::Key(ledger::kAccountTable, account))->value_or(""))->front();
    });
  }

  void ExpectBalances(const std::string& listing_id, int64_t available, int64_t held, int64_t sold) {
    const listing::v1::Balances balances = BalancesOf(listing_id);
    EXPECT_EQ(balances.available(), available);
    EXPECT_EQ(balances.held(), held);
    EXPECT_EQ(balances.sold(), sold);
  }
};

TEST_F(PartnerTest, AHoldIsSoldInPiecesAndItsRestGivenBack) {
  const std::string eggs = List(kEggFarm, Eggs(100));
  const std::string id = HoldId(eggs, 40);
  ExpectBalances(eggs, 60, 40, 0);
  EXPECT_EQ(LastEvent().hold().hold_id(), id);

  const auto sold = Sell(id, 15, "A-1");
  ASSERT_TRUE(sold.ok()) << sold.status();
  EXPECT_EQ(sold->sale().amount().amount_fen(), 15 * 340);
  EXPECT_EQ(sold->hold().sold_units(), 15);
  EXPECT_EQ(LastEvent().platform_sale().sale_id(), sold->sale().sale_id());
  EXPECT_EQ(LastEvent().postings(0).cause(), audit::v1::POSTING_CAUSE_PLATFORM_SALE);
  ExpectBalances(eggs, 60, 25, 15);
  EXPECT_EQ(Account(ledger::SupplierReceivable(kEggFarm)), 15 * 340);
  EXPECT_EQ(Account(ledger::PlatformPayable(kPlatform)), -15 * 340);

  const auto released = Release(id);
  ASSERT_TRUE(released.ok()) << released.status();
  EXPECT_EQ(released->hold().state(), v1::HOLD_STATE_RELEASED);
  ExpectBalances(eggs, 85, 0, 15);
  EXPECT_THAT(Release(id), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_THAT(Sell(id, 1, "A-2"), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  ExpectBalances(eggs, 85, 0, 15);
}

TEST_F(PartnerTest, TheLastUnitClosesTheHold) {
  const std::string id = HoldId(List(kEggFarm, Eggs(100)), 10);
  EXPECT_THAT(Sell(id, 11, "A-1"), HasReason(ErrorReason::ERROR_REASON_STOCK_EXHAUSTED));
  EXPECT_EQ(Sell(id, 4, "A-1")->hold().state(), v1::HOLD_STATE_ACTIVE);
  const auto last = Sell(id, 6, "A-2");
  EXPECT_EQ(last->hold().state(), v1::HOLD_STATE_SOLD);
  EXPECT_EQ(last->hold().sold_amount().amount_fen(), 3'400);
  clock_.Advance(absl::Hours(25));
  EXPECT_EQ(ExpireDue(), 0);
}

TEST_F(PartnerTest, APlatformsOrderNumberSellsOnceForEver) {
  const std::string eggs = List(kEggFarm, Eggs(100));
  const std::string first = HoldId(eggs, 10);
  ASSERT_TRUE(Sell(first, 1, "A-1").ok());
  EXPECT_THAT(Sell(first, 1, "A-1"), HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_THAT(Sell(HoldId(eggs, 10), 1, "A-1"), HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));
  ExpectBalances(eggs, 80, 19, 1);
  EXPECT_EQ(Account(ledger::PlatformPayable(kPlatform)), -340);
}

TEST_F(PartnerTest, NoMoreThanIsAvailableIsHeld) {
  const std::string eggs = List(kEggFarm, Eggs(100));
  EXPECT_THAT(Hold(eggs, 101), HasReason(ErrorReason::ERROR_REASON_STOCK_EXHAUSTED));
  EXPECT_TRUE(Hold(eggs, 100).ok());
  EXPECT_THAT(Hold(eggs, 1), HasReason(ErrorReason::ERROR_REASON_STOCK_EXHAUSTED));
}

TEST_F(PartnerTest, EveryBadFieldOfAHoldIsNamed) {
  v1::HoldStockRequest request;
  EXPECT_THAT(BadFieldsOf(Do(testing::PlatformOf(kPlatform), HoldStock, request).status()),
              ElementsAre("listing_id", "units", "expire_time"));
  listing::v1::Listing terms = Eggs(100);
  terms.set_min_lot_units(10);
  *terms.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(48));
  const std::string eggs = List(kEggFarm, terms);
  EXPECT_THAT(BadFieldsOf(Hold(eggs, 9, absl::Hours(49)).status()), ElementsAre("units", "expire_time"));
  EXPECT_THAT(BadFieldsOf(Hold(eggs, 10, absl::Hours(24 * 7) + absl::Seconds(1)).status()), ElementsAre("expire_time"));
  EXPECT_THAT(BadFieldsOf(Hold(eggs, 10, absl::ZeroDuration()).status()), ElementsAre("expire_time"));
  EXPECT_THAT(BadFieldsOf(Hold(eggs, 9, absl::ZeroDuration()).status()), ElementsAre("expire_time", "units"));
  request.set_listing_id(eggs);
  request.set_units(base::kMaxQuantityBase + 1);
  request.mutable_expire_time()->set_seconds(253'402'300'799);  // the end of 9999
  EXPECT_EQ(Do(testing::PlatformOf(kPlatform), HoldStock, request).status().message(),
            "units: must be 1 to 10,000,000,000,000; "
            "expire_time: is required, in the future and at most 7 days ahead");
  EXPECT_TRUE(Hold(eggs, 10, absl::Hours(48)).ok());
  EXPECT_THAT(Hold("unknown", 1), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

TEST_F(PartnerTest, ClosedListingsAndSuspendedSuppliersAdmitNoHold) {
  const std::string eggs = List(kEggFarm, Eggs(100));
  const std::string cattle = List(kCattleFarm, Cattle(5));
  Suspend(kCattleFarm);
  EXPECT_THAT(Hold(cattle, 1), HasReason(ErrorReason::ERROR_REASON_SUPPLIER_NOT_ACTIVE));
  clock_.Advance(absl::Hours(24 * 10) + absl::Seconds(1));
  EXPECT_THAT(Hold(eggs, 1), HasReason(ErrorReason::ERROR_REASON_LISTING_CLOSED));
}

TEST_F(PartnerTest, ASaleCostsWhatTheHoldWasMadeAt) {
  const std::string eggs = List(kEggFarm, Eggs(100));
  const std::string early = HoldId(eggs, 10);
  EXPECT_EQ(HoldNow(early).unit_price().amount_fen(), 340);
  Reprice(kEggFarm, eggs, 330);
  const std::string late = HoldId(eggs, 10);
  EXPECT_EQ(Sell(early, 2, "A-1")->sale().amount().amount_fen(), 2 * 340);
  EXPECT_EQ(Sell(late, 2, "A-2")->sale().amount().amount_fen(), 2 * 330);
  EXPECT_EQ(Account(ledger::SupplierReceivable(kEggFarm)), 2 * 340 + 2 * 330);

  const std::string cattle = List(kCattleFarm, Cattle(60));
  const std::string head = HoldId(cattle, 1);
  Reprice(kCattleFarm, cattle, 3'200, /*by_weight=*/true);
  EXPECT_EQ(Sell(head, 1, "A-3", 500'000)->sale().amount().amount_fen(), 1'650'000);
}

TEST_F(PartnerTest, AHoldOfBeforePricesWereKeptSellsAtTheListings) {
  const std::string eggs = List(kEggFarm, Eggs(100));
  const std::string id = HoldId(eggs, 10);
  const auto forget = [&](ledger::Operation& operation, const std::string& hold_id) -> absl::StatusOr<bool> {
    const std::string key = store::Key("hold", hold_id);
    v1::Hold hold;
    hold.ParseFromString(**operation.transaction().Get(key));
    hold.clear_unit_price();
    operation.transaction().Put(key, hold.SerializeAsString());
    return true;
  };
  ASSERT_TRUE(Do(testing::Operator(), forget, id).ok());
  Reprice(kEggFarm, eggs, 330);
  EXPECT_EQ(Sell(id, 2, "A-1")->sale().amount().amount_fen(), 2 * 330);
}

TEST_F(PartnerTest, OfASuspendedSupplierNothingIsSoldUntilItIsBack) {
  const std::string eggs = List(kEggFarm, Eggs(100));
  const std::string id = HoldId(eggs, 10);
  Suspend(kEggFarm);
  EXPECT_THAT(Sell(id, 2, "A-1"), HasReason(ErrorReason::ERROR_REASON_SUPPLIER_NOT_ACTIVE));
  ExpectBalances(eggs, 90, 10, 0);
  directory::v1::ActivateSupplierRequest activate;
  activate.set_uscc(kEggFarm);
  ASSERT_TRUE(Do(testing::Officer("14", "province"), directory::ActivateSupplier, activate).ok());
  EXPECT_TRUE(Sell(id, 2, "A-1").ok());
  EXPECT_TRUE(Release(id).ok());
}

TEST_F(PartnerTest, EveryBadFieldOfASaleIsNamed) {
  const std::string id = HoldId(List(kEggFarm, Eggs(100)), 10);
  EXPECT_THAT(BadFieldsOf(Sell(id, 0, "a b", -1).status()), ElementsAre("units", "weight_g", "platform_order_no"));
  EXPECT_THAT(BadFieldsOf(Sell(id, 1, "A-1", 500).status()), ElementsAre("weight_g"));
  EXPECT_THAT(BadFieldsOf(Sell(id, 1, "a b", 500).status()), ElementsAre("platform_order_no", "weight_g"));
  EXPECT_THAT(BadFieldsOf(Sell("unknown", 0, "A-1").status()), ElementsAre("units"));
}

TEST_F(PartnerTest, CattleIsSoldByTheHeadAndSettledByWeight) {
  const std::string cattle = List(kCattleFarm, Cattle(60));
  const std::string id = HoldId(cattle, 3);
  EXPECT_THAT(BadFieldsOf(Sell(id, 1, "C-1").status()), ElementsAre("weight_g"));
  // 575 kg nominal, 15 % tolerance: 488,750 to 661,250 g.
  EXPECT_THAT(Sell(id, 1, "C-1", 488'749), HasReason(ErrorReason::ERROR_REASON_WEIGHT_OUT_OF_TOLERANCE));
  EXPECT_THAT(Sell(id, 1, "C-1", 661'251), HasReason(ErrorReason::ERROR_REASON_WEIGHT_OUT_OF_TOLERANCE));
  EXPECT_EQ(Sell(id, 1, "C-1", 488'750)->sale().amount().amount_fen(), 1'612'875);
  // 600,505 g at 33.00 yuan a kilogram is 1,981,666.5 fen.
  EXPECT_EQ(Sell(id, 1, "C-2", 600'505)->sale().amount().amount_fen(), 1'981'667);
  EXPECT_EQ(HoldNow(id).sold_amount().amount_fen(), 1'612'875 + 1'981'667);
}

TEST_F(PartnerTest, APriceThatPassesTheLargestAmountIsRefused) {
  listing::v1::Listing terms;
  terms.mutable_unit_price()->set_amount_fen(base::kMaxAmountFen);
  const directory::v1::Commodity commodity;
  EXPECT_EQ(*SalePrice(terms, commodity, 1, 0), base::kMaxAmountFen);
  EXPECT_THAT(BadFieldsOf(SalePrice(terms, commodity, 2, 0).status()), ElementsAre("units"));
  EXPECT_THAT(BadFieldsOf(SalePrice(terms, commodity, 1'000'000'000'000, 0).status()), ElementsAre("units"));
}

TEST_F(PartnerTest, AHoldEndsAtItsTime) {
  const std::string eggs = List(kEggFarm, Eggs(100));
  const std::string id = HoldId(eggs, 40);
  ASSERT_TRUE(Sell(id, 5, "A-1").ok());
  clock_.Advance(absl::Hours(24) - absl::Milliseconds(1));
  EXPECT_EQ(ExpireDue(), 0);
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_THAT(Sell(id, 1, "A-2"), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_EQ(ExpireDue(), 1);
  EXPECT_EQ(HoldNow(id).state(), v1::HOLD_STATE_EXPIRED);
  ExpectBalances(eggs, 95, 0, 5);
  EXPECT_EQ(ExpireDue(), 0);
  ASSERT_TRUE(Do(base::Caller(), ExpireHold, id).ok());
  ExpectBalances(eggs, 95, 0, 5);
}

TEST_F(PartnerTest, WhatComesBackToAClosedListingIsOffTheMarket) {
  const std::string eggs = List(kEggFarm, Eggs(100));
  const std::string id = HoldId(eggs, 40);
  listing::v1::WithdrawListingRequest withdraw;
  withdraw.set_listing_id(eggs);
  ASSERT_TRUE(Do(testing::SupplierOf(kEggFarm), listing::Withdraw, withdraw).ok());
  ASSERT_TRUE(Sell(id, 10, "A-1").ok());
  ASSERT_TRUE(Release(id).ok());
  ExpectBalances(eggs, 0, 0, 10);
  EXPECT_EQ(BalancesOf(eggs).withdrawn(), 90);
}

TEST_F(PartnerTest, AnotherPlatformsHoldLooksUnknown) {
  const std::string eggs = List(kEggFarm, Eggs(100));
  const std::string id = HoldId(eggs, 10);
  EXPECT_EQ(Sell(id, 1, "A-1", 0, kOtherPlatform).status(), base::NotFound("hold", id));
  EXPECT_EQ(Release(id, kOtherPlatform).status(), base::NotFound("hold", id));
  v1::GetHoldRequest request;
  request.set_hold_id(id);
  EXPECT_EQ(See(GetHold, testing::PlatformOf(kOtherPlatform), request).status(), base::NotFound("hold", id));
  EXPECT_TRUE(See(GetHold, testing::PlatformOf(kPlatform), request).ok());
  request.set_hold_id("no/such");
  EXPECT_EQ(See(GetHold, testing::Auditor(), request).status(), base::NotFound("hold", "no/such"));
}

TEST_F(PartnerTest, ListsAreFilteredByStateAndByWhoAsks) {
  const std::string eggs = List(kEggFarm, Eggs(100));
  const std::string first = HoldId(eggs, 10);
  clock_.Advance(absl::Seconds(1));
  const std::string second = HoldId(eggs, 10);
  ASSERT_TRUE(Release(first).ok());
  const auto ids = [&](const base::Caller& caller, v1::HoldState state) {
    v1::ListHoldsRequest request;
    request.set_state(state);
    const auto page = See(ListHolds, caller, request, store::PageRequest{.size = 10});
    std::vector<std::string> found;
    for (const v1::Hold& hold : page->response.holds()) found.push_back(hold.hold_id());
    return found;
  };
  EXPECT_THAT(ids(testing::PlatformOf(kPlatform), v1::HOLD_STATE_UNSPECIFIED), ElementsAre(first, second));
  EXPECT_THAT(ids(testing::Auditor(), v1::HOLD_STATE_ACTIVE), ElementsAre(second));
  EXPECT_THAT(ids(testing::PlatformOf(kOtherPlatform), v1::HOLD_STATE_UNSPECIFIED), ElementsAre());
}

TEST_F(PartnerTest, ExportsVisitEverything) {
  const std::string eggs = List(kEggFarm, Eggs(100));
  const std::string id = HoldId(eggs, 10);
  HoldId(eggs, 20);
  ASSERT_TRUE(Sell(id, 1, "A-1").ok());
  ASSERT_TRUE(Sell(id, 2, "A-2").ok());
  int64_t held_units = 0;
  int64_t sold_units = 0;
  int64_t sold_this_year = 0;
  const auto add_hold = [&](const v1::Hold& hold) {
    held_units += hold.units();
    return absl::OkStatus();
  };
  const auto add_sale = [&](const v1::PlatformSale& sale) {
    sold_units += sale.units();
    return absl::OkStatus();
  };
  const auto add_yearly = [&](const v1::PlatformSale& sale) {
    sold_this_year += sale.units();
    return absl::OkStatus();
  };
  EXPECT_TRUE(See([&](store::Reader& reader) { return ForEachHold(reader, add_hold); }).ok());
  EXPECT_TRUE(See([&](store::Reader& reader) { return ForEachPlatformSale(reader, add_sale); }).ok());
  for (const int wanted : {2019, 2020, 2021}) {
    EXPECT_TRUE(
        See([&](store::Reader& reader) { return ForEachPlatformSaleOf(reader, kEggFarm, wanted, add_yearly); }).ok());
  }
  EXPECT_EQ(held_units, 30);
  EXPECT_EQ(sold_units, 3);
  EXPECT_EQ(sold_this_year, 3);
}

}  // namespace
}  // namespace zhuxiao::partner
