// Stall cases as people live them: reported, seen by whom it concerns, raised, sold, ended; and those nobody reported.
#include "services/directory/linkages.h"
#include "services/listing/operations.h"
#include "tests/support/stall_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using listing::v1::StallLevel;
using stall::v1::StallCase;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::Officer;
using testing::SupplierOf;
using ::testing::UnorderedElementsAre;

class StallCaseTest : public testing::StallFixture {
 protected:
  // Cheap goods for long, so that no rule of value or days raises a case at once.
  listing::v1::Listing Slow(int64_t units) const {
    listing::v1::Listing eggs = Eggs(units);
    *eggs.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 40));
    return eggs;
  }
  StallLevel LevelNow(const std::string& case_id) { return CaseNow(case_id).listing().stall().level(); }
};

TEST_F(StallCaseTest, AReportMarksTheListingAndKeepsTheRecord) {
  const std::string goods = List(kEggFarm, Slow(10));
  const auto reported = Report(SupplierOf(kEggFarm), goods, 3);
  ASSERT_TRUE(reported.ok()) << reported.status();
  const StallCase& made = reported->stall_case();
  EXPECT_EQ(made.state(), stall::v1::STALL_CASE_STATE_REPORTED);
  EXPECT_EQ(made.reported_by(), base::Role::ROLE_SUPPLIER);
  EXPECT_EQ(made.reporter(), "Li Si 13800000000");
  EXPECT_EQ(made.opening().left_units(), 10);
  EXPECT_EQ(made.duty_office_zh(), "畜牧兽医局");
  EXPECT_EQ(made.listing().stall().level(), listing::v1::STALL_LEVEL_VILLAGE);
  EXPECT_EQ(made.listing().stall().households_affected(), 3);
  EXPECT_THAT(Report(SupplierOf(kEggFarm), goods), HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));
}

TEST_F(StallCaseTest, AReportKeepsWhatAnOfficerHadToldOfTheListing) {
  listing::v1::ReportStallRequest marked;
  marked.set_listing_id(List(kEggFarm, Slow(10)));
  marked.mutable_stall()->set_level(listing::v1::STALL_LEVEL_COUNTY);
  marked.mutable_stall()->set_households_affected(23);
  ASSERT_TRUE(Do(kCountyOfficer, listing::ReportStall, marked).ok());
  const StallCase made = CaseNow(MustReport(marked.listing_id()));
  EXPECT_EQ(made.listing().stall().level(), listing::v1::STALL_LEVEL_COUNTY);
  EXPECT_EQ(made.listing().stall().households_affected(), 23);
  EXPECT_EQ(made.listing().stall().cause(), "roads are closed");
}

