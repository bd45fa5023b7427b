// Claims: filing, two reviews, publication with its objections, approval and payment, each by another officer; every
// action in every state.
#include "services/reward/claims.h"

#include "services/reward/claim_steps.h"
#include "services/reward/reward.h"
#include "tests/unit/reward_claims_fixture.h"

namespace zhuxiao::reward {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::HasSubstr;

class RewardClaimsTest : public ClaimsFixture {};

TEST_F(RewardClaimsTest, AClaimGoesFromFilingToPayment) {
  Report({Sale(firm_, "1", kThresholdFen)});
  const auto submitted = Submit(firm_);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  const v1::Claim& claim = submitted->claim();
  EXPECT_EQ(claim.state(), v1::CLAIM_STATE_SUBMITTED);
  EXPECT_EQ(claim.statement().reward().amount_fen(), kCapFen);
  EXPECT_EQ(LastEvent().claim().claim_id(), claim.claim_id());
  ExpectBooks(0, 0);

  EXPECT_EQ(Review(claim.claim_id(), true)->state(), v1::CLAIM_STATE_REVIEWED);
  EXPECT_EQ(Recheck(claim.claim_id(), true)->state(), v1::CLAIM_STATE_RECHECKED);
  const auto published = PublishAll();
  ASSERT_TRUE(published.ok()) << published.status();
  ASSERT_EQ(published->claims_size(), 1);
  EXPECT_EQ(published->claims(0).state(), v1::CLAIM_STATE_PUBLISHED);
  EXPECT_EQ(base::FromProto(published->claims(0).objection_end_time()), clock_.Now() + absl::Hours(24 * 7));
  EXPECT_EQ(LastEvent().claims(0).claim_id(), claim.claim_id());
  clock_.Advance(absl::Hours(24 * 7) - absl::Nanoseconds(1));
  EXPECT_THAT(Approve(claim.claim_id(), true), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  clock_.Advance(absl::Nanoseconds(1));
  const auto approved = Approve(claim.claim_id(), true);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->state(), v1::CLAIM_STATE_APPROVED);
  EXPECT_EQ(approved->reviewed_by(), "reviewer");
  EXPECT_EQ(approved->rechecked_by(), "rechecker");
  EXPECT_EQ(approved->approved_by(), "approver");
  EXPECT_NE(approved->etag(), claim.etag());

  const auto paid = Pay(claim.claim_id());
  ASSERT_TRUE(paid.ok()) << paid.status();
  EXPECT_EQ(paid->claim().state(), v1::CLAIM_STATE_PAID);
  EXPECT_EQ(paid->claim().paid().amount_fen(), kCapFen);
  EXPECT_EQ(paid->claim().cause(), "");
  EXPECT_EQ(LastEvent().postings(0).cause(), audit::v1::POSTING_CAUSE_CLAIM_PAID);
  EXPECT_EQ(LastEvent().postings(0).cause_id(), claim.claim_id());
  ExpectBooks(kCapFen, 0);
}

TEST_F(RewardClaimsTest, NobodyChecksTheirOwnStep) {
  Report({Sale(firm_, "1", kThresholdFen)});
  const std::string id = Submit(firm_)->claim().claim_id();
  const auto four_eyes = HasReason(ErrorReason::ERROR_REASON_FOUR_EYES);
  ASSERT_TRUE(Review(id, true).ok());
  EXPECT_THAT(Recheck(id, true, kReviewer), four_eyes);
  EXPECT_THAT(Recheck(id, false, kReviewer), four_eyes);
  ASSERT_TRUE(Recheck(id, true).ok());
  ASSERT_TRUE(PublishAll(kReviewer).ok());
  clock_.Advance(absl::Hours(24 * 7));
  EXPECT_THAT(Approve(id, true, kReviewer), four_eyes);
  EXPECT_THAT(Approve(id, true, kRechecker), four_eyes);
  EXPECT_THAT(Approve(id, false, kRechecker), four_eyes);
  ASSERT_TRUE(Approve(id, true).ok());
  EXPECT_THAT(Pay(id, kApprover), four_eyes);
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
  EXPECT_EQ(rejected->cause(), "invoices are missing");
  const auto again = Submit(firm_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_NE(again->claim().claim_id(), id);
}

TEST_F(RewardClaimsTest, FilingNeedsAPolicyASeatAndGoodFields) {
  EXPECT_THAT(Submit(firm_, "unknown"), HasReason(ErrorReason::ERROR_REASON_POLICY_MISSING));
  ASSERT_TRUE(Publish({.id = "linfen", .jurisdiction = "1410"}).ok());
  EXPECT_THAT(BadFieldsOf(Submit(firm_, "linfen").status()), ElementsAre("policy_id"));
  EXPECT_THAT(BadFieldsOf(Submit(firm_, "").status()), ElementsAre("policy_id"));
  EXPECT_THAT(Submit(testing::Uscc("91", 777)), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  v1::SubmitClaimRequest request;
  request.set_policy_id(kPolicy);
  request.set_registered_on("yesterday");
  for (int i = 0; i < 2; ++i) request.add_documents()->set_name("licence");
  EXPECT_THAT(BadFieldsOf(Do(testing::SupplierOf(firm_), SubmitClaim, request).status()),
              ElementsAre("documents[0].digest", "documents[1].name", "documents[1].digest", "registered_on"));
  request.clear_documents();
  request.set_policy_id("linfen");
  EXPECT_THAT(BadFieldsOf(Do(testing::SupplierOf(firm_), SubmitClaim, request).status()),
              ElementsAre("registered_on", "policy_id"));
}

TEST_F(RewardClaimsTest, ConditionsOnTheApplicantAreEvaluated) {
  ASSERT_TRUE(Publish({.id = "strict",
                       .more = "[applicant]\nregistered_before = 2020-01-01\ndocuments = [\"营业执照\", \"明细\"]\n"})
                  .ok());
  v1::SubmitClaimRequest request;
  request.set_policy_id("strict");
  request.set_registered_on("2020-01-01");
  v1::ClaimDocument& document = *request.add_documents();
  document.set_name("明细");
  document.set_digest(std::string(64, 'a'));
  const auto late = Do(testing::SupplierOf(firm_), SubmitClaim, request);
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_THAT(late->claim().unmet_conditions(), ElementsAre("registered_before 2020-01-01", "document 营业执照"));
  const auto passed = Review(late->claim().claim_id(), true);
  EXPECT_THAT(passed, HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_THAT(std::string(passed.status().message()), HasSubstr("document 营业执照"));
  ASSERT_TRUE(Review(late->claim().claim_id(), false).ok());

  request.set_registered_on("2019-12-31");
  request.add_documents()->CopyFrom(document);
  request.mutable_documents(1)->set_name("营业执照");
  const auto in_time = Do(testing::SupplierOf(firm_), SubmitClaim, request);
  ASSERT_TRUE(in_time.ok()) << in_time.status();
  EXPECT_THAT(in_time->claim().unmet_conditions(), ElementsAre());
  EXPECT_TRUE(Review(in_time->claim().claim_id(), true).ok());
}

TEST_F(RewardClaimsTest, ARejectionNeedsACause) {
  v1::ReviewClaimRequest request;
  request.set_claim_id(Submit(firm_)->claim().claim_id());
  EXPECT_THAT(BadFieldsOf(Do(kReviewer, ReviewClaim, request).status()), ElementsAre("cause"));
}

TEST_F(RewardClaimsTest, AClaimMayBeRejectedAtEachReviewAndAtItsApproval) {
  std::string id = Submit(firm_)->claim().claim_id();
  EXPECT_EQ(Review(id, false)->state(), v1::CLAIM_STATE_REJECTED);
  id = Submit(firm_)->claim().claim_id();
  ASSERT_TRUE(Review(id, true).ok());
  EXPECT_EQ(Recheck(id, false)->state(), v1::CLAIM_STATE_REJECTED);
  id = Submit(firm_)->claim().claim_id();
  TakeToPublication(id);
  EXPECT_EQ(Approve(id, false)->cause(), "invoices are missing");
  EXPECT_EQ(Get(id)->claim().state(), v1::CLAIM_STATE_REJECTED);
  EXPECT_TRUE(Submit(firm_).ok());
}

TEST_F(RewardClaimsTest, ObjectionsAreRecordedAndEachIsAnsweredBeforeTheApproval) {
  const std::string id = Submit(firm_)->claim().claim_id();
  EXPECT_EQ(Object(id, testing::SupplierOf(other_firm_)).status(), base::NotFound("claim", id));
  TakeToPublication(id);
  const auto objected = Object(id, testing::SupplierOf(other_firm_));
  ASSERT_TRUE(objected.ok()) << objected.status();
  EXPECT_EQ(objected->objections(0).organisation_uscc(), other_firm_);
  EXPECT_EQ(objected->objections(0).text(), "these apples are not theirs");
  ASSERT_TRUE(Object(id, testing::Auditor()).ok());
  clock_.Advance(absl::Hours(24 * 7));
  EXPECT_THAT(Object(id, testing::Auditor()), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_THAT(Approve(id, true), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  const v1::Claim claim = Get(id)->claim();
  EXPECT_THAT(Answer(id, "unknown", false), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  ASSERT_TRUE(Answer(id, claim.objections(0).objection_id(), false).ok());
  EXPECT_THAT(Answer(id, claim.objections(0).objection_id(), true),
              HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_THAT(Approve(id, true), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  ASSERT_TRUE(Answer(id, claim.objections(1).objection_id(), false).ok());
  EXPECT_TRUE(Approve(id, true).ok());
}

TEST_F(RewardClaimsTest, AnUpheldObjectionRejectsTheClaim) {
  const std::string id = Submit(firm_)->claim().claim_id();
  TakeToPublication(id);
  const auto objected = Object(id, testing::SupplierOf(other_firm_));
  const auto upheld = Answer(id, objected->objections(0).objection_id(), true);
  ASSERT_TRUE(upheld.ok()) << upheld.status();
  EXPECT_EQ(upheld->state(), v1::CLAIM_STATE_REJECTED);
  EXPECT_TRUE(upheld->objections(0).is_upheld());
  EXPECT_TRUE(Submit(firm_).ok());
}

TEST_F(RewardClaimsTest, TheWindowForObjectionsIsThePolicys) {
  ASSERT_TRUE(Publish({.version = 2, .more = "[claims]\nobjection_days = 0\n"}).ok());
  const std::string id = Submit(firm_)->claim().claim_id();
  TakeToPublication(id);
  EXPECT_THAT(Object(id, testing::Auditor()), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_TRUE(Approve(id, true).ok());
}

// Every action in every state by every role: what the table has goes through, everything else is refused for its state
// or, where the role may not decide at all, looks unknown.
TEST_F(RewardClaimsTest, EachActionInEachStateByEachRole) {
  Report({Sale(firm_, "1", kThresholdFen)});
  using Act = std::function<absl::Status(const std::string& id, const base::Caller& caller)>;
  const std::vector<std::pair<ClaimAction, Act>> actions = {
      {ClaimAction::kReview, [&](const auto& id, const auto& by) { return Review(id, true, by).status(); }},
      {ClaimAction::kRejectReview, [&](const auto& id, const auto& by) { return Review(id, false, by).status(); }},
      {ClaimAction::kRecheck, [&](const auto& id, const auto& by) { return Recheck(id, true, by).status(); }},
      {ClaimAction::kRejectRecheck, [&](const auto& id, const auto& by) { return Recheck(id, false, by).status(); }},
      {ClaimAction::kObject, [&](const auto& id, const auto& by) { return Object(id, by).status(); }},
      {ClaimAction::kApprove, [&](const auto& id, const auto& by) { return Approve(id, true, by).status(); }},
      {ClaimAction::kRejectApproval, [&](const auto& id, const auto& by) { return Approve(id, false, by).status(); }},
      {ClaimAction::kPay, [&](const auto& id, const auto& by) { return Pay(id, by).status(); }},
      {ClaimAction::kSettle, [&](const auto& id, const auto&) { return Settle(id, kCapFen).status(); }},
  };
  const std::vector<std::pair<v1::ClaimState, std::function<void(const std::string&)>>> ways = {
      {v1::CLAIM_STATE_SUBMITTED, [](const std::string&) {}},
      {v1::CLAIM_STATE_REVIEWED, [&](const std::string& id) { ASSERT_TRUE(Review(id, true).ok()); }},
      {v1::CLAIM_STATE_RECHECKED, [&](const std::string& id) { ASSERT_TRUE(Recheck(id, true).ok()); }},
      {v1::CLAIM_STATE_PUBLISHED, [&](const std::string&) { ASSERT_TRUE(PublishAll().ok()); }},
      {v1::CLAIM_STATE_APPROVED, [&](const std::string& id) { ASSERT_TRUE(Approve(id, true).ok()); }},
      {v1::CLAIM_STATE_PAID, [&](const std::string& id) { ASSERT_TRUE(Pay(id).ok()); }},
      {v1::CLAIM_STATE_CLAW_BACK_OPEN, [&](const std::string&) { Report({Refund("r", "1", 1)}); }},
      {v1::CLAIM_STATE_CLAWED_BACK, [&](const std::string& id) { ASSERT_TRUE(Settle(id, kCapFen).ok()); }},
  };
  ASSERT_TRUE(Publish({.version = 2, .more = "[claims]\nobjection_days = 1\n"}).ok());
  const base::Caller fresh = testing::Officer("14", "fresh");
  const std::string id = Submit(firm_)->claim().claim_id();
  for (const auto& [state, way] : ways) {
    if (state == v1::CLAIM_STATE_APPROVED) clock_.Advance(absl::Hours(24));
    way(id);
    const v1::Claim claim = Get(id)->claim();
    ASSERT_EQ(claim.state(), state);
    for (const auto& [action, act] : actions) {
      SCOPED_TRACE(base::StrCat(v1::ClaimState_Name(state), " action ", static_cast<int>(action)));
      const ClaimActor actor = action == ClaimAction::kObject ? ClaimActor::kAnyone : ClaimActor::kOfficer;
      const bool is_step = NextState(state, action, actor).has_value();
      if (action != ClaimAction::kSettle && action != ClaimAction::kObject) {
        EXPECT_EQ(act(id, testing::Officer("42", "far")), base::NotFound("claim", id));
        EXPECT_EQ(act(id, testing::SupplierOf(firm_)), base::NotFound("claim", id));
        EXPECT_EQ(act(id, testing::Auditor()), base::NotFound("claim", id));
      }
      if (!is_step) {
        EXPECT_THAT(act(id, fresh), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
      }
    }
    EXPECT_EQ(Get(id)->claim().etag(), claim.etag()) << "a refused step changes nothing";
  }
  const std::string rejected = Submit(other_firm_)->claim().claim_id();
  ASSERT_TRUE(Review(rejected, false).ok());
  for (const auto& [action, act] : actions) {
    EXPECT_FALSE(act(rejected, fresh).ok()) << static_cast<int>(action);
  }
}

TEST_F(RewardClaimsTest, TheTableHasEachStepOnceAndARejectedClaimHasNone) {
  for (const ClaimStep& step : kClaimSteps) {
    EXPECT_EQ(NextState(step.from, step.action, step.actor), step.to);
    for (const ClaimActor other : {ClaimActor::kOfficer, ClaimActor::kAnyone, ClaimActor::kBooks}) {
      if (other != step.actor) {
        EXPECT_EQ(NextState(step.from, step.action, other), std::nullopt);
      }
    }
    EXPECT_NE(step.from, v1::CLAIM_STATE_REJECTED);
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
  TakeToApproval(second);
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
