// Daily reports: what counts on which day and under which row, who reads what, and what is behind a figure.
#include "services/report/daily_report.h"

#include "services/order/contract_payments.h"
#include "services/order/contract_returns.h"
#include "services/partner/holds.h"
#include "tests/support/stall_fixture.h"

namespace zhuxiao::report {
namespace {

using testing::BadFieldsOf;
using ::testing::ElementsAre;

class DailyReportTest : public testing::StallFixture {
 protected:
  DailyReportTest() : facts_(store_) {}

  // The report of the day of the clock, by the facts followed so far.
  absl::StatusOr<v1::GetDailyReportResponse> Report(const base::Caller& caller, v1::ReportGrouping by,
                                                    const std::string& region = "", const std::string& day = "") {
    EXPECT_TRUE(*facts_.Advance(store_.FeedEnd(), 1'000'000));
    v1::GetDailyReportRequest request;
    request.set_day(day.empty() ? Today() : day);
    request.set_group_by(by);
    request.set_region_prefix(region);
    return See([&](store::Reader& reader) { return DailyReport(reader, caller, facts_, request); });
  }
  std::string Today() const { return base::FormatDay(base::DayOf(clock_.Now())); }

  // "figure count amount" of each cell of a row; of the total where the key is empty.
  static std::vector<std::string> Cells(const v1::GetDailyReportResponse& report, const std::string& key) {
    std::vector<std::string> texts;
    const auto show = [&](const auto& cells) {
      for (const v1::ReportCell& cell : cells) {
        texts.push_back(base::StrCat(v1::ReportFigure_Name(cell.figure()).substr(14), " ", cell.count(), " ",
                                     cell.amount().amount_fen()));
      }
    };
    if (key.empty()) show(report.total());
    for (const v1::ReportRow& row : report.rows()) {
      if (!key.empty() && row.key() == key) show(row.cells());
    }
    return texts;
  }

  std::vector<std::string> Entries(v1::ReportFigure figure, const std::string& key, int page_size = 200) {
    EXPECT_TRUE(*facts_.Advance(store_.FeedEnd(), 1'000'000));
    v1::ListReportEntriesRequest request;
    request.set_day(Today());
    request.set_group_by(v1::REPORT_GROUPING_COUNTY);
    request.set_key(key);
    request.set_figure(figure);
    std::vector<std::string> ids;
    store::PageRequest page{.size = page_size};
    do {
      auto listed =
          See([&](store::Reader& reader) { return ReportEntries(reader, testing::Auditor(), facts_, request, page); });
      EXPECT_TRUE(listed.ok()) << listed.status();
      for (const v1::ReportEntry& entry : listed->response.entries()) ids.push_back(entry.id());
      page.after = listed->last_key;
    } while (!page.after.empty());
    return ids;
  }

