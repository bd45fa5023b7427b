// Payment of claims, and what is owed back.
#include <algorithm>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/ledger/posting.h"
#include "services/reward/claim_record.h"
#include "services/reward/claims.h"
#include "services/reward/policies.h"
#include "services/reward/records.h"
#include "services/reward/statements.h"
#include "services/store/page.h"

namespace zhuxiao::reward {
namespace {

// The policy version a claim rests on.
absl::StatusOr<ReadyPolicy> PolicyOf(store::Reader& reader, const v1::Claim& claim) {
  return PublishedPolicy(reader, claim.statement().policy_id(), claim.statement().policy_version());
}

// What the claimant's sales earn by now under the claim's policy.
absl::StatusOr<int64_t> EarnedFen(store::Reader& reader, const v1::Claim& claim, const ReadyPolicy& policy) {
  auto now = StatementOf(reader, claim.claimant_uscc(), policy);
  if (!now.ok()) return now.status();
  const int64_t alone_fen = now->reward().amount_fen();
  return now->is_provisional() ? std::min(alone_fen, claim.statement().reward().amount_fen()) : alone_fen;
}

// The account a claim is paid from, and its returns go to.
ledger::Leg FromFund(const v1::Claim& claim, const ReadyPolicy& policy, int64_t amount_fen) {
  if (!policy.rule.pool) return {ledger::RewardFund(claim.jurisdiction()), amount_fen};
  return {ledger::RewardPool(policy.record.policy_id()), amount_fen, /*may_go_below_zero=*/false};
}

// The amount owed back after `earned` was brought up to date.
int64_t DueOf(const v1::Claim& claim) {
  return std::max<int64_t>(0, claim.paid().amount_fen() - claim.returned().amount_fen() - claim.earned().amount_fen());
}

absl::Status SetDue(ledger::Operation& operation, v1::Claim& claim, int64_t due_fen) {
  const int64_t change_fen = due_fen - claim.claw_back_due().amount_fen();
  if (change_fen == 0) return absl::OkStatus();
  const ClaimAction action = due_fen > 0                          ? ClaimAction::kOwe
                             : claim.returned().amount_fen() == 0 ? ClaimAction::kOweNothing
                                                                  : ClaimAction::kOweNoMore;
  if (absl::Status status = TakeStep(operation, claim, action, ClaimActor::kBooks); !status.ok()) return status;
  claim.mutable_claw_back_due()->set_amount_fen(due_fen);
  return ledger::Post(operation, audit::v1::POSTING_CAUSE_CLAW_BACK_OPENED, claim.claim_id(),
                      {{ledger::ClaimantDue(claim.claimant_uscc()), -change_fen},
                       {ledger::RewardFundDue(claim.jurisdiction()), change_fen}});
}

absl::Status Reassess(ledger::Operation& operation, v1::Claim claim) {
  const bool is_paid = claim.state() == v1::CLAIM_STATE_PAID || claim.state() == v1::CLAIM_STATE_CLAW_BACK_OPEN ||
                       claim.state() == v1::CLAIM_STATE_CLAWED_BACK;
  if (!is_paid) return absl::OkStatus();
  auto policy = PolicyOf(operation.transaction(), claim);
  if (!policy.ok()) return policy.status();
  auto earned_fen = EarnedFen(operation.transaction(), claim, *policy);
  if (!earned_fen.ok()) return earned_fen.status();
  // What is owed follows from what is earned, so an unchanged amount leaves the claim as it is.
  if (*earned_fen == claim.earned().amount_fen()) return absl::OkStatus();
  claim.mutable_earned()->set_amount_fen(*earned_fen);
  if (absl::Status status = SetDue(operation, claim, DueOf(claim)); !status.ok()) return status;
  SaveClaim(operation, claim);
  operation.Close();
  return absl::OkStatus();
}

// Pays `paid_fen`, which is at most what was published.
absl::Status Pay(ledger::Operation& operation, const ReadyPolicy& policy, int64_t paid_fen, v1::Claim& claim) {
  const int64_t approved_fen = claim.statement().reward().amount_fen();
  if (paid_fen < approved_fen) {
    claim.set_cause(base::StrCat("refunds since the publication took the reward from ", base::FormatYuan(approved_fen),
                                 " to ", base::FormatYuan(paid_fen), " yuan"));
  }
  claim.mutable_paid()->set_amount_fen(paid_fen);
  *claim.mutable_pay_time() = base::ToProto(operation.now());
  if (paid_fen == 0) return absl::OkStatus();
  return ledger::Post(operation, audit::v1::POSTING_CAUSE_CLAIM_PAID, claim.claim_id(),
                      {{ledger::ClaimantReward(claim.claimant_uscc()), paid_fen}, FromFund(claim, policy, -paid_fen)});
}

}  // namespace

absl::StatusOr<v1::PayClaimResponse> PayClaim(ledger::Operation& operation, const v1::PayClaimRequest& request) {
  auto claim = ClaimOfOfficer(operation, request.claim_id());
  if (!claim.ok()) return claim.status();
  absl::Status stepped = TakeStep(operation, *claim, ClaimAction::kPay, ClaimActor::kOfficer);
  if (!stepped.ok()) return stepped;
  auto policy = PolicyOf(operation.transaction(), *claim);
  if (!policy.ok()) return policy.status();
  auto earned_fen = EarnedFen(operation.transaction(), *claim, *policy);
  if (!earned_fen.ok()) return earned_fen.status();
  claim->mutable_earned()->set_amount_fen(*earned_fen);
  const int64_t paid_fen = std::min(claim->statement().reward().amount_fen(), *earned_fen);
  if (absl::Status status = Pay(operation, *policy, paid_fen, *claim); !status.ok()) return status;
  SaveClaim(operation, *claim);
  v1::PayClaimResponse response;
  *response.mutable_claim() = *std::move(claim);
  return response;
}

absl::StatusOr<v1::SettleClawBackResponse> SettleClawBack(ledger::Operation& operation,
                                                          const v1::SettleClawBackRequest& request) {
  base::FieldErrors errors;
  errors.Require(request.amount().amount_fen() > 0 && request.amount().amount_fen() <= base::kMaxAmountFen, "amount",
                 "must be more than 0 and at most 10^15 fen");
  auto claim = ClaimOfOfficer(operation, request.claim_id());
  if (!claim.ok()) return errors.Else(claim.status());
  absl::Status stepped = TakeStep(operation, *claim, ClaimAction::kSettle, ClaimActor::kOfficer);
  if (!stepped.ok()) return errors.Else(stepped);
  const int64_t due_fen = claim->claw_back_due().amount_fen();
  errors.Require(errors.Names("amount") || request.amount().amount_fen() == due_fen, "amount",
                 base::StrCat("must be all that is due, ", due_fen, " fen"));
  if (!errors.empty()) return errors.ToStatus();
  auto policy = PolicyOf(operation.transaction(), *claim);
  if (!policy.ok()) return policy.status();

  claim->mutable_claw_back_due()->set_amount_fen(0);
  claim->mutable_returned()->set_amount_fen(claim->returned().amount_fen() + due_fen);
  absl::Status posted = ledger::Post(operation, audit::v1::POSTING_CAUSE_CLAW_BACK_SETTLED, claim->claim_id(),
                                     {{ledger::ClaimantDue(claim->claimant_uscc()), due_fen},
                                      {ledger::RewardFundDue(claim->jurisdiction()), -due_fen},
                                      {ledger::ClaimantReward(claim->claimant_uscc()), -due_fen},
                                      FromFund(*claim, *policy, due_fen)});
  if (!posted.ok()) return posted;
  SaveClaim(operation, *claim);
  v1::SettleClawBackResponse response;
  *response.mutable_claim() = *std::move(claim);
  return response;
}

absl::Status ReassessClaims(store::Transaction& transaction, const ledger::Intent& intent,
                            std::string_view claimant_uscc) {
  const std::string prefix = store::Key(kClaimOfTable, claimant_uscc, "");
  return store::WalkAll(transaction, prefix, [&](const store::KeyValue& row) -> absl::Status {
    auto claim = FindClaim(transaction, row.value);
    if (absl::IsNotFound(claim.status())) return base::DataLoss(base::StrCat(row.key, " names no claim"));
    if (!claim.ok()) return claim.status();
    ledger::Operation operation(transaction, intent);
    return Reassess(operation, *std::move(claim));
  });
}

}  // namespace zhuxiao::reward
