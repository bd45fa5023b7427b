// Sales and refunds: each counts once, in its year, where its origin was designated, whatever the order of arrival.
#include "services/reward/sales.h"

#include "services/reward/pending.h"
#include "services/reward/reward.h"
#include "tests/unit/reward_fixture.h"

namespace zhuxiao::reward {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::HasSubstr;

class RewardSalesTest : public RewardFixture {
 protected:
  void SetUp() override {
    RewardFixture::SetUp();
    ASSERT_TRUE(Publish(PolicyText()).ok());
  }
};

TEST_F(RewardSalesTest, TheCliffToTheFen) {
  Report({Sale(firm_, "1", kThresholdFen - 1)});
  EXPECT_EQ(StatementNow(firm_).reward().amount_fen(), 0);
  EXPECT_EQ(StatementNow(firm_).reason(), "below_threshold");
  EXPECT_EQ(StatementNow(firm_).to_threshold().amount_fen(), 1);
  Report({Sale(firm_, "2", 1)});
  EXPECT_EQ(StatementNow(firm_).reward().amount_fen(), 500'000 * kYuan);
  EXPECT_EQ(StatementNow(firm_).to_threshold().amount_fen(), 0);
  EXPECT_EQ(StatementNow(other_firm_).reward().amount_fen(), 0);
}

TEST_F(RewardSalesTest, TheYearIsThatOfShanghai) {
  Report({Sale(firm_, "last-of-2020", 5, At("2020-12-31T15:59:59.999999999Z")),
          Sale(firm_, "first-of-2021", 7, At("2020-12-31T16:00:00Z")),
          Sale(firm_, "last-of-2021", 11, At("2021-12-31T15:59:59Z")),
          Sale(firm_, "first-of-2022", 13, At("2021-12-31T16:00:00Z"))});
  EXPECT_EQ(StatementNow(firm_).net().amount_fen(), 7 + 11);
  EXPECT_EQ(StatementNow(firm_).counted_count(), 2);
}

TEST_F(RewardSalesTest, OnlyOriginsDesignatedOnTheDayOfTheOrderCount) {
  Designate("shanxi-poor-villages", "140321105202", "2021-03-01", "2021-05-31");
  Report({Sale(firm_, "a", 1, At("2021-06-01T00:00:00Z"), kDesignatedVillage),
          Sale(firm_, "b", 2, At("2021-06-01T00:00:00Z"), kPlainVillage),
          Sale(firm_, "c", 4, At("2021-06-01T00:00:00Z"), "141032203206"),  // a village of a listed county
          Sale(firm_, "d", 8, At("2021-05-31T15:59:59Z"), "140321105202"),
          Sale(firm_, "e", 16, At("2021-05-31T16:00:00Z"), "140321105202")});
  const v1::GetStatementResponse statement = StatementWithLines(firm_);
  EXPECT_EQ(statement.statement().net().amount_fen(), 1 + 4 + 8);
  EXPECT_EQ(statement.statement().counted_count(), 3);
  EXPECT_EQ(statement.statement().excluded_count(), 2);
  std::vector<std::string> reasons;
  for (const v1::StatementLine& line : statement.lines()) reasons.push_back(line.reason());
  EXPECT_THAT(reasons, ElementsAre("in_scope", "not_designated", "in_scope", "in_scope", "not_designated"));
}

TEST_F(RewardSalesTest, AListThatChangesLaterRewritesNothing) {
  Report({Sale(firm_, "before", 3, At("2021-06-01T00:00:00Z"), kPlainVillage)});
  Designate("shanxi-poor-villages", kPlainVillage);
  Report({Sale(firm_, "after", 5, At("2021-06-01T00:00:00Z"), kPlainVillage)});
  EXPECT_EQ(StatementNow(firm_).net().amount_fen(), 5);
}

TEST_F(RewardSalesTest, ASaleDesignatedTwiceCountsOnce) {
  Designate("shanxi-poor-villages", "141032203206");
  Report({Sale(firm_, "both", 100, At("2021-06-01T00:00:00Z"), "141032203206")});
  EXPECT_EQ(StatementNow(firm_).gross().amount_fen(), 100);
  EXPECT_EQ(StatementNow(firm_).counted_count(), 1);
}

TEST_F(RewardSalesTest, ANumberCountsOnceAndItsContentStays) {
  EXPECT_EQ(Report({Sale(firm_, "1", 100), Sale(firm_, "1", 100)}).duplicate_count(), 1);
  EXPECT_EQ(Report({Sale(firm_, "1", 100)}).duplicate_count(), 1);
  const auto changed = Report({Sale(firm_, "1", 101), Sale(other_firm_, "1", 100)});
  ASSERT_EQ(changed.rejected_count(), 2);
  EXPECT_EQ(changed.rejected(0).reason(), "SALE_CHANGED");
  EXPECT_EQ(changed.rejected(1).reason(), "SALE_CHANGED");
  EXPECT_EQ(StatementNow(firm_).net().amount_fen(), 100);

  EXPECT_EQ(Report({Refund("r", "1", 10), Refund("r", "1", 10)}).duplicate_count(), 1);
  const auto changed_refund = Report({Refund("r", "1", 11)});
  ASSERT_EQ(changed_refund.rejected_count(), 1);
  EXPECT_EQ(changed_refund.rejected(0).reason(), "SALE_CHANGED");
  EXPECT_EQ(StatementNow(firm_).net().amount_fen(), 90);
}

TEST_F(RewardSalesTest, OutputFieldsOnInputAreIgnored) {
  v1::SaleEntry entry = Sale(firm_, "1", 100, At("2021-06-01T00:00:00Z"), kPlainVillage);
  entry.mutable_sale()->add_designations()->set_programme("national-poor-counties");
  entry.mutable_sale()->mutable_refunded()->set_amount_fen(-50);
  entry.mutable_sale()->set_platform_uscc(other_firm_);
  Report({entry});
  EXPECT_EQ(StatementNow(firm_).net().amount_fen(), 0);
  EXPECT_EQ(Report({Sale(firm_, "1", 100, At("2021-06-01T00:00:00Z"), kPlainVillage)}).duplicate_count(), 1);
}

TEST_F(RewardSalesTest, RefundsAreSubtractedAsTheOfflineCalculatorDoes) {
  Report({Sale(firm_, "1", 100), Sale(firm_, "2", 50), Refund("r1", "1", 30)});
  EXPECT_EQ(StatementNow(firm_).gross().amount_fen(), 150);
  EXPECT_EQ(StatementNow(firm_).refunded().amount_fen(), 30);
  Report({Refund("r2", "1", 70)});
  const v1::GetStatementResponse statement = StatementWithLines(firm_);
  EXPECT_EQ(statement.statement().net().amount_fen(), 50);
  EXPECT_EQ(statement.statement().gross().amount_fen(), 150);
  EXPECT_EQ(statement.statement().refunded().amount_fen(), 100);
  EXPECT_EQ(statement.lines(0).counted().amount_fen(), 0);
  EXPECT_EQ(statement.lines(0).sale().refunded().amount_fen(), 100);
}

TEST_F(RewardSalesTest, ARefundLargerThanWhatIsLeftIsRejected) {
  Report({Sale(firm_, "1", 100), Refund("r1", "1", 60)});
  const auto tally = Report({Refund("r2", "1", 41), Refund("r3", "1", 40)});
  ASSERT_EQ(tally.rejected_count(), 1);
  EXPECT_EQ(tally.rejected(0).reason(), "REFUND_TOO_LARGE");
  EXPECT_THAT(tally.rejected(0).message(), HasSubstr("0.40"));
  EXPECT_EQ(tally.taken_count(), 1);
  EXPECT_EQ(StatementNow(firm_).net().amount_fen(), 0);
}

TEST_F(RewardSalesTest, ARefundBeforeItsSaleWaitsForIt) {
  EXPECT_EQ(Report({Refund("r1", "1", 30), Refund("r2", "1", 20)}).pending_count(), 2);
  EXPECT_EQ(Report({Refund("r1", "1", 30)}).duplicate_count(), 1);
  EXPECT_EQ(StatementNow(firm_).net().amount_fen(), 0);
  EXPECT_EQ(Report({Sale(firm_, "1", 100)}).taken_count(), 1);
  EXPECT_EQ(StatementNow(firm_).net().amount_fen(), 50);
  EXPECT_EQ(Report({Refund("r2", "1", 20)}).duplicate_count(), 1);
}

TEST_F(RewardSalesTest, AWaitingRefundThatDoesNotFitIsDroppedAndToldOf) {
  Report({Refund("fits", "1", 70), Refund("too-large", "1", 31), Refund("fits-too", "1", 30)});
  const auto tally = *TryReport({Sale(firm_, "0", 1), Sale(firm_, "1", 100)}, 1'000);
  EXPECT_EQ(tally.taken_count(), 2);
  ASSERT_EQ(tally.rejected_count(), 1);
  EXPECT_EQ(tally.rejected(0).number(), "too-large");
  EXPECT_EQ(tally.rejected(0).index(), 1'001);
  EXPECT_EQ(tally.rejected(0).reason(), "REFUND_TOO_LARGE");
  EXPECT_EQ(StatementNow(firm_).net().amount_fen(), 1);
  EXPECT_EQ(Report({Refund("too-large", "1", 31)}).rejected(0).reason(), "REFUND_TOO_LARGE");
}

TEST_F(RewardSalesTest, NotMoreRefundsWaitThanOneCommitCanTake) {
  for (int i = 0; i < kMaxPendingRefunds; ++i) Report({Refund(base::StrCat("r", i), "1", 1)});
  EXPECT_EQ(Report({Refund("one-more", "1", 1)}).rejected(0).reason(), "INVALID_FIELDS");
}

TEST_F(RewardSalesTest, EveryBadFieldOfAnEntryIsNamedAndTheOthersAreTaken) {
  v1::SaleEntry bad = Sale("91350100M000100Y4Z", "no spaces", 0, clock_.Now() + absl::Minutes(6), "990000");
  bad.mutable_sale()->set_commodity_code("unicorn");
  v1::SaleEntry bad_refund = Refund("", "/", -1);
  bad_refund.mutable_refund()->clear_refund_time();
  const auto tally = Report({bad, Sale(firm_, "good", 5), bad_refund, v1::SaleEntry()});
  EXPECT_EQ(tally.taken_count(), 1);
  ASSERT_EQ(tally.rejected_count(), 3);
  for (const char* field : {"sale.platform_order_no", "sale.claimant_uscc", "sale.commodity_code", "sale.origin_code",
                            "sale.amount", "sale.order_time"}) {
    EXPECT_THAT(tally.rejected(0).message(), HasSubstr(field));
  }
  EXPECT_EQ(tally.rejected(0).index(), 0);
  ASSERT_EQ(tally.rejected(0).violations_size(), 6);
  EXPECT_EQ(tally.rejected(0).violations(0).field(), "sale.platform_order_no");
  EXPECT_EQ(tally.rejected(0).violations(0).description(), "must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
  for (const char* field : {"refund.refund_no", "refund.platform_order_no", "refund.amount", "refund.refund_time"}) {
    EXPECT_THAT(tally.rejected(1).message(), HasSubstr(field));
  }
  EXPECT_EQ(tally.rejected(1).index(), 2);
  EXPECT_EQ(tally.rejected(2).reason(), "INVALID_FIELDS");
}

TEST_F(RewardSalesTest, AFirmTheDirectoryDoesNotKnowIsRejected) {
  const auto tally = Report({Sale(testing::Uscc("91", 12345), "1", 100)});
  ASSERT_EQ(tally.rejected_count(), 1);
  EXPECT_THAT(tally.rejected(0).message(), HasSubstr("sale.claimant_uscc"));
}

TEST_F(RewardSalesTest, BatchesAreOneToFiveHundred) {
  EXPECT_THAT(BadFieldsOf(TryReport({}).status()), ElementsAre("entries"));
  std::vector<v1::SaleEntry> entries;
  for (int i = 0; i <= kMaxBatchEntries; ++i) entries.push_back(Sale(firm_, base::StrCat(i), 1));
  EXPECT_THAT(BadFieldsOf(TryReport(entries).status()), ElementsAre("entries"));
  entries.pop_back();
  EXPECT_EQ(Report(entries).taken_count(), kMaxBatchEntries);
}

TEST_F(RewardSalesTest, TheLargestBatchFitsOneCommit) {
  std::vector<v1::SaleEntry> sales;
  for (int i = 0; i < kMaxBatchEntries; ++i) {
    sales.push_back(Sale(firm_, base::StrCat("s", i), 100));
    std::vector<v1::SaleEntry> refunds;
    for (int k = 0; k < kMaxPendingRefunds; ++k) {
      refunds.push_back(Refund(base::StrCat("r", i, "-", k), base::StrCat("s", i), k == 0 ? 100 : 1));
    }
    Report(refunds);
  }
  const auto tally = Report(sales);
  EXPECT_EQ(tally.taken_count(), kMaxBatchEntries);
  EXPECT_EQ(tally.rejected_count(), kMaxBatchEntries * (kMaxPendingRefunds - 1));
}

TEST_F(RewardSalesTest, SumsThatWouldPassTheirBoundAreRefusedNotWrapped) {
  constexpr int64_t kLargest = 1'000'000'000'000'000;
  std::vector<v1::SaleEntry> entries;
  for (int i = 0; i < 102; ++i) entries.push_back(Sale(firm_, base::StrCat(i), kLargest));
  const auto tally = Report(entries);
  EXPECT_EQ(tally.taken_count(), 100);
  ASSERT_EQ(tally.rejected_count(), 2);
  EXPECT_EQ(tally.rejected(0).index(), 100);
  EXPECT_THAT(tally.rejected(0).message(), HasSubstr("sale.amount"));
  EXPECT_EQ(StatementNow(firm_).gross().amount_fen(), 100 * kLargest);
  EXPECT_EQ(StatementNow(firm_).counted_count(), 100);
}

TEST_F(RewardSalesTest, TalliesAddUpAndKeepAThousandRejected) {
  v1::ReportSalesResponse whole;
  v1::ReportSalesResponse part;
  part.set_taken_count(1);
  part.set_duplicate_count(2);
  part.set_pending_count(3);
  part.set_rejected_count(700);
  for (int i = 0; i < 700; ++i) part.add_rejected()->set_index(i);
  AddTally(part, whole);
  AddTally(part, whole);
  EXPECT_EQ(whole.taken_count(), 2);
  EXPECT_EQ(whole.duplicate_count(), 4);
  EXPECT_EQ(whole.pending_count(), 6);
  EXPECT_EQ(whole.rejected_count(), 1'400);
  EXPECT_EQ(whole.rejected_size(), kMaxRejectedReturned);
  EXPECT_EQ(whole.rejected(999).index(), 299);
}

TEST_F(RewardSalesTest, RefundsThatWaitAreListedUntilTheirSaleComes) {
  Report({Refund("r1", "b", 3), Refund("r2", "a", 1), Refund("r3", "b", 2)});
  const auto waiting = [&](const base::Caller& caller, const store::PageRequest& page) {
    auto listed = See(ListPendingRefunds, caller, v1::ListPendingRefundsRequest(), page);
    EXPECT_TRUE(listed.ok()) << listed.status();
    std::vector<std::string> numbers;
    for (const v1::SaleRefund& refund : listed->response.refunds()) numbers.push_back(refund.refund_no());
    return std::pair(numbers, listed->last_key);
  };
  const auto [all, end] = waiting(testing::PlatformOf(platform_), {.size = 10});
  EXPECT_THAT(all, ElementsAre("r2", "r1", "r3")) << "by order, then as they came";
  EXPECT_EQ(end, "");
  const auto [first, after] = waiting(testing::PlatformOf(platform_), {.size = 1});
  EXPECT_THAT(first, ElementsAre("r2"));
  const auto [second, none] = waiting(testing::PlatformOf(platform_), {.size = 1, .after = after});
  EXPECT_THAT(second, ElementsAre("r1", "r3"));
  Report({Sale(firm_, "b", 9)});
  EXPECT_THAT(waiting(testing::PlatformOf(platform_), {.size = 10}).first, ElementsAre("r2"));
}

TEST_F(RewardSalesTest, WhatWaitsIsSeenByItsPlatformAndAuditors) {
  Report({Refund("r1", "a", 3)});
  v1::ListPendingRefundsRequest request;
  const store::PageRequest page{.size = 10};
  request.set_platform_uscc(firm_);  // an organisation, of which nothing waits
  EXPECT_EQ(See(ListPendingRefunds, testing::Auditor(), request, page)->response.refunds_size(), 0);
  EXPECT_THAT(See(ListPendingRefunds, testing::PlatformOf(platform_), request, page),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(See(ListPendingRefunds, testing::Officer("1410"), request, page),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_TRUE(See(ListPendingRefunds, testing::Officer("1403"), request, page).ok());
  request.set_platform_uscc("x");
  EXPECT_THAT(BadFieldsOf(See(ListPendingRefunds, testing::Auditor(), request, page).status()),
              ElementsAre("platform_uscc"));
}

TEST_F(RewardSalesTest, SalesAreSeenByTheFirmItsOfficersAndAuditors) {
  Report({Sale(firm_, "b", 2), Sale(firm_, "a", 1), Sale(other_firm_, "c", 4)});
  v1::ListSalesRequest request;
  request.set_year(2021);
  const store::PageRequest page{.size = 10};
  auto own = See(ListSales, testing::SupplierOf(firm_), request, page);
  ASSERT_TRUE(own.ok()) << own.status();
  ASSERT_EQ(own->response.sales_size(), 2);
  EXPECT_EQ(own->response.sales(0).platform_order_no(), "a");
  EXPECT_EQ(own->response.sales(0).platform_uscc(), platform_);

  request.set_claimant_uscc(other_firm_);
  EXPECT_THAT(See(ListSales, testing::SupplierOf(firm_), request, page),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(See(ListSales, testing::Officer("1410"), request, page), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_EQ(See(ListSales, testing::Officer("1403"), request, page)->response.sales_size(), 1);
  EXPECT_EQ(See(ListSales, testing::Auditor(), request, page)->response.sales_size(), 1);
  request.set_claimant_uscc("x");
  request.set_year(0);
  EXPECT_THAT(BadFieldsOf(See(ListSales, testing::Auditor(), request, page).status()),
              ElementsAre("claimant_uscc", "year"));
}

TEST_F(RewardSalesTest, StatementsNeedAPolicyAndASeatInsideIt) {
  const store::PageRequest page{.size = 0};
  v1::GetStatementRequest request = StatementRequest(firm_);
  request.set_policy_version(2);
  EXPECT_THAT(See(GetStatement, testing::Auditor(), request, page),
              HasReason(ErrorReason::ERROR_REASON_POLICY_MISSING));
  ASSERT_TRUE(Publish({.id = "linfen", .jurisdiction = "1410"}).ok());
  request = StatementRequest(firm_);
  request.set_policy_id("linfen");
  EXPECT_THAT(BadFieldsOf(See(GetStatement, testing::Auditor(), request, page).status()), ElementsAre("policy_id"));
  EXPECT_THAT(See(GetStatement, testing::SupplierOf(other_firm_), StatementRequest(firm_), page),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

TEST_F(RewardSalesTest, APolicyPublishedLateCountsTheSalesBeforeItOnce) {
  Report({Sale(firm_, "1", 100), Sale(firm_, "2", 50), Refund("r1", "1", 30)});
  ASSERT_TRUE(Publish({.version = 2, .threshold_fen = 120}).ok());
  EXPECT_EQ(StatementNow(firm_).net().amount_fen(), 120);
  EXPECT_EQ(StatementNow(firm_).policy_version(), 2);
  Report({Sale(firm_, "3", 7)});
  EXPECT_EQ(StatementNow(firm_).net().amount_fen(), 127);
  Report({Refund("r2", "2", 50)});
  EXPECT_EQ(StatementNow(firm_).net().amount_fen(), 77);
  EXPECT_EQ(StatementNow(firm_).counted_count(), 3);
}

TEST_F(RewardSalesTest, AFirmThatMovedIsStillCountedUnderThePolicyItLeft) {
  Report({Sale(firm_, "1", 100)});
  directory::v1::UpdateOrganisationRequest move;
  move.mutable_organisation()->set_uscc(firm_);
  move.mutable_organisation()->set_region_code("420102");
  move.mutable_organisation()->set_etag("1");
  move.mutable_update_mask()->add_paths("region_code");
  const auto moved = Do(testing::Operator(), directory::UpdateOrganisation, move);
  ASSERT_TRUE(moved.ok()) << moved.status();
  Report({Refund("r1", "1", 40)});
  const auto policy = See(PublishedPolicy, std::string("shanxi-online"), 0);
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(See(StatementOf, firm_, *policy)->net().amount_fen(), 60);
}

TEST_F(RewardSalesTest, AFeedIsAcknowledgedWithItsEntriesAndNeverGoesBack) {
  const auto report = [&](int64_t first_sequence, const std::vector<v1::SaleEntry>& entries) {
    v1::ReportSalesRequest batch;
    batch.set_feed("orders");
    batch.set_first_sequence(first_sequence);
    for (const v1::SaleEntry& entry : entries) *batch.add_entries() = entry;
    const ledger::Intent intent{
        .caller = testing::PlatformOf(platform_), .action = "ReportSales", .now = clock_.Now(), .first_id = "00"};
    v1::ReportSalesResponse tally;
    const absl::Status taken = store::RunTransaction(
        store_, [&](store::Transaction& transaction) { return TakeBatch(transaction, intent, batch, 0, tally); });
    return taken.ok() ? absl::StatusOr<v1::ReportSalesResponse>(tally) : taken;
  };
  const auto acknowledged = [&](const std::string& platform) {
    v1::GetSalesFeedRequest request;
    request.set_feed("orders");
    return See(GetSalesFeed, testing::PlatformOf(platform), request)->acknowledged_sequence();
  };
  EXPECT_EQ(acknowledged(platform_), 0);
  ASSERT_TRUE(report(1, {Sale(firm_, "1", 1), Sale(firm_, "2", 1)}).ok());
  EXPECT_EQ(acknowledged(platform_), 2);
  ASSERT_TRUE(report(1, {Sale(firm_, "1", 1)}).ok());
  EXPECT_EQ(acknowledged(platform_), 2);
  ASSERT_TRUE(report(2, {Sale(firm_, "2", 1), Sale(firm_, "3", 1)}).ok());
  EXPECT_EQ(acknowledged(platform_), 3);
  // What lies beyond a gap is taken, and comes again after what is missing.
  const auto beyond = report(5, {Sale(firm_, "5", 1), Sale(firm_, "6", 1)});
  ASSERT_TRUE(beyond.ok()) << beyond.status();
  EXPECT_EQ(beyond->taken_count(), 2);
  EXPECT_EQ(beyond->acknowledged_sequence(), 3);
  EXPECT_EQ(acknowledged(platform_), 3);
  const auto resumed = report(4, {Sale(firm_, "4", 1), Sale(firm_, "5", 1), Sale(firm_, "6", 1)});
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_EQ(resumed->taken_count(), 1);
  EXPECT_EQ(resumed->acknowledged_sequence(), 6);
  EXPECT_EQ(acknowledged(platform_), 6);
  EXPECT_EQ(acknowledged(other_firm_), 0);
  EXPECT_THAT(BadFieldsOf(report(0, {Sale(firm_, "4", 1)}).status()), ElementsAre("first_sequence"));
  EXPECT_EQ(StatementNow(firm_).net().amount_fen(), 6) << "each once";
}

TEST_F(RewardSalesTest, SignalsFlagLinesForWhoReviewsAndChangeNothing) {
  ASSERT_TRUE(Publish({.version = 2,
                       .threshold_fen = 1'000,
                       .more = "[[signals]]\nkind = \"threshold_bunching\"\nmargin_basis_points = 100\n"
                               "[[signals]]\nkind = \"late_refunds\"\ndays = 31\nshare_basis_points = 100\n"
                               "[[signals]]\nkind = \"duplicate_waybills\"\n"})
                  .ok());
  std::vector<v1::SaleEntry> entries = {Sale(firm_, "a", 520), Sale(firm_, "b", 500), Sale(other_firm_, "c", 5)};
  entries[0].mutable_sale()->set_waybill_no("W");
  entries[2].mutable_sale()->set_waybill_no("W");
  entries.push_back(Refund("r", "b", 11));
  *entries[3].mutable_refund()->mutable_refund_time() = base::ToProto(At("2022-01-02T00:00:00Z"));
  Report(entries);
  const v1::GetStatementResponse response = StatementWithLines(firm_);
  ASSERT_EQ(response.flags_size(), 3);
  EXPECT_EQ(response.flags(0).signal(), "threshold_bunching");
  EXPECT_THAT(response.flags(0).evidence(), HasSubstr("0.09 yuan above"));
  EXPECT_THAT(response.flags(1).platform_order_nos(), ElementsAre("b"));
  EXPECT_THAT(response.flags(2).platform_order_nos(), ElementsAre("a"));
  EXPECT_THAT(response.lines(0).signals(), ElementsAre("duplicate_waybills"));
  EXPECT_THAT(response.lines(1).signals(), ElementsAre("late_refunds"));
  EXPECT_EQ(response.statement().net().amount_fen(), 1'009);

  const auto own =
      See(GetStatement, testing::SupplierOf(firm_), StatementRequest(firm_), store::PageRequest{.size = 0});
  EXPECT_EQ(own->response.flags_size(), 0) << "the firm does not see what it is suspected of";
}

TEST_F(RewardSalesTest, SignalsLookAtWhatTheFirmIsRegisteredWith) {
  ASSERT_TRUE(Publish({.version = 2,
                       .more = "[[signals]]\nkind = \"shared_registrant\"\nleast_shops = 2\n"
                               "[[signals]]\nkind = \"over_capacity\"\nmargin_basis_points = 0\n"
                               "[[signals]]\nkind = \"shared_identifiers\"\nleast_lines = 1\n"})
                  .ok());
  const std::string owner(64, 'a');
  const std::string phone(64, 'b');
  for (const std::string& firm : {firm_, other_firm_}) {
    directory::v1::SetRegistrationRequest request;
    directory::v1::Registration& registration = *request.mutable_registration();
    registration.set_uscc(firm);
    registration.set_representative_digest(owner);
    if (firm == firm_) {
      registration.add_identifier_digests(phone);
      registration.add_capacities()->set_commodity_code("apple");
      registration.mutable_capacities(0)->set_yearly_base(1'000);
    }
    ASSERT_TRUE(Do(testing::Operator(), directory::SetRegistration, request).ok());
  }
  std::vector<v1::SaleEntry> entries = {Sale(firm_, "a", 520), Sale(firm_, "b", 500)};
  entries[0].mutable_sale()->set_quantity_base(1'001);
  entries[1].mutable_sale()->add_buyer_digests(std::string(64, 'c'));
  entries[1].mutable_sale()->add_buyer_digests(phone);
  Report(entries);
  const v1::GetStatementResponse response = StatementWithLines(firm_);
  ASSERT_EQ(response.flags_size(), 3);
  EXPECT_EQ(response.flags(0).signal(), "shared_registrant");
  EXPECT_THAT(response.flags(0).evidence(), HasSubstr(firm_ + ", " + other_firm_));
  EXPECT_THAT(response.flags(1).evidence(), HasSubstr("1001 base units of apple"));
  EXPECT_THAT(response.flags(1).platform_order_nos(), ElementsAre("a", "b"));
  EXPECT_THAT(response.flags(2).platform_order_nos(), ElementsAre("b"));
  EXPECT_THAT(response.lines(1).signals(), ElementsAre("over_capacity", "shared_identifiers"));
  EXPECT_EQ(response.lines(1).sale().buyer_digests_size(), 2);

  const auto own =
      See(GetStatement, testing::SupplierOf(firm_), StatementRequest(firm_), store::PageRequest{.size = 10});
  EXPECT_EQ(own->response.lines(1).sale().buyer_digests_size(), 0) << "buyers are shown to officers only";
  entries[0].mutable_sale()->set_platform_order_no("c");
  entries[0].mutable_sale()->set_quantity_base(-1);
  entries[0].mutable_sale()->add_buyer_digests("13800000000");
  EXPECT_THAT(Report({entries[0]}).rejected(0).message(),
              AllOf(HasSubstr("sale.quantity_base"), HasSubstr("sale.buyer_digests[0]")));
}

TEST_F(RewardSalesTest, TheExportVisitsEverySale) {
  Report({Sale(firm_, "1", 1), Sale(other_firm_, "2", 2), Sale(firm_, "3", 4, At("2020-06-01T00:00:00Z"))});
  int64_t sum = 0;
  const auto visit = [&](const v1::OnlineSale& sale) {
    sum += sale.amount().amount_fen();
    return absl::OkStatus();
  };
  EXPECT_TRUE(See([&](store::Reader& reader) { return ForEachSale(reader, visit); }).ok());
  EXPECT_EQ(sum, 7);
}

}  // namespace
}  // namespace zhuxiao::reward
