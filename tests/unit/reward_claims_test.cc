// Claims: filing, review by one officer and payment by another, and claw-backs to the fen, books included.
#include "services/reward/claims.h"

#include "services/ledger/posting.h"
#include "services/reward/claim_steps.h"
#include "services/reward/reward.h"
#include "services/store/keys.h"
#include "tests/unit/reward_fixture.h"

namespace zhuxiao::reward {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::HasSubstr;

const base::Caller kReviewer = testing::Officer("14", "reviewer");
const base::Caller kPayer = testing::Officer("14", "payer");

class RewardClaimsTest : public RewardFixture {
 protected:
  void SetUp() override {
    RewardFixture::SetUp();
    ASSERT_TRUE(Publish(ShanxiPolicy()).ok());
  }

  absl::StatusOr<v1::SubmitClaimResponse> Submit(const std::string& claimant, int year = 2021,
                                                 const std::string& jurisdiction = "14") {
    v1::SubmitClaimRequest request;
    request.set_jurisdiction(jurisdiction);
    request.set_year(year);
    return Do(testing::SupplierOf(claimant), SubmitClaim, request);
  }

  absl::StatusOr<v1::ReviewClaimResponse> Review(const std::string& claim_id, bool is_approved,
                                                 const base::Caller& caller = kReviewer) {
    v1::ReviewClaimRequest request;
    request.set_claim_id(claim_id);
    request.set_is_approved(is_approved);
    if (!is_approved) request.set_cause("invoices are missing");
    return Do(caller, ReviewClaim, request);
  }

  absl::StatusOr<v1::PayClaimResponse> Pay(const std::string& claim_id, const base::Caller& caller = kPayer) {
    v1::PayClaimRequest request;
    request.set_claim_id(claim_id);
    return Do(caller, PayClaim, request);
  }

  absl::StatusOr<v1::SettleClawBackResponse> Settle(const std::string& claim_id, int64_t amount_fen) {
    v1::SettleClawBackRequest request;
    request.set_claim_id(claim_id);
    request.mutable_amount()->set_amount_fen(amount_fen);
    return Do(kPayer, SettleClawBack, request);
  }

  absl::StatusOr<v1::GetClaimResponse> Get(const std::string& claim_id,
                                           const base::Caller& caller = testing::Auditor()) {
    v1::GetClaimRequest request;
    request.set_claim_id(claim_id);
    return See(GetClaim, caller, request);
  }

  // Files, approves and pays the firm's claim for 2021; returns its id.
  std::string PaidClaim() {
    const auto submitted = Submit(firm_);
    EXPECT_TRUE(submitted.ok()) << submitted.status();
    const std::string id = submitted->claim().claim_id();
    EXPECT_TRUE(Review(id, true).ok());
    const auto paid = Pay(id);
    EXPECT_TRUE(paid.ok()) << paid.status();
    return id;
  }

  int64_t Balance(const std::string& account) {
    return See([&](store::Reader& reader) {
      const auto row = reader.Get(store::Key(ledger::kAccountTable, account));
      return store::DecodeCounter(row->value_or(""))->front();
    });
  }

  // What the firm got and owes by the books; the fund's side must mirror both.
  void ExpectBooks(int64_t received_fen, int64_t owed_fen) {
    EXPECT_EQ(Balance(ledger::ClaimantReward(firm_)), received_fen);
    EXPECT_EQ(Balance(ledger::RewardFund("14")), -received_fen);
    EXPECT_EQ(Balance(ledger::ClaimantDue(firm_)), -owed_fen);
    EXPECT_EQ(Balance(ledger::RewardFundDue("14")), owed_fen);
  }
};

TEST_F(RewardClaimsTest, AClaimGoesFromFilingToPayment) {
  Report({Sale(firm_, "1", kThresholdFen)});
  const auto submitted = Submit(firm_);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  const v1::Claim& claim = submitted->claim();
  EXPECT_EQ(claim.state(), v1::CLAIM_STATE_SUBMITTED);
  EXPECT_EQ(claim.statement().reward().amount_fen(), kCapFen);
  EXPECT_EQ(LastEvent().claim().claim_id(), claim.claim_id());
  ExpectBooks(0, 0);

  const auto approved = Review(claim.claim_id(), true);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->claim().state(), v1::CLAIM_STATE_APPROVED);
  EXPECT_EQ(approved->claim().reviewed_by(), "reviewer");
  EXPECT_NE(approved->claim().etag(), claim.etag());

  const auto paid = Pay(claim.claim_id());
  ASSERT_TRUE(paid.ok()) << paid.status();
  EXPECT_EQ(paid->claim().state(), v1::CLAIM_STATE_PAID);
  EXPECT_EQ(paid->claim().paid().amount_fen(), kCapFen);
  EXPECT_EQ(paid->claim().cause(), "");
  EXPECT_EQ(LastEvent().postings(0).cause(), audit::v1::POSTING_CAUSE_CLAIM_PAID);
  EXPECT_EQ(LastEvent().postings(0).cause_id(), claim.claim_id());
  ExpectBooks(kCapFen, 0);
}

