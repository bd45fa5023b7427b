// Household income: what counts, how it is split, and who sees names.
#include "services/directory/linkages.h"
#include "services/partner/holds.h"
#include "services/report/report.h"
#include "tests/support/market_fixture.h"

namespace zhuxiao::report {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;

class ReportIncomeTest : public testing::MarketFixture {
 protected:
  void Link(const std::vector<int64_t>& shares_ppm) {
    directory::v1::SetLinkageRequest request;
    directory::v1::Linkage& linkage = *request.mutable_linkage();
    linkage.set_supplier_uscc(kCattleFarm);
    linkage.set_village_code(kCattleVillage);
    linkage.set_linkage_ppm(500'000);
    for (size_t i = 0; i < shares_ppm.size(); ++i) {
      directory::v1::Household& household = *linkage.add_households();
      household.set_household_code(base::StrCat("H", i));
      household.set_name("张三");
      household.set_share_ppm(shares_ppm[i]);
    }
    const auto linked = Do(testing::Operator(), directory::SetLinkage, request);
    ASSERT_TRUE(linked.ok()) << linked.status();
  }

  // Sells one head of that weight through a platform.
  void SellByPlatform(const std::string& listing_id, const std::string& order_no, int64_t weight_g) {
    const base::Caller platform = testing::PlatformOf(testing::Uscc("91", 77));
    partner::v1::HoldStockRequest hold;
    hold.set_listing_id(listing_id);
    hold.set_units(1);
    *hold.mutable_expire_time() = base::ToProto(clock_.Now() + absl::Hours(1));
    const auto held = Do(platform, partner::HoldStock, hold);
    ASSERT_TRUE(held.ok()) << held.status();
    partner::v1::SellHoldRequest sell;
    sell.set_hold_id(held->hold().hold_id());
    sell.set_units(1);
    sell.set_weight_g(weight_g);
    sell.set_platform_order_no(order_no);
    const auto sold = Do(platform, partner::SellHold, sell);
    ASSERT_TRUE(sold.ok()) << sold.status();
  }

  // Sells heads to the school and takes the contract to settlement at that weight.
  void SellToSchool(int64_t heads, int64_t weight_g) {
    const auto placed = Place(kSchool, CattleOrder(heads));
    ASSERT_TRUE(placed.ok()) << placed.status();
    ASSERT_EQ(placed->contracts_size(), 1);
    const order::v1::Contract& contract = placed->contracts(0);
    ASSERT_TRUE(Sign(contract).ok());
    const auto shipped = Ship(contract);
    ASSERT_TRUE(shipped.ok()) << shipped.status();
    const auto accepted = Accept(contract, heads, weight_g);
    ASSERT_TRUE(accepted.ok()) << accepted.status();
    const auto settled = Settle(contract);
    ASSERT_TRUE(settled.ok()) << settled.status();
  }

  absl::StatusOr<v1::GetIncomeResponse> Income(const base::Caller& caller, const std::string& supplier,
                                               int year = 2020) {
    v1::GetIncomeRequest request;
    request.set_supplier_uscc(supplier);
    request.set_year(year);
    return See(GetIncome, caller, request);
  }
};

TEST_F(ReportIncomeTest, SettledContractsAndPlatformSalesReachTheHouseholds) {
  Link({333'333, 333'333, 133'334});
  const std::string cattle = List(kCattleFarm, Cattle(10));
  SellByPlatform(cattle, "P-1", 500'002);            // 1,650,006.6 fen: 1,650,007
  SellToSchool(2, 1'100'000);                        // 3,630,000 fen
  ASSERT_TRUE(Place(kSchool, CattleOrder(1)).ok());  // not settled: no income

  const auto income = Income(testing::SupplierOf(kCattleFarm), "");
  ASSERT_TRUE(income.ok()) << income.status();
  EXPECT_EQ(income->supplier_uscc(), kCattleFarm);
  EXPECT_EQ(income->contract_count(), 1);
  EXPECT_EQ(income->platform_sale_count(), 1);
  EXPECT_EQ(income->total().amount_fen(), 5'280'007);
  EXPECT_EQ(income->linked().amount_fen(), 4'224'005);  // 80 %: 4,224,005.6
  ASSERT_EQ(income->households_size(), 3);
  // Exact parts 1,760,000.32, 1,760,000.32 and 704,004.35: the one fen left goes to the largest remainder.
  EXPECT_EQ(income->households(0).income().amount_fen(), 1'760'000);
  EXPECT_EQ(income->households(1).income().amount_fen(), 1'760'000);
  EXPECT_EQ(income->households(2).income().amount_fen(), 704'005);
  EXPECT_EQ(Income(testing::SupplierOf(kCattleFarm), "", 2021)->total().amount_fen(), 0);
}

TEST_F(ReportIncomeTest, NamesAreForTheOfficerOfTheVillage) {
  Link({1'000'000});
  EXPECT_EQ(Income(testing::Officer("141032"), kCattleFarm)->households(0).name(), "张三");
  EXPECT_EQ(Income(testing::SupplierOf(kCattleFarm), kCattleFarm)->households(0).name(), "张**");
  EXPECT_EQ(Income(testing::Auditor(), kCattleFarm)->households(0).name(), "张**");
}

TEST_F(ReportIncomeTest, OthersDoNotSeeTheSupplier) {
  const auto not_found = HasReason(ErrorReason::ERROR_REASON_NOT_FOUND);
  EXPECT_THAT(Income(testing::SupplierOf(kEggFarm), kCattleFarm), not_found);
  EXPECT_THAT(Income(testing::Officer("140321"), kCattleFarm), not_found);
  EXPECT_THAT(Income(testing::Auditor(), testing::Uscc("93", 555)), not_found);
  EXPECT_EQ(Income(testing::SupplierOf(kEggFarm), kCattleFarm).status(), base::NotFound("supplier", kCattleFarm));
}

TEST_F(ReportIncomeTest, EveryBadFieldIsNamed) {
  EXPECT_THAT(BadFieldsOf(Income(testing::Auditor(), "x", 1).status()), ElementsAre("supplier_uscc", "year"));
}

TEST_F(ReportIncomeTest, WithoutLinkageNothingIsLinked) {
  const auto income = Income(testing::Auditor(), kEggFarm);
  ASSERT_TRUE(income.ok()) << income.status();
  EXPECT_EQ(income->linked().amount_fen(), 0);
  EXPECT_EQ(income->households_size(), 0);
}

TEST(SplitIncomeTest, SharesOfNothingAndNoSharesGiveNothing) {
  directory::v1::Linkage linkage;
  linkage.add_households()->set_household_code("a");
  v1::GetIncomeResponse response;
  SplitIncome(1'000, linkage, response);
  EXPECT_EQ(response.linked().amount_fen(), 0);
  EXPECT_EQ(response.households(0).income().amount_fen(), 0);

  linkage.mutable_households(0)->set_share_ppm(1'000'000);
  v1::GetIncomeResponse all;
  SplitIncome(INT64_MAX, linkage, all);
  EXPECT_EQ(all.households(0).income().amount_fen(), INT64_MAX);
}

}  // namespace
}  // namespace zhuxiao::report
