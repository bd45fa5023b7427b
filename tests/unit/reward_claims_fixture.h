// Claims of a world of RewardFixture, and four officers who take each its step.
#pragma once

#include <functional>
#include <string>

#include "services/ledger/posting.h"
#include "services/store/keys.h"
#include "tests/unit/reward_fixture.h"

namespace zhuxiao::reward {

inline const base::Caller kReviewer = testing::Officer("14", "reviewer");
inline const base::Caller kRechecker = testing::Officer("14", "rechecker");
inline const base::Caller kApprover = testing::Officer("14", "approver");
inline const base::Caller kPayer = testing::Officer("14", "payer");
inline constexpr char kPolicy[] = "shanxi-online";

class ClaimsFixture : public RewardFixture {
 protected:
  void SetUp() override {
    RewardFixture::SetUp();
    ASSERT_TRUE(Publish({}).ok());
  }

  absl::StatusOr<v1::SubmitClaimResponse> Submit(const std::string& claimant, const std::string& policy_id = kPolicy) {
    v1::SubmitClaimRequest request;
    request.set_policy_id(policy_id);
    return Do(testing::SupplierOf(claimant), SubmitClaim, request);
  }

  template <typename Request, typename Function>
  absl::StatusOr<v1::Claim> Judge(const Function& function, const std::string& claim_id, bool is_approved,
                                  const base::Caller& caller) {
    Request request;
    request.set_claim_id(claim_id);
    request.set_is_approved(is_approved);
    if (!is_approved) request.set_cause("invoices are missing");
    auto response = Do(caller, function, request);
    if (!response.ok()) return response.status();
    return response->claim();
  }
  absl::StatusOr<v1::Claim> Review(const std::string& id, bool is_approved, const base::Caller& caller = kReviewer) {
    return Judge<v1::ReviewClaimRequest>(ReviewClaim, id, is_approved, caller);
  }
  absl::StatusOr<v1::Claim> Recheck(const std::string& id, bool is_approved, const base::Caller& caller = kRechecker) {
    return Judge<v1::RecheckClaimRequest>(RecheckClaim, id, is_approved, caller);
  }
  absl::StatusOr<v1::Claim> Approve(const std::string& id, bool is_approved, const base::Caller& caller = kApprover) {
    return Judge<v1::ApproveClaimRequest>(ApproveClaim, id, is_approved, caller);
  }

  absl::StatusOr<v1::PublishClaimsResponse> PublishAll(const base::Caller& caller = kApprover,
                                                       const std::string& policy_id = kPolicy) {
    v1::PublishClaimsRequest request;
    request.set_policy_id(policy_id);
    return Do(caller, PublishClaims, request);
  }

  absl::StatusOr<v1::Claim> Object(const std::string& claim_id, const base::Caller& caller) {
    v1::ObjectToClaimRequest request;
    request.set_claim_id(claim_id);
    request.set_text("these apples are not theirs");
    auto response = Do(caller, ObjectToClaim, request);
    if (!response.ok()) return response.status();
    return response->claim();
  }

  absl::StatusOr<v1::Claim> Answer(const std::string& claim_id, const std::string& objection_id, bool is_upheld) {
    v1::AnswerObjectionRequest request;
    request.set_claim_id(claim_id);
    request.set_objection_id(objection_id);
    request.set_answer("looked into");
    request.set_is_upheld(is_upheld);
    auto response = Do(kReviewer, AnswerObjection, request);
    if (!response.ok()) return response.status();
    return response->claim();
  }

  // Takes a submitted claim through both reviews and its publication.
  void TakeToPublication(const std::string& id) {
    const auto reviewed = Review(id, true);
    ASSERT_TRUE(reviewed.ok()) << reviewed.status();
    const auto rechecked = Recheck(id, true);
    ASSERT_TRUE(rechecked.ok()) << rechecked.status();
    const auto published = PublishAll();
    ASSERT_TRUE(published.ok()) << published.status();
  }

  // The same, and past its window to its approval.
  void TakeToApproval(const std::string& id) {
    TakeToPublication(id);
    clock_.Advance(absl::Hours(24 * 7));
    const auto approved = Approve(id, true);
    ASSERT_TRUE(approved.ok()) << approved.status();
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

  // Files the firm's claim and takes it to its payment; returns its id.
  std::string PaidClaim() {
    const auto submitted = Submit(firm_);
    EXPECT_TRUE(submitted.ok()) << submitted.status();
    const std::string id = submitted->claim().claim_id();
    TakeToApproval(id);
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

}  // namespace zhuxiao::reward