TEST_F(RewardClaimsTest, WhoApprovedMayNotPay) {
  Report({Sale(firm_, "1", kThresholdFen)});
  const std::string id = Submit(firm_)->claim().claim_id();
  ASSERT_TRUE(Review(id, true).ok());
  EXPECT_THAT(Pay(id, kReviewer), HasReason(ErrorReason::ERROR_REASON_FOUR_EYES));
  ExpectBooks(0, 0);
  EXPECT_TRUE(Pay(id, kPayer).ok());
}

TEST_F(RewardClaimsTest, TheYearMustBeOverInShanghai) {
  clock_.Set(At("2021-12-31T15:59:59Z"));
  EXPECT_THAT(Submit(firm_), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  clock_.Set(At("2021-12-31T16:00:00Z"));
  EXPECT_TRUE(Submit(firm_).ok());
}

TEST_F(RewardClaimsTest, OneLiveClaimAYearAndANewOneAfterARejection) {
  const std::string id = Submit(firm_)->claim().claim_id();
  EXPECT_THAT(Submit(firm_), HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_TRUE(Submit(other_firm_).ok());
  const auto rejected = Review(id, false);
  ASSERT_TRUE(rejected.ok()) << rejected.status();
  EXPECT_EQ(rejected->claim().cause(), "invoices are missing");
  const auto again = Submit(firm_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_NE(again->claim().claim_id(), id);
}

TEST_F(RewardClaimsTest, FilingNeedsAPolicyASeatAndGoodFields) {
  EXPECT_THAT(Submit(firm_, 2020), HasReason(ErrorReason::ERROR_REASON_POLICY_MISSING));
  EXPECT_THAT(BadFieldsOf(Submit(firm_, 2021, "1410").status()), ElementsAre("jurisdiction"));
  EXPECT_THAT(BadFieldsOf(Submit(firm_, 0, "").status()), ElementsAre("jurisdiction", "year"));
  EXPECT_THAT(Submit(testing::Uscc("91", 777)), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

TEST_F(RewardClaimsTest, ARejectionNeedsACause) {
  v1::ReviewClaimRequest request;
  request.set_claim_id(Submit(firm_)->claim().claim_id());
  EXPECT_THAT(BadFieldsOf(Do(kReviewer, ReviewClaim, request).status()), ElementsAre("cause"));
}

TEST_F(RewardClaimsTest, ApprovalRestsOnTheSalesOfItsMoment) {
  Report({Sale(firm_, "1", kThresholdFen)});
  const std::string id = Submit(firm_)->claim().claim_id();
  Report({Refund("r", "1", 1)});
  EXPECT_EQ(Get(id)->claim().statement().reward().amount_fen(), kCapFen);
  const auto approved = Review(id, true);
  EXPECT_EQ(approved->claim().statement().reward().amount_fen(), 0);
  EXPECT_EQ(Pay(id)->claim().paid().amount_fen(), 0);
  ExpectBooks(0, 0);
}

TEST_F(RewardClaimsTest, ARefundBetweenApprovalAndPaymentLowersWhatIsPaid) {
  v1::RewardPolicy policy = ShanxiPolicy(300);
  policy.set_version(2);
  ASSERT_TRUE(Publish(policy).ok());
  Report({Sale(firm_, "1", kThresholdFen + 100 * kYuan)});
  const std::string id = Submit(firm_)->claim().claim_id();
  ASSERT_EQ(Review(id, true)->claim().statement().reward().amount_fen(), 300'003 * kYuan);
  Report({Refund("r", "1", 100 * kYuan)});
  const auto paid = Pay(id);
  EXPECT_EQ(paid->claim().paid().amount_fen(), 300'000 * kYuan);
  EXPECT_THAT(paid->claim().cause(), HasSubstr("300003.00"));
  EXPECT_THAT(paid->claim().cause(), HasSubstr("300000.00"));
  ExpectBooks(300'000 * kYuan, 0);
}

TEST_F(RewardClaimsTest, SalesReportedAfterApprovalRaiseNothing) {
  v1::RewardPolicy policy = ShanxiPolicy(300);
  policy.set_version(2);
  ASSERT_TRUE(Publish(policy).ok());
  Report({Sale(firm_, "1", kThresholdFen)});
  const std::string id = Submit(firm_)->claim().claim_id();
  ASSERT_TRUE(Review(id, true).ok());
  Report({Sale(firm_, "2", 100 * kYuan)});
  const auto paid = Pay(id);
  EXPECT_EQ(paid->claim().paid().amount_fen(), 300'000 * kYuan);
  EXPECT_EQ(paid->claim().earned().amount_fen(), 300'003 * kYuan);
}

TEST_F(RewardClaimsTest, ARefundAfterPaymentOpensAClawBackAndTheReturnClosesIt) {
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
  const auto settled = Settle(id, kCapFen);
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_EQ(settled->claim().state(), v1::CLAIM_STATE_CLAWED_BACK);
  EXPECT_EQ(settled->claim().returned().amount_fen(), kCapFen);
  EXPECT_EQ(settled->claim().claw_back_due().amount_fen(), 0);
  ExpectBooks(0, 0);
  EXPECT_THAT(Settle(id, 0), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
}

TEST_F(RewardClaimsTest, FurtherRefundsRaiseWhatIsOwedAndReopenAfterAReturn) {
  v1::RewardPolicy policy = ShanxiPolicy(300);
  policy.set_version(2);
  ASSERT_TRUE(Publish(policy).ok());
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

TEST_F(RewardClaimsTest, ALateSaleLiftsAnOpenClawBack) {
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

TEST_F(RewardClaimsTest, OtherYearsAndOtherFirmsAreNotTouched) {
  Report({Sale(firm_, "1", kThresholdFen), Sale(firm_, "old", 10, At("2020-05-01T00:00:00Z")),
          Sale(other_firm_, "other", 10)});
  const std::string id = PaidClaim();
  const std::string etag = Get(id)->claim().etag();
  Report({Refund("r1", "old", 10), Refund("r2", "other", 10),
          Sale(firm_, "plain", 5, At("2021-05-01T00:00:00Z"), kPlainVillage)});
  EXPECT_EQ(Get(id)->claim().etag(), etag);
}

TEST_F(RewardClaimsTest, StepsOutOfTheTableAreRefused) {
  Report({Sale(firm_, "1", kThresholdFen)});
  const std::string id = Submit(firm_)->claim().claim_id();
  const auto not_allowed = HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED);
  EXPECT_THAT(Pay(id), not_allowed);
  EXPECT_THAT(Settle(id, 0), not_allowed);
  ASSERT_TRUE(Review(id, true).ok());
  EXPECT_THAT(Review(id, true), not_allowed);
  EXPECT_THAT(Review(id, false), not_allowed);
  ASSERT_TRUE(Pay(id).ok());
  EXPECT_THAT(Pay(id), not_allowed);
  EXPECT_THAT(Settle(id, 0), not_allowed);
}

TEST_F(RewardClaimsTest, TheTableHasEachStepOnce) {
  for (const ClaimStep& step : kClaimSteps) {
    EXPECT_EQ(NextState(step.from, step.action, step.actor), step.to);
    const ClaimActor other = step.actor == ClaimActor::kOfficer ? ClaimActor::kBooks : ClaimActor::kOfficer;
    EXPECT_EQ(NextState(step.from, step.action, other), std::nullopt);
  }
}

TEST_F(RewardClaimsTest, AnotherFirmsClaimLooksUnknown) {
  const std::string id = Submit(firm_)->claim().claim_id();
  const absl::Status of_another = Get(id, testing::SupplierOf(other_firm_)).status();
  EXPECT_EQ(of_another, base::NotFound("claim", id));
  EXPECT_EQ(Get("unknown").status(), base::NotFound("claim", "unknown"));
  EXPECT_TRUE(Get(id, testing::SupplierOf(firm_)).ok());
  const base::Caller elsewhere = testing::Officer("140321");
  EXPECT_EQ(Get(id, elsewhere).status(), base::NotFound("claim", id));
  EXPECT_EQ(Review(id, true, elsewhere).status(), base::NotFound("claim", id));
  EXPECT_EQ(Pay(id, elsewhere).status(), base::NotFound("claim", id));
}

TEST_F(RewardClaimsTest, ListsAreFilteredByStateAndByWhoAsks) {
  const std::string first = Submit(firm_)->claim().claim_id();
  clock_.Advance(absl::Seconds(1));
  const std::string second = Submit(other_firm_)->claim().claim_id();
  ASSERT_TRUE(Review(second, true).ok());
  const auto ids = [&](const base::Caller& caller, v1::ClaimState state) {
    v1::ListClaimsRequest request;
    request.set_state(state);
    const auto page = See(ListClaims, caller, request, store::PageRequest{.size = 10});
    std::vector<std::string> found;
    for (const v1::Claim& claim : page->response.claims()) found.push_back(claim.claim_id());
    return found;
  };
  EXPECT_THAT(ids(testing::Auditor(), v1::CLAIM_STATE_UNSPECIFIED), ElementsAre(first, second));
  EXPECT_THAT(ids(testing::Officer("14"), v1::CLAIM_STATE_APPROVED), ElementsAre(second));
  EXPECT_THAT(ids(testing::SupplierOf(firm_), v1::CLAIM_STATE_UNSPECIFIED), ElementsAre(first));
  EXPECT_THAT(ids(testing::Officer("42"), v1::CLAIM_STATE_UNSPECIFIED), ElementsAre());
}

TEST_F(RewardClaimsTest, TheExportVisitsEveryClaim) {
  Submit(firm_).IgnoreError();
  Submit(other_firm_).IgnoreError();
  int count = 0;
  const auto visit = [&](const v1::Claim&) {
    ++count;
    return absl::OkStatus();
  };
  EXPECT_TRUE(See([&](store::Reader& reader) { return ForEachClaim(reader, visit); }).ok());
  EXPECT_EQ(count, 2);
}

}  // namespace
}  // namespace zhuxiao::reward
