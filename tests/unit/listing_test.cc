// Listings: terms, balances, steps, lists, and closing at the last-sale time.
#include "services/listing/terms.h"
#include "tests/support/market_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using testing::HasReason;
using testing::InstitutionOf;
using testing::Officer;
using testing::SupplierOf;
using ::testing::UnorderedElementsAre;

class ListingTest : public testing::MarketFixture {
 protected:
  auto Update(const listing::v1::Listing& listing, std::initializer_list<const char*> paths) {
    listing::v1::UpdateListingRequest request;
    *request.mutable_listing() = listing;
    for (const char* path : paths) request.mutable_update_mask()->add_paths(path);
    return Do(SupplierOf(kEggFarm), listing::Update, request);
  }

  auto Withdraw(const std::string& id, int64_t units, const base::Caller& caller) {
    listing::v1::WithdrawListingRequest request;
    request.set_listing_id(id);
    request.set_units(units);
    return Do(caller, listing::Withdraw, request);
  }

  listing::v1::Listing Now(const std::string& id) {
    auto read = See([&](store::Reader& reader) { return listing::Get(reader, id); });
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? *read : listing::v1::Listing();
  }

  absl::StatusOr<store::Page<listing::v1::ListListingsResponse>> Listed(const base::Caller& caller,
                                                                        const listing::v1::ListListingsRequest& query,
                                                                        store::PageRequest page = {.size = 50}) {
    store::Page<listing::v1::ListListingsResponse> listed;
    auto last = See([&](store::Reader& reader) {
      return listing::List(reader, caller, clock_.Now(), query, page, listed.response);
    });
    if (!last.ok()) return last.status();
    listed.last_key = *last;
    return listed;
  }
};