  DailyFacts facts_;
};

TEST_F(DailyReportTest, CountsEachStepOnceWithItsAmount) {
  List(kEggFarm, Eggs(1'000));
  SellEggs(100);
  const auto placed = Place(kHospital, EggOrder(50));
  ASSERT_TRUE(Sign(placed->contracts(0)).ok());
  ASSERT_TRUE(Ship(placed->contracts(0)).ok());
  ASSERT_TRUE(Accept(placed->contracts(0), 40, 0, order::v1::REJECTED_GOODS_SPOILED).ok());
  const auto refused = Place(kSchool, EggOrder(10));
  order::v1::RefuseContractRequest refuse;
  refuse.set_contract_id(refused->contracts(0).contract_id());
  ASSERT_TRUE(Do(testing::SupplierOf(kEggFarm), order::RefuseContract, refuse).ok());
  const auto report = Report(testing::Auditor(), v1::REPORT_GROUPING_COUNTY);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(Cells(*report, "140321"),
              ElementsAre("MATCHED 3 54400", "SIGNED 2 51000", "SHIPPED 2 51000", "SOLD 2 47600", "SETTLED 1 34000",
                          "VOIDED 1 3400", "SPOILED 1 3400"));
  EXPECT_EQ(Cells(*report, "140321"), Cells(*report, ""));
  EXPECT_EQ(static_cast<uint64_t>(report->feed_sequence()), store_.FeedEnd().sequence);
  EXPECT_THAT(Entries(v1::REPORT_FIGURE_VOIDED, "140321"), ElementsAre(refused->contracts(0).contract_id()));
  EXPECT_THAT(Entries(v1::REPORT_FIGURE_MATCHED, "", 2).size(), 3) << "over two pages";
  EXPECT_THAT(Entries(v1::REPORT_FIGURE_MATCHED, "141032"), ElementsAre());
}

TEST_F(DailyReportTest, CountsPaymentsRefundsAndReturnsOnce) {
  List(kEggFarm, Eggs(1'000));
  order::v1::Order order = EggOrder(100);
  order.set_payment_mode(order::v1::PAYMENT_MODE_PAY_FIRST);
  const auto placed = Place(kHospital, order);
  const order::v1::Contract contract = placed->contracts(0);
  ASSERT_TRUE(Sign(contract).ok());
  order::v1::PayContractRequest pay;
  pay.set_contract_id(contract.contract_id());
  ASSERT_TRUE(Do(testing::InstitutionOf(kHospital), order::Pay, pay).ok());
  ASSERT_TRUE(Ship(contract).ok());
  ASSERT_TRUE(Accept(contract, 90, 0, order::v1::REJECTED_GOODS_RETURNED).ok());
  order::v1::AskReturnRequest ask;
  ask.set_contract_id(contract.contract_id());
  ask.set_units(20);
  ask.set_goods(order::v1::REJECTED_GOODS_SPOILED);
  ask.set_party(order::v1::PARTY_CARRIER);
  ask.set_cause("broken");
  const auto asked = Do(testing::InstitutionOf(kHospital), order::AskReturn, ask);
  ASSERT_TRUE(asked.ok()) << asked.status();
  order::v1::AnswerReturnRequest answer;
  answer.set_contract_id(contract.contract_id());
  answer.set_return_id(asked->contract().returns(0).return_id());
  answer.set_is_agreed(true);
  ASSERT_TRUE(Do(testing::SupplierOf(kEggFarm), order::AnswerReturn, answer).ok());
  const auto report = Report(testing::Auditor(), v1::REPORT_GROUPING_COUNTY);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(Cells(*report, "140321"),
              ElementsAre("MATCHED 1 34000", "SIGNED 1 34000", "SHIPPED 1 34000", "SOLD 1 30600", "SETTLED 1 30600",
                          "SPOILED 1 6800", "PREPAID 1 34000", "RETURNED 1 6800", "REFUNDED 2 10200"));
}

TEST_F(DailyReportTest, GroupsByPlaceGoodsAndChannel) {
  List(kEggFarm, Eggs(100));
  SellEggs(10);
  const std::string cattle = List(kCattleFarm, Cattle(5));
  partner::v1::HoldStockRequest hold;
  hold.set_listing_id(cattle);
  hold.set_units(2);
  *hold.mutable_expire_time() = base::ToProto(clock_.Now() + absl::Hours(1));
  const base::Caller platform = testing::PlatformOf(testing::Uscc("91", 77));
  const auto held = Do(platform, partner::HoldStock, hold);
  partner::v1::SellHoldRequest sell;
  sell.set_hold_id(held->hold().hold_id());
  sell.set_units(1);
  sell.set_weight_g(500'000);
  sell.set_platform_order_no("P-1");
  ASSERT_TRUE(Do(platform, partner::SellHold, sell).ok());
  const auto keys = [&](v1::ReportGrouping by) {
    std::vector<std::string> found;
    const auto report = Report(testing::Auditor(), by);
    for (const v1::ReportRow& row : report->rows()) found.push_back(row.key());
    return found;
  };
  EXPECT_THAT(keys(v1::REPORT_GROUPING_COUNTY), ElementsAre("140321", "141032"));
  EXPECT_THAT(keys(v1::REPORT_GROUPING_CITY), ElementsAre("1403", "1410"));
  EXPECT_THAT(keys(v1::REPORT_GROUPING_PROVINCE), ElementsAre("14"));
  EXPECT_THAT(keys(v1::REPORT_GROUPING_COMMODITY), ElementsAre("beef-cattle", "egg"));
  EXPECT_THAT(keys(v1::REPORT_GROUPING_CHANNEL), ElementsAre("CHANNEL_ECOMMERCE", "CHANNEL_SCHOOL"));
  EXPECT_THAT(Cells(*Report(testing::Auditor(), v1::REPORT_GROUPING_CHANNEL), "CHANNEL_ECOMMERCE"),
              ElementsAre("PLATFORM_SOLD 1 1650000"));
}

TEST_F(DailyReportTest, AnOfficerReadsTheOwnRegion) {
  List(kEggFarm, Eggs(100));
  SellEggs(10);
  const auto rows = [&](const base::Caller& caller, const std::string& region) {
    return Report(caller, v1::REPORT_GROUPING_COUNTY, region)->rows_size();
  };
  EXPECT_EQ(rows(testing::Officer("14"), ""), 1);
  EXPECT_EQ(rows(testing::Officer("140321"), "14"), 1);
  EXPECT_EQ(rows(testing::Officer("1410"), ""), 0);
  EXPECT_EQ(rows(testing::Officer("1410"), "140321"), 0);
  EXPECT_EQ(rows(testing::Auditor(), "1410"), 0);
}

TEST_F(DailyReportTest, ADayEndsAtMidnightInShanghai) {
  List(kEggFarm, Eggs(100));
  clock_.Set(base::StartOfDay(base::DayOf(clock_.Now()) + 1) - absl::Nanoseconds(1));
  SellEggs(10);
  const std::string first = Today();
  clock_.Advance(absl::Nanoseconds(1));
  SellEggs(20);
  EXPECT_THAT(Cells(*Report(testing::Auditor(), v1::REPORT_GROUPING_CITY, "", first), "")[0], "MATCHED 1 3400");
  EXPECT_THAT(Cells(*Report(testing::Auditor(), v1::REPORT_GROUPING_CITY), "")[0], "MATCHED 1 6800");
  EXPECT_EQ(Report(testing::Auditor(), v1::REPORT_GROUPING_CITY, "", "2019-01-01")->rows_size(), 0);
}

TEST_F(DailyReportTest, StallsCountWhenOpenedAndWhenClosed) {
  const std::string id = MustReport(List(kEggFarm, Eggs(10)));
  ASSERT_TRUE(Verify(id).ok());
  SellEggs(10);
  Upkeep();
  ASSERT_EQ(CaseNow(id).state(), stall::v1::STALL_CASE_STATE_CLEARED);
  EXPECT_THAT(Cells(*Report(testing::Auditor(), v1::REPORT_GROUPING_COUNTY), ""),
              ::testing::IsSupersetOf({"STALLED 1 3400", "STALL_ENDED 1 3400"}));
  EXPECT_THAT(Entries(v1::REPORT_FIGURE_STALLED, ""), ElementsAre(id));
}

TEST_F(DailyReportTest, FollowingStepByStepAndReadingAtOnceAgree) {
  List(kEggFarm, Eggs(1'000));
  for (int i = 1; i <= 5; ++i) {
    SellEggs(i);
    EXPECT_TRUE(*facts_.Advance(store_.FeedEnd(), 1'000));
  }
  DailyFacts fresh(store_);
  EXPECT_FALSE(*fresh.Advance(store_.FeedEnd(), 3)) << "a limit stops it on the way";
  EXPECT_TRUE(*fresh.Advance(store_.FeedEnd(), 1'000'000));
  const auto show = [&](const DailyFacts& facts) {
    std::string text;
    facts.ForEach(base::DayOf(clock_.Now()),
                  [&](const Fact& fact) { text += base::StrCat(fact.figure, fact.id, fact.amount_fen, "\n"); });
    return text;
  };
  EXPECT_EQ(show(facts_), show(fresh));
  EXPECT_NE(show(facts_), "");
}

TEST(DailyFactsTest, AnEmptyFeedIsReadAtOnce) {
  store::MemoryStore empty;
  DailyFacts facts(empty);
  EXPECT_TRUE(*facts.Advance(empty.FeedEnd(), 1));
  EXPECT_TRUE(*facts.Advance({1, 0}, 1)) << "as a store on disk names the place before its first event";
}

TEST_F(DailyReportTest, EveryBadFieldIsNamed) {
  v1::ListReportEntriesRequest request;
  request.set_day("2020-13-01");
  request.set_region_prefix("99");
  request.set_commodity_code("gold");
  const auto listed = See(
      [&](store::Reader& reader) { return ReportEntries(reader, testing::Auditor(), facts_, request, {.size = 1}); });
  EXPECT_THAT(BadFieldsOf(listed.status()),
              ElementsAre("day", "group_by", "region_prefix", "commodity_code", "figure"));
}

}  // namespace
}  // namespace zhuxiao::report