TEST_F(StallCaseTest, WhoMayReport) {
  const std::string goods = List(kEggFarm, Slow(10));
  EXPECT_THAT(Report(SupplierOf(kCattleFarm), goods), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Report(Officer("1410"), goods), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  const auto hotline = Report(Officer("140321"), goods);
  ASSERT_TRUE(hotline.ok()) << hotline.status();
  EXPECT_EQ(hotline->stall_case().reported_by(), base::Role::ROLE_OFFICER);
}

TEST_F(StallCaseTest, EveryBadFieldIsNamed) {
  stall::v1::ReportStallCaseRequest request;
  request.mutable_stall_case()->set_reporter(std::string(61, 'x'));
  request.mutable_stall_case()->set_grade(std::string(61, 'x'));
  request.mutable_stall_case()->set_packing(std::string(121, 'x'));
  request.mutable_stall_case()->set_storage(std::string(121, 'x'));
  request.mutable_stall_case()->set_pick_up_point(std::string(121, 'x'));
  request.mutable_stall_case()->mutable_floor_price();
  request.mutable_stall()->set_level(listing::v1::STALL_LEVEL_TOWNSHIP);
  request.mutable_stall()->set_households_affected(-1);
  EXPECT_THAT(BadFieldsOf(Do(SupplierOf(kEggFarm), stall::ReportCase, request).status()),
              ElementsAre("stall_case.listing_id", "stall_case.reporter", "stall_case.grade", "stall_case.packing",
                          "stall_case.storage", "stall_case.pick_up_point", "stall_case.floor_price", "stall.level",
                          "stall.households_affected"));
}

TEST_F(StallCaseTest, TheFloorPriceIsNotAboveTheAsk) {
  listing::v1::Listing cheap = Slow(10);
  cheap.mutable_unit_price()->set_amount_fen(299);
  const std::string goods = List(kEggFarm, cheap);
  EXPECT_THAT(BadFieldsOf(Report(SupplierOf(kEggFarm), goods).status()), ElementsAre("stall_case.floor_price"));
  EXPECT_THAT(BadFieldsOf(Report(SupplierOf(kEggFarm), goods, -1).status()),
              ElementsAre("stall.households_affected", "stall_case.floor_price"));
}

TEST_F(StallCaseTest, AClosedListingHasNoStall) {
  const std::string goods = List(kEggFarm, Slow(10));
  clock_.Advance(absl::Hours(24 * 41));
  EXPECT_THAT(Report(SupplierOf(kEggFarm), goods), HasReason(ErrorReason::ERROR_REASON_LISTING_CLOSED));
}

TEST_F(StallCaseTest, PersonalDataIsForTheSupplierAndTheOfficerOfTheRegion) {
  const std::string id = MustReport(List(kEggFarm, Slow(10)));
  ASSERT_TRUE(Verify(id).ok());
  ASSERT_TRUE(Dispatch(id, directory::v1::CHANNEL_SCHOOL).ok());
  for (const auto& [caller, sees_people, sees_floor] :
       {std::tuple(SupplierOf(kEggFarm), true, true), std::tuple(Officer("14"), true, true),
        std::tuple(testing::Auditor(), false, true), std::tuple(testing::InstitutionOf(kSchool), false, false)}) {
    const auto read = Read(caller, id);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(!read->stall_case().reporter().empty(), sees_people);
    EXPECT_EQ(!read->stall_case().listing().stall().contact().empty(), sees_people);
    EXPECT_EQ(read->stall_case().has_floor_price(), sees_floor);
  }
  for (uint64_t after = 0; after < store_.FeedEnd().sequence; ++after) {
    const auto entry = store_.ReadFeed({store_.FeedEnd().epoch, after}, 1);
    EXPECT_EQ(entry->front().payload.find("13800000000"), std::string::npos);
    EXPECT_EQ(entry->front().payload.find("13900000000"), std::string::npos);
  }
}

TEST_F(StallCaseTest, BuyersSeeWhatWasSentToThem) {
  const std::string id = MustReport(List(kEggFarm, Slow(10)));
  const base::Caller platform = testing::PlatformOf(testing::Uscc("91", 9));
  ASSERT_TRUE(Verify(id).ok());
  EXPECT_THAT(Read(testing::InstitutionOf(kSchool), id), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  ASSERT_TRUE(Dispatch(id, directory::v1::CHANNEL_ECOMMERCE).ok());
  EXPECT_THAT(Read(testing::InstitutionOf(kSchool), id), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_TRUE(Read(platform, id).ok());
  const auto named = Act<stall::v1::DispatchStallCaseRequest>(
      kCountyOfficer, stall::DispatchCase, id, [&](auto& request) { request.add_organisation_usccs(kHospital); });
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_TRUE(Read(testing::InstitutionOf(kHospital), id).ok());
  EXPECT_EQ(Cases(testing::InstitutionOf(kHospital)).size(), 1);
  EXPECT_EQ(Cases(testing::InstitutionOf(kSchool)).size(), 0);
  EXPECT_EQ(Cases(SupplierOf(kEggFarm)).size(), 1);
  EXPECT_EQ(Cases(SupplierOf(kCattleFarm)).size(), 0);
  EXPECT_EQ(Cases(Officer("1410")).size(), 0);
  const auto unknown =
      Act<stall::v1::DispatchStallCaseRequest>(kCountyOfficer, stall::DispatchCase, id, [&](auto& request) {
        for (const std::string& uscc : {kEggFarm, kHospital, kCattleFarm}) request.add_organisation_usccs(uscc);
      });
  EXPECT_THAT(unknown, HasReason(ErrorReason::ERROR_REASON_REFERENCE_INVALID));
  EXPECT_EQ(base::MetadataOf(unknown.status(), "organisation_usccs"), kEggFarm + "," + kCattleFarm);
  const auto nobody = Act<stall::v1::DispatchStallCaseRequest>(kCountyOfficer, stall::DispatchCase, id);
  EXPECT_THAT(BadFieldsOf(nobody.status()), ElementsAre("channels"));
  stall::v1::DispatchStallCaseRequest bad;
  bad.set_case_id("unknown");
  bad.add_channels(directory::v1::CHANNEL_SCHOOL);
  bad.add_channels(directory::v1::CHANNEL_UNSPECIFIED);
  bad.add_organisation_usccs(kHospital);
  bad.add_organisation_usccs("12");
  bad.set_remark(std::string(501, 'x'));
  EXPECT_THAT(BadFieldsOf(Do(kCountyOfficer, stall::DispatchCase, bad).status()),
              ElementsAre("channels[1]", "organisation_usccs[1]", "remark"));
}

TEST_F(StallCaseTest, ListsAreFiltered) {
  const std::string eggs = MustReport(List(kEggFarm, Slow(10)));
  const auto cattle = Report(SupplierOf(kCattleFarm), List(kCattleFarm, Cattle(2)));
  ASSERT_TRUE(cattle.ok()) << cattle.status();
  ASSERT_TRUE(Raise(eggs, listing::v1::STALL_LEVEL_CITY).ok());
  ASSERT_TRUE(Dismiss(cattle->stall_case().case_id(), Officer("1410")).ok());
  const auto ids = [&](const std::function<void(stall::v1::ListStallCasesRequest&)>& set) {
    stall::v1::ListStallCasesRequest request;
    set(request);
    std::vector<std::string> found;
    for (const StallCase& shown : Cases(testing::Auditor(), request)) found.push_back(shown.case_id());
    return found;
  };
  EXPECT_THAT(ids([](auto& r) { r.set_region_prefix("1410"); }), ElementsAre(cattle->stall_case().case_id()));
  EXPECT_THAT(ids([](auto& r) { r.set_min_level(listing::v1::STALL_LEVEL_COUNTY); }), ElementsAre(eggs));
  EXPECT_THAT(ids([](auto& r) { r.set_open_only(true); }), ElementsAre(eggs));
  EXPECT_THAT(ids([](auto& r) { r.set_warned_only(true); }), ElementsAre());
  EXPECT_EQ(ids([](auto&) {}).size(), 2);
}

TEST_F(StallCaseTest, ARuleRaisesItAsTimeRunsOut) {
  // 10,000 units of 3.40 yuan are 34,000 yuan at risk: the county's at 15 days, by the shipped table.
  const std::string id = MustReport(List(kEggFarm, Slow(10'000)), 0);
  Upkeep();
  EXPECT_EQ(LevelNow(id), listing::v1::STALL_LEVEL_VILLAGE);
  for (int day = 0; day < 24; ++day) NextDay();
  EXPECT_EQ(LevelNow(id), listing::v1::STALL_LEVEL_VILLAGE) << "16 days left";
  NextDay();
  const StallCase raised = CaseNow(id);
  EXPECT_EQ(raised.listing().stall().level(), listing::v1::STALL_LEVEL_COUNTY);
  ASSERT_EQ(raised.raises_size(), 1);
  EXPECT_EQ(raised.raises(0).from_level(), listing::v1::STALL_LEVEL_VILLAGE);
  EXPECT_EQ(raised.raises(0).value_at_risk().amount_fen(), 3'400'000);
  EXPECT_EQ(raised.raises(0).days_left(), 15);
  EXPECT_EQ(raised.raises(0).raised_by(), "");
  EXPECT_EQ(raised.days_size(), 26) << "the day it was reported and 25 more";
  ASSERT_TRUE(Raise(id, listing::v1::STALL_LEVEL_PROVINCE).ok());
  EXPECT_EQ(CaseNow(id).raises(1).raised_by(), "county-officer");
  EXPECT_THAT(BadFieldsOf(Raise(id, listing::v1::STALL_LEVEL_CITY).status()), ElementsAre("level"));
}

TEST_F(StallCaseTest, SalesMoveItAlongAndTheLastOneClearsIt) {
  const std::string goods = List(kEggFarm, Slow(100));
  const std::string id = MustReport(goods);
  Upkeep();
  ASSERT_TRUE(Verify(id).ok());
  ASSERT_TRUE(Dispatch(id, directory::v1::CHANNEL_SCHOOL).ok());
  SellEggs(40);
  NextDay();
  EXPECT_EQ(CaseNow(id).state(), stall::v1::STALL_CASE_STATE_PARTLY_SOLD);
  EXPECT_EQ(CaseNow(id).days(1).figures().sold_units(), 40);
  EXPECT_EQ(CaseNow(id).days(1).figures().left_units(), 60);
  ASSERT_TRUE(Dispatch(id, directory::v1::CHANNEL_HOSPITAL).ok());
  SellEggs(60);
  NextDay();
  const StallCase ended = CaseNow(id);
  EXPECT_EQ(ended.state(), stall::v1::STALL_CASE_STATE_CLEARED);
  EXPECT_EQ(ended.closing().saved_units(), 100);
  EXPECT_EQ(ended.closing().saved_value().amount_fen(), 34'000);
  EXPECT_EQ(ended.closing().lost_units(), 0);
  EXPECT_FALSE(ended.listing().has_stall());
  EXPECT_EQ(ended.report().cause(), "roads are closed") << "the record outlives the mark";
  const auto seen = Read(testing::Auditor(), id);
  EXPECT_EQ(seen->stall_case().report().contact(), "");
}

TEST_F(StallCaseTest, WhatIsNotSoldInTimeIsSpoiledOnceItsContractsAreThrough) {
  const std::string goods = List(kEggFarm, Eggs(100));
  const std::string id = MustReport(goods);
  ASSERT_TRUE(Verify(id).ok());
  clock_.Advance(absl::Hours(24 * 2));
  order::v1::Order last_minute = EggOrder(30);
  *last_minute.mutable_deliver_by_time() = base::ToProto(clock_.Now() + absl::Hours(24 * 2));
  const auto placed = Place(kSchool, last_minute);
  ASSERT_TRUE(placed.ok()) << placed.status();
  const order::v1::Contract& contract = placed->contracts(0);
  ASSERT_TRUE(Sign(contract).ok());
  ASSERT_TRUE(Ship(contract).ok());
  clock_.Advance(absl::Hours(24 * 9));
  Upkeep();
  EXPECT_EQ(CaseNow(id).state(), stall::v1::STALL_CASE_STATE_VERIFIED) << "a contract is under way";
  ASSERT_TRUE(Accept(contract, 30).ok());
  clock_.Advance(absl::Hours(2));
  Upkeep();
  const StallCase ended = CaseNow(id);
  EXPECT_EQ(ended.state(), stall::v1::STALL_CASE_STATE_SPOILED);
  EXPECT_EQ(ended.closing().saved_units(), 30);
  EXPECT_EQ(ended.closing().lost_units(), 70);
  EXPECT_EQ(ended.closing().saved_ppm(), 300'000);
  EXPECT_FALSE(ended.has_next_review_time());
}

TEST_F(StallCaseTest, ADismissedCaseTakesTheMarkOffAndAnotherMayFollow) {
  const std::string goods = List(kEggFarm, Slow(10));
  const std::string id = MustReport(goods);
  const auto dismissed = Dismiss(id);
  ASSERT_TRUE(dismissed.ok()) << dismissed.status();
  EXPECT_FALSE(dismissed->stall_case().listing().has_stall());
  EXPECT_EQ(dismissed->stall_case().decided_by(), "county-officer");
  EXPECT_NE(MustReport(goods), id);
  EXPECT_EQ(CaseNow(id).state(), stall::v1::STALL_CASE_STATE_DISMISSED);
}

TEST_F(StallCaseTest, AMarkWithoutACaseGetsOne) {
  const std::string goods = List(kEggFarm, Slow(10));
  listing::v1::ReportStallRequest request;
  request.set_listing_id(goods);
  request.mutable_stall()->set_level(listing::v1::STALL_LEVEL_VILLAGE);
  ASSERT_TRUE(Do(SupplierOf(kEggFarm), listing::ReportStall, request).ok());
  Upkeep();
  Upkeep();
  const auto cases = Cases(testing::Operator());
  ASSERT_EQ(cases.size(), 1);
  EXPECT_EQ(cases[0].listing_id(), goods);
  EXPECT_EQ(cases[0].reported_by(), base::Role::ROLE_SUPPLIER);
}

TEST_F(StallCaseTest, TheServerFindsWhatNobodyReports) {
  const std::string slow = List(kEggFarm, Slow(10'000));
  NextDay();
  NextDay();
  EXPECT_EQ(Cases(testing::Operator()).size(), 0) << "too young to be judged";
  SellEggs(50);
  NextDay();
  const auto cases = Cases(testing::Operator());
  ASSERT_EQ(cases.size(), 1);
  EXPECT_EQ(cases[0].state(), stall::v1::STALL_CASE_STATE_DETECTED);
  EXPECT_EQ(cases[0].detection().taken_units(), 50);
  EXPECT_EQ(cases[0].detection().window_days(), 3);
  EXPECT_EQ(cases[0].detection().left_units(), 9'950);
  EXPECT_EQ(cases[0].detection().cover_days(), 597) << "9,950 at 50 in 3 days";
  EXPECT_EQ(cases[0].detection().days_left(), 37);
  EXPECT_EQ(cases[0].reported_by(), base::Role::ROLE_UNSPECIFIED);
  ASSERT_TRUE(Dismiss(cases[0].case_id()).ok());
  for (int day = 0; day < 6; ++day) NextDay();
  EXPECT_EQ(Cases(testing::Operator()).size(), 1) << "dismissed within the week";
  NextDay();
  EXPECT_EQ(Cases(testing::Operator()).size(), 2);
}

TEST_F(StallCaseTest, WhatSellsInTimeIsNoStallAlsoAfterARestart) {
  List(kEggFarm, Slow(1'000));
  for (int day = 0; day < 3; ++day) {
    SellEggs(30);
    NextDay();
  }
  LoadUpkeep();
  Upkeep();
  EXPECT_EQ(Cases(testing::Operator()).size(), 0) << "30 a day; 910 last 31 days, 37 are left";
  clock_.Advance(absl::Hours(24 * 4));
  LoadUpkeep();
  Upkeep();
  ASSERT_EQ(Cases(testing::Operator()).size(), 1) << "no sales since";
  EXPECT_EQ(Cases(testing::Operator())[0].detection().taken_units(), 90);
}

TEST_F(StallCaseTest, GoodsThatCameBackWereNotTaken) {
  List(kEggFarm, Slow(10'000));
  clock_.Advance(absl::Hours(24 * 2));
  const auto placed = Place(kSchool, EggOrder(5'000));
  ASSERT_TRUE(placed.ok()) << placed.status();
  order::v1::RefuseContractRequest refuse;
  refuse.set_contract_id(placed->contracts(0).contract_id());
  ASSERT_TRUE(Do(SupplierOf(kEggFarm), order::RefuseContract, refuse).ok());
  NextDay();
  ASSERT_EQ(Cases(testing::Operator()).size(), 1);
  EXPECT_EQ(Cases(testing::Operator())[0].detection().taken_units(), 0);
}

TEST_F(StallCaseTest, TheEarlyWarningSaysWhomTheSaleWouldLiftAndRaisesTheCase) {
  // A line of 3,000 yuan; 2,000 units of 3.40 are 6,800 yuan. A household with half of it gets 3,400.
  directory::v1::SetLinkageRequest linkage;
  linkage.mutable_linkage()->set_supplier_uscc(kEggFarm);
  linkage.mutable_linkage()->set_village_code(kEggVillage);
  for (const int64_t share : {500'000, 300'000}) {
    directory::v1::Household& household = *linkage.mutable_linkage()->add_households();
    household.set_household_code(base::StrCat("H", share));
    household.set_name("Zhang San");
    household.set_share_ppm(share);
  }
  ASSERT_TRUE(Do(testing::Operator(), directory::SetLinkage, linkage).ok());
  const std::string id = MustReport(List(kEggFarm, Slow(2'000)));
  Upkeep();
  StallCase warned = CaseNow(id);
  ASSERT_TRUE(warned.has_warning());
  EXPECT_EQ(warned.warning().household_count(), 1);
  EXPECT_EQ(warned.warning().line().amount_fen(), 300'000);
  EXPECT_EQ(warned.warning().least_income().amount_fen(), 0);
  EXPECT_EQ(warned.listing().stall().level(), listing::v1::STALL_LEVEL_COUNTY);
  const auto warned_at = base::FromProto(warned.warning().time());
  // Other goods on offer bring as much: nobody depends on these.
  const std::string others = List(kEggFarm, Slow(3'000));
  clock_.Advance(absl::Hours(1));
  Upkeep();
  EXPECT_FALSE(CaseNow(id).has_warning());
  listing::v1::WithdrawListingRequest withdraw;
  withdraw.set_listing_id(others);
  ASSERT_TRUE(Do(SupplierOf(kEggFarm), listing::Withdraw, withdraw).ok());
  clock_.Advance(absl::Hours(1));
  Upkeep();
  ASSERT_TRUE(CaseNow(id).has_warning());
  EXPECT_GT(base::FromProto(CaseNow(id).warning().time()), warned_at);
}

TEST_F(StallCaseTest, ACaseLivesOverTheYearsEnd) {
  clock_.Set(base::StartOfYear(2021) - absl::Hours(3));
  const std::string id = MustReport(List(kEggFarm, Slow(100)));
  Upkeep();
  clock_.Set(base::StartOfYear(2021));
  Upkeep();
  const StallCase now = CaseNow(id);
  ASSERT_EQ(now.days_size(), 2);
  EXPECT_EQ(now.days(0).day(), "2020-12-31");
  EXPECT_EQ(now.days(1).day(), "2021-01-01");
}

}  // namespace
}  // namespace zhuxiao
