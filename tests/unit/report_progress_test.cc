// Progress against quotas, what would close a gap, and the statement of a household.
#include <map>

#include "services/directory/linkages.h"
#include "services/listing/operations.h"
#include "services/report/quota_progress.h"
#include "services/report/report.h"
#include "tests/unit/quota_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using report::v1::ProgressFigures;
using report::v1::UnitProgress;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::InstitutionOf;
using testing::Operator;

class ProgressTest : public testing::QuotaFixture {
 protected:
  std::map<std::string, UnitProgress> Progress(const base::Caller& caller = testing::Auditor(),
                                               bool with_listings = false) {
    report::v1::ListQuotaProgressRequest request;
    request.set_year(2020);
    request.set_with_listings(with_listings);
    const auto listed = See([&](store::Reader& reader) {
      return report::ListProgress(reader, caller, clock_.Now(), request, store::PageRequest{.size = 50});
    });
    EXPECT_TRUE(listed.ok()) << listed.status();
    std::map<std::string, UnitProgress> rows;
    if (!listed.ok()) return rows;
    for (const UnitProgress& row : listed->response.units()) rows[row.institution_uscc()] = row;
    return rows;
  }

  report::v1::SumQuotaProgressResponse Sum(report::v1::ProgressGrouping grouping,
                                           const base::Caller& caller = testing::Auditor()) {
    report::v1::SumQuotaProgressRequest request;
    request.set_year(2020);
    request.set_group_by(grouping);
    const auto sum =
        See([&](store::Reader& reader) { return report::SumProgress(reader, caller, clock_.Now(), request); });
    EXPECT_TRUE(sum.ok()) << sum.status();
    return sum.value_or(report::v1::SumQuotaProgressResponse());
  }

  void BuyAndSettle(const std::string& buyer, int64_t jin) {
    const auto placed = Place(buyer, EggOrder(jin));
    ASSERT_TRUE(placed.ok()) << placed.status();
    for (const order::v1::Contract& contract : placed->contracts()) {
      ASSERT_TRUE(Sign(contract).ok());
      ASSERT_TRUE(Ship(contract).ok());
      ASSERT_TRUE(Accept(contract, contract.ordered_units()).ok());
      ASSERT_TRUE(Settle(contract).ok());
    }
  }
};

TEST_F(ProgressTest, AMissingBaseIsUnknownAndMakesNoPercentage) {
  const UnitProgress row = Progress()[kSchool];
  EXPECT_EQ(row.status(), report::v1::PROGRESS_STATUS_UNKNOWN);
  EXPECT_FALSE(row.figures().has_settled_basis_points());
  EXPECT_FALSE(row.figures().has_target());
  EXPECT_FALSE(row.figures().has_needed_per_week());
  EXPECT_FALSE(Sum(report::v1::PROGRESS_GROUPING_CITY).total().figures().has_settled_basis_points());
}

