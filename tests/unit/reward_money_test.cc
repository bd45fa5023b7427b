// What claims pay and what is owed back, to the fen: pools, claw-backs, waived fees, and statements as files.
#include "services/reward/claims.h"
#include "services/reward/exports.h"
#include "services/reward/waivers.h"
#include "tests/unit/reward_claims_fixture.h"

namespace zhuxiao::reward {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::HasSubstr;

class RewardMoneyTest : public ClaimsFixture {};

TEST_F(RewardMoneyTest, ParcelsOfAnotherShipperDoNotCount) {
  ASSERT_TRUE(Publish({.id = "shipper", .threshold_fen = 0, .more = "[applicant]\nis_shipper = true\n"}).ok());
  std::vector<v1::SaleEntry> entries = {Sale(firm_, "own", 100), Sale(firm_, "other", 10), Sale(firm_, "unknown", 1)};
  entries[0].mutable_sale()->set_shipper_uscc(firm_);
  entries[1].mutable_sale()->set_shipper_uscc(other_firm_);
  Report(entries);
  const auto claim = Submit(firm_, "shipper");
  ASSERT_TRUE(claim.ok()) << claim.status();
  EXPECT_EQ(claim->claim().statement().net().amount_fen(), 101);
  EXPECT_EQ(claim->claim().statement().excluded_count(), 1);
}

TEST_F(RewardMoneyTest, PublicationRestsOnTheSalesOfItsMoment) {
  Report({Sale(firm_, "1", kThresholdFen)});
  const std::string id = Submit(firm_)->claim().claim_id();
  Report({Refund("r", "1", 1)});
  EXPECT_EQ(Get(id)->claim().statement().reward().amount_fen(), kCapFen);
  TakeToApproval(id);
  EXPECT_EQ(Get(id)->claim().statement().reward().amount_fen(), 0);
  EXPECT_EQ(Pay(id)->claim().paid().amount_fen(), 0);
  ExpectBooks(0, 0);
}

TEST_F(RewardMoneyTest, ARefundBetweenPublicationAndPaymentLowersWhatIsPaid) {
  ASSERT_TRUE(Publish({.version = 2, .rate_basis_points = 300}).ok());
  Report({Sale(firm_, "1", kThresholdFen + 100 * kYuan)});
  const std::string id = Submit(firm_)->claim().claim_id();
  TakeToApproval(id);
  ASSERT_EQ(Get(id)->claim().statement().reward().amount_fen(), 300'003 * kYuan);
  Report({Refund("r", "1", 100 * kYuan)});
  const auto paid = Pay(id);
  EXPECT_EQ(paid->claim().paid().amount_fen(), 300'000 * kYuan);
  EXPECT_THAT(paid->claim().cause(), HasSubstr("300003.00"));
  EXPECT_THAT(paid->claim().cause(), HasSubstr("300000.00"));
  ExpectBooks(300'000 * kYuan, 0);
}

TEST_F(RewardMoneyTest, SalesReportedAfterPublicationRaiseNothing) {
  ASSERT_TRUE(Publish({.version = 2, .rate_basis_points = 300}).ok());
  Report({Sale(firm_, "1", kThresholdFen)});
  const std::string id = Submit(firm_)->claim().claim_id();
  TakeToApproval(id);
  Report({Sale(firm_, "2", 100 * kYuan)});
  const auto paid = Pay(id);
  EXPECT_EQ(paid->claim().paid().amount_fen(), 300'000 * kYuan);
  EXPECT_EQ(paid->claim().earned().amount_fen(), 300'003 * kYuan);
}

TEST_F(RewardMoneyTest, APoolIsSharedToTheFenAndEndsAtZero) {
  ASSERT_TRUE(Publish({.id = "pool",
                       .threshold_fen = 0,
                       .more = "[pool]\namount_fen = 101\nmode = \"pro_rata\"\n[claims]\nobjection_days = 0\n"})
                  .ok());
  Report({Sale(firm_, "1", 4'000), Sale(other_firm_, "2", 2'000)});  // 200 and 100 fen, where the pool has 101
  std::vector<std::string> ids;
  for (const std::string& firm : {firm_, other_firm_}) {
    const auto submitted = Submit(firm, "pool");
    ASSERT_TRUE(submitted.ok()) << submitted.status();
    EXPECT_TRUE(submitted->claim().statement().is_provisional());
    ids.push_back(submitted->claim().claim_id());
    ASSERT_TRUE(Review(ids.back(), true).ok());
    ASSERT_TRUE(Recheck(ids.back(), true).ok());
  }
  const auto published = PublishAll(kApprover, "pool");
  ASSERT_TRUE(published.ok()) << published.status();
  ASSERT_EQ(published->claims_size(), 2);
  EXPECT_EQ(published->claims(0).statement().reward().amount_fen(), 67);
  EXPECT_EQ(published->claims(1).statement().reward().amount_fen(), 34);
  EXPECT_FALSE(published->claims(0).statement().is_provisional());
  for (const std::string& id : ids) {
    ASSERT_TRUE(Approve(id, true).ok());
    const auto paid = Pay(id);
    ASSERT_TRUE(paid.ok()) << paid.status();
  }
  EXPECT_EQ(Balance(ledger::RewardPool("pool")), 0);
  EXPECT_EQ(Balance(ledger::ClaimantReward(firm_)), 67);

  // A refund takes the first firm below its share; what it gives back is in the pool again.
  Report({Refund("r", "1", 3'000)});
  const v1::Claim claim = Get(ids[0])->claim();
  EXPECT_EQ(claim.earned().amount_fen(), 50);
  EXPECT_EQ(claim.claw_back_due().amount_fen(), 17);
  ASSERT_TRUE(Settle(ids[0], 17).ok());
  EXPECT_EQ(Balance(ledger::RewardPool("pool")), 17);

  AddFirm(testing::Uscc("91", 3), "140321");
  Report({Sale(testing::Uscc("91", 3), "3", 1'000)});
  const auto late = Submit(testing::Uscc("91", 3), "pool");
  ASSERT_TRUE(late.ok()) << late.status();
  ASSERT_TRUE(Review(late->claim().claim_id(), true).ok());
  ASSERT_TRUE(Recheck(late->claim().claim_id(), true).ok());
  EXPECT_THAT(PublishAll(kApprover, "pool"), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
}

TEST_F(RewardMoneyTest, APoolThatLostItsMoneyIsNotOverdrawn) {
  const std::string window = "[claims]\nobjection_days = 0\n";
  ASSERT_TRUE(Publish({.id = "pool",
                       .threshold_fen = 0,
                       .more = window + "[pool]\namount_fen = 100\nmode = "
                                        "\"ranked\"\n"})
                  .ok());
  Report({Sale(firm_, "1", 4'000)});
  const std::string id = Submit(firm_, "pool")->claim().claim_id();
  ASSERT_TRUE(Review(id, true).ok());
  ASSERT_TRUE(Recheck(id, true).ok());
  ASSERT_EQ(PublishAll(kApprover, "pool")->claims(0).statement().reward().amount_fen(), 100);
  ASSERT_TRUE(Approve(id, true).ok());
  ASSERT_TRUE(Publish({.id = "pool",
                       .version = 2,
                       .threshold_fen = 0,
                       .more = "[pool]\namount_fen = 99\nmode = "
                               "\"ranked\"\n"})
                  .ok());
  EXPECT_THAT(Pay(id), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_EQ(Balance(ledger::RewardPool("pool")), 99);
  EXPECT_EQ(Get(id)->claim().state(), v1::CLAIM_STATE_APPROVED);
}

TEST_F(RewardMoneyTest, ARefundAfterPaymentOpensAClawBackAndTheReturnClosesIt) {
  Report({Sale(firm_, "1", kThresholdFen)});
  const std::string id = PaidClaim();
  Report({Refund("january", "1", 1)});
  v1::Claim claim = Get(id)->claim();
  EXPECT_EQ(claim.state(), v1::CLAIM_STATE_CLAW_BACK_OPEN);
  EXPECT_EQ(claim.paid().amount_fen(), kCapFen);
  EXPECT_EQ(claim.earned().amount_fen(), 0);
  EXPECT_EQ(claim.claw_back_due().amount_fen(), kCapFen);
  EXPECT_EQ(LastEvent().claim().claim_id(), id);
  EXPECT_EQ(LastEvent().action(), "ReportSales");
  EXPECT_EQ(LastEvent().postings(0).cause(), audit::v1::POSTING_CAUSE_CLAW_BACK_OPENED);
  ExpectBooks(kCapFen, kCapFen);

  EXPECT_THAT(BadFieldsOf(Settle(id, kCapFen - 1).status()), ElementsAre("amount"));
  EXPECT_THAT(BadFieldsOf(Settle("unknown", -1).status()), ElementsAre("amount"));
  const auto settled = Settle(id, kCapFen);
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_EQ(settled->claim().state(), v1::CLAIM_STATE_CLAWED_BACK);
  EXPECT_EQ(settled->claim().returned().amount_fen(), kCapFen);
  EXPECT_EQ(settled->claim().claw_back_due().amount_fen(), 0);
  ExpectBooks(0, 0);
  EXPECT_THAT(Settle(id, kCapFen), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_THAT(BadFieldsOf(Settle(id, 0).status()), ElementsAre("amount"));
}

TEST_F(RewardMoneyTest, FurtherRefundsRaiseWhatIsOwedAndReopenAfterAReturn) {
  ASSERT_TRUE(Publish({.version = 2, .rate_basis_points = 300}).ok());
  Report({Sale(firm_, "1", kThresholdFen + 1'000 * kYuan)});
  const std::string id = PaidClaim();
  ExpectBooks(300'030 * kYuan, 0);

  Report({Refund("r1", "1", 100 * kYuan)});
  ExpectBooks(300'030 * kYuan, 3 * kYuan);
  Report({Refund("r2", "1", 200 * kYuan)});
  EXPECT_EQ(Get(id)->claim().claw_back_due().amount_fen(), 9 * kYuan);
  ExpectBooks(300'030 * kYuan, 9 * kYuan);
  ASSERT_TRUE(Settle(id, 9 * kYuan).ok());
  ExpectBooks(300'021 * kYuan, 0);

  Report({Refund("r3", "1", 701 * kYuan)});
  const v1::Claim claim = Get(id)->claim();
  EXPECT_EQ(claim.state(), v1::CLAIM_STATE_CLAW_BACK_OPEN);
  EXPECT_EQ(claim.claw_back_due().amount_fen(), 300'021 * kYuan);
  ExpectBooks(300'021 * kYuan, 300'021 * kYuan);
}

TEST_F(RewardMoneyTest, ALateSaleLiftsAnOpenClawBack) {
  Report({Sale(firm_, "1", kThresholdFen)});
  const std::string id = PaidClaim();
  Report({Refund("r1", "1", 50)});
  ExpectBooks(kCapFen, kCapFen);
  Report({Sale(firm_, "late", 50)});
  EXPECT_EQ(Get(id)->claim().state(), v1::CLAIM_STATE_PAID);
  ExpectBooks(kCapFen, 0);

  Report({Refund("r2", "late", 1)});
  ASSERT_TRUE(Settle(id, kCapFen).ok());
  Report({Sale(firm_, "later", 1)});
  EXPECT_EQ(Get(id)->claim().state(), v1::CLAIM_STATE_CLAWED_BACK);
  EXPECT_EQ(Get(id)->claim().earned().amount_fen(), kCapFen);
  ExpectBooks(0, 0);
}

TEST_F(RewardMoneyTest, OtherYearsAndOtherFirmsAreNotTouched) {
  Report({Sale(firm_, "1", kThresholdFen), Sale(firm_, "old", 10, At("2020-05-01T00:00:00Z")),
          Sale(other_firm_, "other", 10)});
  const std::string id = PaidClaim();
  const std::string etag = Get(id)->claim().etag();
  Report({Refund("r1", "old", 10), Refund("r2", "other", 10),
          Sale(firm_, "plain", 5, At("2021-05-01T00:00:00Z"), kPlainVillage)});
  EXPECT_EQ(Get(id)->claim().etag(), etag);
}

TEST_F(RewardMoneyTest, AStatementIsExportedWithEveryLineAndItsReason) {
  Report({Sale(firm_, "a", kThresholdFen), Sale(firm_, "b", 5, At("2021-05-01T00:00:00Z"), kPlainVillage),
          Sale(firm_, "c", 7, At("2020-05-01T00:00:00Z")), Refund("r", "a", 1)});
  v1::ExportStatementRequest request;
  request.set_claim_id(Submit(firm_)->claim().claim_id());
  EXPECT_THAT(BadFieldsOf(SeeFile(ExportStatement, testing::Auditor(), request).status()), ElementsAre("format"));
  request.set_format(v1::STATEMENT_FORMAT_CSV);
  const auto csv = SeeFile(ExportStatement, testing::SupplierOf(firm_), request);
  ASSERT_TRUE(csv.ok()) << csv.status();
  EXPECT_THAT(*csv, ::testing::StartsWith("\xEF\xBB\xBF"
                                          "claim_id,claimant_uscc,"));
  EXPECT_THAT(*csv, HasSubstr("CLAIM_STATE_SUBMITTED,1000000000,1,999999999,0,below_threshold,1,1,0,0,0,0\r\n\r\n"));
  EXPECT_THAT(*csv,
              HasSubstr(",a,apple,141032,,1000000000,1,999999999,0,,0,2021-06-01T08:00:00+08:00,,,,in_scope\r\n"));
  EXPECT_THAT(*csv, HasSubstr(",b,apple,140321105201,,5,0,0,0,,0,2021-05-01T08:00:00+08:00,,,,not_designated\r\n"));
  EXPECT_THAT(*csv, ::testing::Not(HasSubstr(",c,apple")));

  request.set_format(v1::STATEMENT_FORMAT_XLSX);
  const auto xlsx = SeeFile(ExportStatement, testing::Auditor(), request);
  ASSERT_TRUE(xlsx.ok()) << xlsx.status();
  EXPECT_THAT(*xlsx, ::testing::StartsWith("PK"));
  EXPECT_THAT(*xlsx, HasSubstr("xl/worksheets/sheet2.xml"));
  EXPECT_EQ(*xlsx, *SeeFile(ExportStatement, testing::Auditor(), request)) << "the same tables give the same bytes";
  EXPECT_EQ(SeeFile(ExportStatement, testing::SupplierOf(other_firm_), request).status(),
            base::NotFound("claim", request.claim_id()));
}

TEST_F(RewardMoneyTest, WaivedFeesAreBookedByKindOncePerNumber) {
  ASSERT_TRUE(PublishText("[policy]\nid = \"fees\"\nversion = 1\njurisdiction = \"14\"\ntitle_zh = \"五免\"\n"
                          "title_en = \"fees\"\nsource = \"test\"\n[period]\nclock = \"order\"\n"
                          "first_day = 2021-01-01\nlast_day = 2021-12-31\n[scope]\n"
                          "commodities = [\"platform-use\", \"training\"]\n[grant]\nkind = \"waiver\"\n")
                  .ok());
  v1::RecordWaiverRequest request;
  v1::FeeWaiver& waiver = *request.mutable_waiver();
  EXPECT_THAT(BadFieldsOf(Do(testing::PlatformOf(platform_), RecordWaiver, request).status()),
              ElementsAre("waiver.waiver_no", "waiver.claimant_uscc", "waiver.policy_id", "waiver.kind",
                          "waiver.amount", "waiver.due_time"));
  waiver.set_waiver_no("w1");
  waiver.set_claimant_uscc(testing::Uscc("91", 777));
  EXPECT_THAT(
      BadFieldsOf(Do(testing::PlatformOf(platform_), RecordWaiver, request).status()),
      ElementsAre("waiver.policy_id", "waiver.kind", "waiver.amount", "waiver.due_time", "waiver.claimant_uscc"));
  waiver.set_claimant_uscc(firm_);
  waiver.set_policy_id("fees");
  waiver.set_kind(v1::FEE_KIND_TRAINING);
  waiver.mutable_amount()->set_amount_fen(300);
  *waiver.mutable_due_time() = base::ToProto(At("2021-12-31T15:59:59Z"));
  const auto recorded = Do(testing::PlatformOf(platform_), RecordWaiver, request);
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(LastEvent().postings(0).cause(), audit::v1::POSTING_CAUSE_FEE_WAIVED);
  EXPECT_EQ(LastEvent().postings(0).cause_id(), recorded->waiver().waiver_id());
  EXPECT_EQ(Balance(ledger::WaivedFees("training")), -300);
  EXPECT_EQ(Balance(ledger::ClaimantWaived(firm_)), 300);
  EXPECT_THAT(Do(testing::PlatformOf(platform_), RecordWaiver, request),
              HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));

  waiver.set_waiver_no("w2");
  waiver.set_kind(v1::FEE_KIND_FRANCHISE);
  EXPECT_THAT(BadFieldsOf(Do(testing::PlatformOf(platform_), RecordWaiver, request).status()), ElementsAre("waiver"));
  waiver.set_kind(v1::FEE_KIND_PLATFORM_USE);
  *waiver.mutable_due_time() = base::ToProto(At("2021-12-31T16:00:00Z"));
  EXPECT_THAT(BadFieldsOf(Do(testing::PlatformOf(platform_), RecordWaiver, request).status()), ElementsAre("waiver"));
  waiver.set_policy_id(kPolicy);
  EXPECT_THAT(BadFieldsOf(Do(testing::PlatformOf(platform_), RecordWaiver, request).status()),
              ElementsAre("waiver.policy_id"));
  const auto listed =
      See(ListWaivers, testing::SupplierOf(firm_), v1::ListWaiversRequest(), store::PageRequest{.size = 10});
  ASSERT_EQ(listed->response.waivers_size(), 1);
  EXPECT_EQ(listed->response.waivers(0).platform_uscc(), platform_);
}

}  // namespace
}  // namespace zhuxiao::reward