TEST_F(ListingTest, CreationPutsEverythingOnTheMarket) {
  const std::string id = List(kEggFarm, Eggs(10'000));
  const listing::v1::Listing listing = Now(id);
  EXPECT_EQ(listing.balances().listed(), 10'000);
  EXPECT_EQ(listing.balances().available(), 10'000);
  EXPECT_EQ(listing.state(), listing::v1::LISTING_STATE_OPEN);
  EXPECT_EQ(listing.supplier_uscc(), kEggFarm);
  EXPECT_EQ(listing.min_lot_units(), 1);
  ASSERT_EQ(LastEvent().stock_moves_size(), 1);
  EXPECT_EQ(LastEvent().stock_moves(0).delta().listed(), 10'000);
}

TEST_F(ListingTest, GoodsComeFromWhereTheSupplierIs) {
  listing::v1::Listing eggs = Eggs(10);
  for (const char* origin : {"140321", "140321105", "140321999201"}) {
    eggs.set_origin_code(origin);
    EXPECT_TRUE(TryList(kEggFarm, eggs).ok()) << origin;
  }
  // A county on a list does not make goods of elsewhere eligible.
  for (const std::string& origin : {kCattleVillage, std::string("140322"), std::string("420106")}) {
    eggs.set_origin_code(origin);
    EXPECT_THAT(BadFieldsOf(TryList(kEggFarm, eggs).status()), UnorderedElementsAre("listing.origin_code")) << origin;
  }
}

TEST_F(ListingTest, AnEnterpriseGathersGoodsFromItsProvince) {
  const std::string firm = testing::Uscc("91", 7);
  Admit(firm, kEggVillage, directory::v1::ORGANISATION_KIND_ENTERPRISE);
  listing::v1::Listing eggs = Eggs(10);
  eggs.set_origin_code(kCattleVillage);
  EXPECT_TRUE(TryList(firm, eggs).ok());
  eggs.set_origin_code("420106");
  EXPECT_THAT(BadFieldsOf(TryList(firm, eggs).status()), UnorderedElementsAre("listing.origin_code"));
}

TEST_F(ListingTest, EveryBadFieldIsNamedAtOnce) {
  listing::v1::Listing listing = Eggs(0);
  listing.set_title("");
  listing.set_origin_code("999999");
  listing.set_sale_unit_base(0);
  listing.mutable_unit_price()->set_amount_fen(0);
  *listing.mutable_ready_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 20));
  listing.add_delivery_regions("77");
  EXPECT_THAT(
      BadFieldsOf(TryList(kEggFarm, listing).status()),
      UnorderedElementsAre("listing.title", "listing.sale_unit_base", "listing.listed_units", "listing.unit_price",
                           "listing.ready_time", "listing.origin_code", "listing.delivery_regions[0]"));
}

TEST_F(ListingTest, WhatNeedsNoCommodityIsNamedBesideAnUnknownOne) {
  listing::v1::Listing listing = Eggs(1);
  listing.set_commodity_code("gold");
  listing.set_nominal_weight_g(1);
  EXPECT_THAT(BadFieldsOf(TryList(kEggFarm, listing).status()), UnorderedElementsAre("listing.commodity_code"));
  listing.set_origin_code(kCattleVillage);
  listing.set_nominal_weight_g(-1);
  listing.mutable_unit_price()->set_amount_fen(0);
  listing.mutable_price_per_kg()->set_amount_fen(INT64_MAX);
  EXPECT_THAT(BadFieldsOf(TryList(kEggFarm, listing).status()),
              UnorderedElementsAre("listing.commodity_code", "listing.nominal_weight_g", "listing.unit_price",
                                   "listing.price_per_kg", "listing.origin_code"));
  listing.clear_unit_price();
  listing.clear_price_per_kg();
  EXPECT_THAT(BadFieldsOf(TryList("nobody", listing).status()),
              UnorderedElementsAre("listing.commodity_code", "listing.nominal_weight_g", "listing.unit_price"));
}

TEST_F(ListingTest, HugeNumbersAreRefusedNotWrapped) {
  listing::v1::Listing listing = Eggs(listing::kMaxUnits);
  listing.set_sale_unit_base(listing::kMaxSaleUnitBase);
  listing.mutable_unit_price()->set_amount_fen(INT64_MAX);
  EXPECT_THAT(BadFieldsOf(TryList(kEggFarm, listing).status()),
              UnorderedElementsAre("listing.listed_units", "listing.unit_price"));
  listing.mutable_unit_price()->set_amount_fen(base::kMaxAmountFen);
  EXPECT_THAT(BadFieldsOf(TryList(kEggFarm, listing).status()),
              UnorderedElementsAre("listing.listed_units", "listing.unit_price"));
}

TEST_F(ListingTest, PastAndFarTimesAreRefused) {
  listing::v1::Listing listing = Eggs(1);
  *listing.mutable_last_sale_time() = base::ToProto(clock_.Now());
  listing.clear_ready_time();
  EXPECT_THAT(BadFieldsOf(TryList(kEggFarm, listing).status()),
              UnorderedElementsAre("listing.ready_time", "listing.last_sale_time"));
  listing = Eggs(1);
  *listing.mutable_last_sale_time() = base::ToProto(clock_.Now() + listing::kMaxListingLife + absl::Seconds(1));
  EXPECT_THAT(BadFieldsOf(TryList(kEggFarm, listing).status()), UnorderedElementsAre("listing.last_sale_time"));
  listing.mutable_last_sale_time()->set_seconds(253'402'300'799);  // the end of 9999
  EXPECT_EQ(TryList(kEggFarm, listing).status().message(),
            "listing.last_sale_time: is required, in the future and at most two years ahead");
  listing = Eggs(1);
  *listing.mutable_ready_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 365));
  EXPECT_EQ(TryList(kEggFarm, listing).status().message(),
            "listing.ready_time: is required, from 2000 on and not after last_sale_time");
}

TEST_F(ListingTest, ThePriceCheckHoldsAtBothEnds) {
  // Eggs: 6.81 yuan a kilogram, so 340.5 fen a jin, half up 341; twice that is 682 fen, a tenth 34 fen.
  listing::v1::Listing listing = Eggs(1);
  for (const auto& [fen, is_allowed] : std::map<int64_t, bool>{{33, false}, {34, true}, {682, true}, {683, false}}) {
    listing.mutable_unit_price()->set_amount_fen(fen);
    const auto created = TryList(kEggFarm, listing);
    EXPECT_EQ(created.ok(), is_allowed) << fen << ": " << created.status();
    if (!is_allowed) {
      EXPECT_THAT(created, HasReason(ErrorReason::ERROR_REASON_PRICE_OUT_OF_RANGE));
    }
  }
}

TEST_F(ListingTest, CattleArePricedByTheKilogram) {
  const listing::v1::Listing cattle = Now(List(kCattleFarm, Cattle(60)));
  EXPECT_EQ(cattle.nominal_weight_g(), 575'000);
  EXPECT_EQ(cattle.unit_price().amount_fen(), 1'897'500);  // 575 kg at 33.00 yuan
  listing::v1::Listing wrong = Cattle(60);
  wrong.clear_price_per_kg();
  wrong.mutable_unit_price()->set_amount_fen(1'000'000);
  wrong.set_sale_unit_base(2);
  EXPECT_THAT(BadFieldsOf(TryList(kCattleFarm, wrong).status()),
              UnorderedElementsAre("listing.price_per_kg", "listing.unit_price", "listing.sale_unit_base"));
}

TEST_F(ListingTest, OnlyAnActiveSupplierLists) {
  EXPECT_THAT(TryList(testing::Uscc("93", 77), Eggs(1)), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  Suspend(kEggFarm);
  EXPECT_THAT(TryList(kEggFarm, Eggs(1)), HasReason(ErrorReason::ERROR_REASON_SUPPLIER_NOT_ACTIVE));
}

TEST_F(ListingTest, AnotherTenantsListingLooksUnknown) {
  const std::string id = List(kEggFarm, Eggs(10));
  const absl::Status others = Withdraw(id, 1, SupplierOf(kCattleFarm)).status();
  EXPECT_EQ(others, Withdraw(id, 1, Officer("141032")).status());
  std::string unknown_text(Withdraw("01J00000000000000000000000", 1, SupplierOf(kCattleFarm)).status().message());
  unknown_text.replace(unknown_text.find("01J"), 26, id);
  EXPECT_EQ(others.message(), unknown_text);
  EXPECT_TRUE(Withdraw(id, 1, Officer("140321")).ok());
}

TEST_F(ListingTest, UpdateChangesTermsAndMovesOnlyWhatIsAvailable) {
  const std::string id = List(kEggFarm, Eggs(100));
  ASSERT_TRUE(Place(kSchool, EggOrder(60)).ok());
  listing::v1::Listing listing = Now(id);
  listing.set_listed_units(59);
  EXPECT_THAT(Update(listing, {"listed_units"}), HasReason(ErrorReason::ERROR_REASON_STOCK_EXHAUSTED));
  listing.set_listed_units(60);
  ASSERT_TRUE(Update(listing, {"listed_units"}).ok());
  EXPECT_EQ(Now(id).balances().available(), 0);
  EXPECT_EQ(Now(id).balances().listed(), 60);
  EXPECT_THAT(Update(listing, {"title"}), HasReason(ErrorReason::ERROR_REASON_ETAG_MISMATCH));
  listing = Now(id);
  listing.set_listed_units(80);
  listing.mutable_unit_price()->set_amount_fen(350);
  const auto updated = Update(listing, {"listed_units", "unit_price"});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->listing().balances().available(), 20);
  // The book follows: the next order buys at the new price.
  const auto placed = Place(kSchool, EggOrder(20));
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->contracts(0).unit_price().amount_fen(), 350);
  listing = Now(id);
  EXPECT_THAT(BadFieldsOf(Update(listing, {}).status()), UnorderedElementsAre("update_mask"));
  EXPECT_THAT(BadFieldsOf(Update(listing, {"supplier_uscc"}).status()), UnorderedElementsAre("update_mask.paths[0]"));
  listing.set_etag("of long ago");
  listing.set_title("");
  listing.mutable_unit_price()->set_amount_fen(0);
  EXPECT_THAT(BadFieldsOf(Update(listing, {"title", "unit_price", "supplier_uscc"}).status()),
              UnorderedElementsAre("listing.title", "listing.unit_price", "update_mask.paths[2]"));
  listing.set_listing_id("unknown");
  EXPECT_THAT(BadFieldsOf(Update(listing, {"supplier_uscc"}).status()), UnorderedElementsAre("update_mask.paths[0]"));
  EXPECT_THAT(Update(listing, {"title"}), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

TEST_F(ListingTest, WithdrawAndSpoilNeverTakeMoreThanIsAvailable) {
  const std::string id = List(kEggFarm, Eggs(10));
  EXPECT_THAT(Withdraw(id, 11, SupplierOf(kEggFarm)), HasReason(ErrorReason::ERROR_REASON_STOCK_EXHAUSTED));
  listing::v1::ReportSpoiledRequest spoiled;
  spoiled.set_listing_id(id);
  spoiled.set_units(4);
  ASSERT_TRUE(Do(SupplierOf(kEggFarm), listing::ReportSpoiled, spoiled).ok());
  const auto withdrawn = Withdraw(id, 0, SupplierOf(kEggFarm));
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  EXPECT_EQ(withdrawn->listing().balances().withdrawn(), 6);
  EXPECT_EQ(withdrawn->listing().balances().spoiled(), 4);
  EXPECT_EQ(withdrawn->listing().state(), listing::v1::LISTING_STATE_WITHDRAWN);
  EXPECT_THAT(Withdraw(id, 0, SupplierOf(kEggFarm)), HasReason(ErrorReason::ERROR_REASON_LISTING_CLOSED));
  EXPECT_THAT(Place(kSchool, EggOrder(1)), HasReason(ErrorReason::ERROR_REASON_NOTHING_MATCHED));
}

TEST_F(ListingTest, ASupplierReportsAStallAtVillageLevelOnly) {
  listing::v1::ReportStallRequest request;
  request.set_listing_id(List(kEggFarm, Eggs(10)));
  request.mutable_stall()->set_level(listing::v1::STALL_LEVEL_COUNTY);
  request.mutable_stall()->set_contact("13800000000");
  EXPECT_THAT(BadFieldsOf(Do(SupplierOf(kEggFarm), listing::ReportStall, request).status()),
              UnorderedElementsAre("stall.level"));
  ASSERT_TRUE(Do(Officer("140321"), listing::ReportStall, request).ok());
  EXPECT_FALSE(LastEvent().listing().stall().has_report_time() == false);
  EXPECT_EQ(LastEvent().listing().stall().contact(), "") << "personal data on the feed";
  listing::v1::GetListingRequest get;
  get.set_listing_id(request.listing_id());
  const auto seen_by = [&](const base::Caller& caller) {
    return See([&](store::Reader& reader) { return listing::Read(reader, caller, get); })->listing().stall().contact();
  };
  EXPECT_EQ(seen_by(InstitutionOf(kSchool)), "");
  EXPECT_EQ(seen_by(SupplierOf(kEggFarm)), "13800000000");
}

TEST_F(ListingTest, AStallReportedAgainKeepsWhatIsNotToldAnew) {
  listing::v1::ReportStallRequest request;
  request.set_listing_id(List(kEggFarm, Eggs(10)));
  request.mutable_stall()->set_level(listing::v1::STALL_LEVEL_COUNTY);
  request.mutable_stall()->set_cause("the road is closed");
  request.mutable_stall()->set_households_affected(23);
  request.mutable_stall()->set_contact("13800000000");
  ASSERT_TRUE(Do(Officer("140321"), listing::ReportStall, request).ok());
  request.clear_stall();
  request.mutable_stall()->set_level(listing::v1::STALL_LEVEL_VILLAGE);
  request.mutable_stall()->set_cause("the bridge is closed too");
  const auto again = Do(SupplierOf(kEggFarm), listing::ReportStall, request);
  ASSERT_TRUE(again.ok()) << again.status();
  const listing::v1::StallReport& stall = again->listing().stall();
  EXPECT_EQ(stall.level(), listing::v1::STALL_LEVEL_COUNTY);
  EXPECT_EQ(stall.cause(), "the bridge is closed too");
  EXPECT_EQ(stall.households_affected(), 23);
  EXPECT_EQ(stall.contact(), "13800000000");
  request.mutable_stall()->set_level(listing::v1::STALL_LEVEL_PROVINCE);
  EXPECT_EQ(Do(Officer("14"), listing::ReportStall, request)->listing().stall().level(),
            listing::v1::STALL_LEVEL_PROVINCE);
}

TEST_F(ListingTest, ClosesItselfAtItsLastSaleTime) {
  const std::string id = List(kEggFarm, Eggs(10));
  const auto expire = [&] {
    return Do(
        testing::Operator(),
        [](ledger::Operation& operation, const std::string& listing_id) {
          return listing::Expire(operation, listing_id);
        },
        id);
  };
  clock_.Advance(absl::Hours(24 * 10) - absl::Seconds(1));
  EXPECT_TRUE(See([&](store::Reader& r) { return listing::DueListings(r, clock_.Now(), 10); })->empty());
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(See([&](store::Reader& r) { return listing::DueListings(r, clock_.Now(), 10); })->at(0), id);
  ASSERT_TRUE(expire().ok());
  EXPECT_EQ(Now(id).state(), listing::v1::LISTING_STATE_EXPIRED);
  EXPECT_EQ(Now(id).balances().withdrawn(), 10);
  EXPECT_TRUE(See([&](store::Reader& r) { return listing::DueListings(r, clock_.Now(), 10); })->empty());
}

TEST_F(ListingTest, PastItsLastSaleTimeAListingHasNoDaysLeft) {
  const std::string id = List(kEggFarm, Eggs(10));
  listing::v1::ListListingsRequest query;
  query.set_max_days_left(10);
  const auto count = [&] { return Listed(InstitutionOf(kSchool), query)->response.listings_size(); };
  EXPECT_EQ(count(), 1);
  clock_.Set(base::FromProto(Now(id).last_sale_time()) - absl::Seconds(1));
  EXPECT_EQ(count(), 1) << "on its last day";
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(count(), 0);
  clock_.Advance(absl::Hours(24 * 3));
  EXPECT_EQ(count(), 0);
}

TEST_F(ListingTest, ListFiltersAndPagesInTheOrderOfCreation) {
  std::vector<std::string> ids;
  for (int i = 0; i < 7; ++i) {
    listing::v1::Listing listing = Eggs(10 + i);
    listing.mutable_unit_price()->set_amount_fen(300 + i);
    ids.push_back(List(kEggFarm, listing));
    clock_.Advance(absl::Seconds(1));
  }
  List(kCattleFarm, Cattle(5));

  listing::v1::ListListingsRequest query;
  query.set_commodity_code("egg");
  query.mutable_max_unit_price()->set_amount_fen(304);
  std::vector<std::string> seen;
  store::PageRequest page{.size = 2};
  do {
    auto listed = Listed(InstitutionOf(kSchool), query, page);
    ASSERT_TRUE(listed.ok()) << listed.status();
    for (const auto& listing : listed->response.listings()) seen.push_back(listing.listing_id());
    page.after = listed->last_key;
  } while (!page.after.empty());
  EXPECT_EQ(seen, std::vector<std::string>(ids.begin(), ids.begin() + 5));

  query.Clear();
  EXPECT_EQ(Listed(InstitutionOf(kSchool), query)->response.listings_size(), 8);
  query.set_region_prefix("1410");
  EXPECT_EQ(Listed(InstitutionOf(kSchool), query)->response.listings_size(), 1);
  query.set_region_prefix(kCattleVillage);
  EXPECT_EQ(Listed(InstitutionOf(kSchool), query)->response.listings_size(), 1);
  query.Clear();
  query.set_max_days_left(9);
  EXPECT_EQ(Listed(InstitutionOf(kSchool), query)->response.listings_size(), 0);
  query.Clear();
  EXPECT_EQ(Listed(SupplierOf(kCattleFarm), query)->response.listings_size(), 1) << "a supplier sees its own";
  query.set_commodity_code("gold");
  query.set_region_prefix("99");
  query.set_supplier_uscc("913");
  EXPECT_THAT(BadFieldsOf(Listed(SupplierOf(kCattleFarm), query).status()),
              UnorderedElementsAre("commodity_code", "region_prefix", "supplier_uscc"));
}

}  // namespace
}  // namespace zhuxiao