TEST_F(ProgressTest, WhatClosesTheGapBeforeTheYearsEnd) {
  List(kEggFarm, Eggs(1'000));
  Declare(kSchool, Figures(2020, 10'000'00));      // target 1,000.00
  BuyAndSettle(kSchool, 100);                      // 340.00
  ASSERT_TRUE(Place(kSchool, EggOrder(10)).ok());  // 34.00 under way
  const ProgressFigures figures = Progress()[kSchool].figures();
  EXPECT_EQ(figures.settled_basis_points(), 3'400);
  EXPECT_EQ(figures.gap().amount_fen(), 66'000);
  EXPECT_EQ(figures.open().amount_fen(), 62'600);
  EXPECT_EQ(figures.days_left(), 305);
  EXPECT_EQ(figures.needed_per_week().amount_fen(), 1'437);  // 62,600 * 7 / 305 = 1,436.7
  SetDay("2020-12-30");
  EXPECT_EQ(Progress()[kSchool].figures().needed_per_week().amount_fen(), 62'600) << "all of it in the last week";
  SetDay("2021-01-01");
  EXPECT_EQ(Progress()[kSchool].figures().days_left(), 0);
  EXPECT_FALSE(Progress()[kSchool].figures().has_needed_per_week());
}

TEST_F(ProgressTest, ASurplusClosesNoOthersGap) {
  List(kEggFarm, Eggs(1'000));
  Declare(kSchool, Figures(2020, 1'000'00));
  Declare(kHospital, Figures(2020, 1'000'00));
  BuyAndSettle(kSchool, 100);
  EXPECT_EQ(Progress()[kSchool].status(), report::v1::PROGRESS_STATUS_REACHED);
  const auto sum = Sum(report::v1::PROGRESS_GROUPING_CHANNEL);
  ASSERT_EQ(sum.rows_size(), 1);
  EXPECT_EQ(sum.rows(0).key(), "CHANNEL_SCHOOL");
  EXPECT_EQ(sum.rows(0).figures().target().amount_fen(), 20'000);
  EXPECT_EQ(sum.rows(0).figures().settled().amount_fen(), 34'000);
  EXPECT_EQ(sum.rows(0).figures().gap().amount_fen(), 10'000);
  EXPECT_EQ(sum.total().counts_size(), 2);
  EXPECT_EQ(Sum(report::v1::PROGRESS_GROUPING_CITY, testing::Officer("4201")).rows_size(), 0);
}

TEST_F(ProgressTest, WhoSharesACanteenStandsInNoRowOfItsOwn) {
  List(kEggFarm, Eggs(1'000));
  BuyAndSettle(kHospital, 10);  // before it shares
  ASSERT_TRUE(SetCanteen(kSchool, directory::v1::CANTEEN_MODE_SHARED, kSchool).ok());
  ASSERT_TRUE(SetCanteen(kHospital, directory::v1::CANTEEN_MODE_SHARED, kSchool).ok());
  BuyAndSettle(kHospital, 10);
  const auto rows = Progress();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows.at(kSchool).figures().settled().amount_fen(), 6'800);
  EXPECT_THAT(rows.at(kSchool).represented_usccs(), ElementsAre(kHospital));
  const auto sum = Sum(report::v1::PROGRESS_GROUPING_PROVINCE);
  EXPECT_EQ(sum.total().figures().settled().amount_fen(), 6'800);
  EXPECT_EQ(sum.total().represented_count(), 1);
  ASSERT_TRUE(SetCanteen(kHospital, directory::v1::CANTEEN_MODE_NONE).ok());
  EXPECT_EQ(Progress()[kHospital].status(), report::v1::PROGRESS_STATUS_NO_CANTEEN);
  EXPECT_EQ(Progress()[kHospital].figures().settled().amount_fen(), 3'400) << "what it bought itself";
  EXPECT_EQ(Progress()[kSchool].figures().settled().amount_fen(), 3'400);
}

TEST_F(ProgressTest, NamesStalledGoodsThatFit) {
  Declare(kSchool, Figures(2020, 10'000'00));  // 1,000.00 open: 294 jin at 3.40
  const auto stall = [&](const listing::v1::Listing& terms) {
    const std::string id = List(kEggFarm, terms);
    listing::v1::ReportStallRequest request;
    request.set_listing_id(id);
    request.mutable_stall()->set_level(listing::v1::STALL_LEVEL_VILLAGE);
    const auto reported = Do(testing::SupplierOf(kEggFarm), listing::ReportStall, request);
    EXPECT_TRUE(reported.ok()) << reported.status();
    return id;
  };
  const std::string fits = stall(Eggs(1'000));
  listing::v1::Listing large_lots = Eggs(1'000);
  large_lots.set_min_lot_units(295);
  stall(large_lots);
  listing::v1::Listing elsewhere = Eggs(1'000);
  elsewhere.add_delivery_regions("42");
  stall(elsewhere);
  List(kEggFarm, Eggs(1'000));  // not stalled
  const auto rows = Progress(testing::Auditor(), true);
  ASSERT_EQ(rows.at(kSchool).fitting_size(), 1);
  EXPECT_EQ(rows.at(kSchool).fitting(0).listing_id(), fits);
  EXPECT_EQ(rows.at(kSchool).fitting(0).units(), 294);
  EXPECT_EQ(rows.at(kSchool).fitting(0).amount().amount_fen(), 99'960);
  EXPECT_EQ(rows.at(kHospital).fitting_size(), 0) << "nothing is known of its gap";
}

TEST_F(ProgressTest, AnInstitutionSeesItselfAndAnOfficerTheRegion) {
  EXPECT_EQ(Progress(InstitutionOf(kSchool)).size(), 1u);
  EXPECT_EQ(Progress(kReviewer).size(), 2u);
  EXPECT_EQ(Progress(testing::Officer("4201")).size(), 0u);
  report::v1::SumQuotaProgressRequest request;
  request.set_year(1999);
  request.set_region_prefix("999999");
  EXPECT_THAT(BadFieldsOf(See([&](store::Reader& reader) {
                            return report::SumProgress(reader, Operator(), clock_.Now(), request);
                          }).status()),
              ElementsAre("year", "region_prefix", "group_by"));
  report::v1::ListQuotaProgressRequest list;
  list.set_institution_uscc("12");
  list.set_parent_uscc("12");
  EXPECT_THAT(BadFieldsOf(See([&](store::Reader& reader) {
                            return report::ListProgress(reader, Operator(), clock_.Now(), list, {.size = 1});
                          }).status()),
              ElementsAre("year", "institution_uscc", "parent_uscc"));
}

class StatementTest : public ProgressTest {
 protected:
  void Link(const std::vector<int64_t>& shares_ppm) {
    directory::v1::SetLinkageRequest request;
    request.mutable_linkage()->set_supplier_uscc(kEggFarm);
    request.mutable_linkage()->set_village_code(kEggVillage);
    for (const int64_t share_ppm : shares_ppm) {
      directory::v1::Household& household = *request.mutable_linkage()->add_households();
      household.set_household_code(base::StrCat("H", request.linkage().households_size()));
      household.set_name("李四");
      household.set_share_ppm(share_ppm);
    }
    ASSERT_TRUE(Do(Operator(), directory::SetLinkage, request).ok());
  }

  auto Statement(const std::string& household, const std::string& first, const std::string& last,
                 const base::Caller& caller = testing::SupplierOf(kEggFarm)) {
    report::v1::GetHouseholdStatementRequest request;
    request.set_supplier_uscc(kEggFarm);
    request.set_household_code(household);
    request.set_first_day(first);
    request.set_last_day(last);
    return See([&](store::Reader& reader) { return report::GetHouseholdStatement(reader, caller, request); });
  }
};

TEST_F(StatementTest, TheHouseholdsPartsOfAPeriodSumExactly) {
  Link({333'333, 333'333, 333'333});
  List(kEggFarm, Eggs(1'000));
  SetDay("2020-03-05");
  BuyAndSettle(kSchool, 10);
  SetDay("2020-03-06");
  BuyAndSettle(kSchool, 10);
  int64_t sum = 0;
  for (const char* household : {"H1", "H2", "H3"}) {
    const auto statement = Statement(household, "2020-03-06", "2020-03-31");
    ASSERT_TRUE(statement.ok()) << statement.status();
    EXPECT_EQ(statement->total().amount_fen(), 3'400) << "the day before is not in the period";
    EXPECT_EQ(statement->linked().amount_fen(), 3'399);
    EXPECT_EQ(statement->name(), "李**");
    ASSERT_EQ(statement->lines_size(), 1);
    EXPECT_EQ(statement->lines(0).day(), "2020-03-06");
    sum += statement->income().amount_fen();
  }
  EXPECT_EQ(sum, 3'399);
  EXPECT_EQ(Statement("H1", "2020-03-05", "2020-03-06")->line_count(), 2);
  EXPECT_EQ(Statement("H1", "2020-03-05", "2020-03-06", Operator())->name(), "李**") << "made to be handed out";
}

TEST_F(StatementTest, OthersAndUnknownHouseholdsAreNotThere) {
  Link({500'000});
  EXPECT_THAT(Statement("H9", "2020-03-01", "2020-03-31"), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Statement("H1", "2020-03-01", "2020-03-31", testing::SupplierOf(kCattleFarm)),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(BadFieldsOf(Statement("", "2020-03-31", "2020-03-01").status()),
              ElementsAre("household_code", "last_day"));
  EXPECT_THAT(BadFieldsOf(Statement("H1", "2020-01-01", "2021-01-01").status()), ElementsAre("last_day"));
  EXPECT_TRUE(Statement("H1", "2020-01-01", "2020-12-31").ok());
}

}  // namespace
}  // namespace zhuxiao
