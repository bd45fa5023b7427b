// Claims over the store and the ledger.
#include "services/reward/claims.h"

#include <algorithm>

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/directory/directory.h"
#include "services/ledger/posting.h"
#include "services/reward/claim_steps.h"
#include "services/reward/policies.h"
#include "services/reward/records.h"
#include "services/reward/reward.h"
#include "services/reward/statements.h"

namespace zhuxiao::reward {
namespace {

using base::ErrorReason;
using store::Key;

const std::string& JurisdictionOf(const v1::Claim& claim) { return claim.statement().policy().jurisdiction(); }

std::string LiveClaimKey(const v1::Claim& claim) {
  return Key(kClaimOfTable, ClaimantYear(claim.claimant_uscc(), claim.statement().policy().year()),
             JurisdictionOf(claim));
}

absl::StatusOr<v1::Claim> ParseClaim(std::string_view key, const std::string& value) {
  v1::Claim claim;
  if (!claim.ParseFromString(value)) return base::DataLoss(base::StrCat(key, " cannot be read"));
  return claim;
}

absl::StatusOr<v1::Claim> FindClaim(store::Reader& reader, const std::string& claim_id) {
  if (!base::IsValidId(claim_id)) return base::NotFound("claim", claim_id);
  const std::string key = Key(kClaimTable, claim_id);
  auto row = reader.Get(key);
  if (!row.ok()) return row.status();
  if (!*row) return base::NotFound("claim", claim_id);
  return ParseClaim(key, **row);
}

// The claim, where the caller is an officer of its jurisdiction.
absl::StatusOr<v1::Claim> ClaimOfOfficer(ledger::Operation& operation, const std::string& claim_id) {
  auto claim = FindClaim(operation.transaction(), claim_id);
  if (claim.ok() && !operation.caller().IsOfficerOf(JurisdictionOf(*claim))) return base::NotFound("claim", claim_id);
  return claim;
}

bool MaySee(const base::Caller& caller, const v1::Claim& claim) {
  return caller.ReadsEverything() || caller.IsOfficerOf(JurisdictionOf(claim)) ||
         caller.Is(base::Role::ROLE_SUPPLIER, claim.claimant_uscc());
}

absl::Status Step(v1::Claim& claim, ClaimAction action, ClaimActor actor) {
  const std::optional<v1::ClaimState> next = NextState(claim.state(), action, actor);
  if (!next) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, claim.claim_id(),
                        base::StrCat("the claim is in ", v1::ClaimState_Name(claim.state())));
  }
  claim.set_state(*next);
  return absl::OkStatus();
}

void Save(ledger::Operation& operation, v1::Claim& claim) {
  claim.set_etag(base::NextEtag(claim.etag()));
  operation.transaction().Put(Key(kClaimTable, claim.claim_id()), claim.SerializeAsString());
  *operation.event().mutable_claim() = claim;
}

absl::Status PostUnlessZero(ledger::Operation& operation, audit::v1::PostingCause cause, const v1::Claim& claim,
                            int64_t amount_fen, const std::vector<ledger::Leg>& legs) {
  if (amount_fen == 0) return absl::OkStatus();
  return ledger::Post(operation, cause, claim.claim_id(), legs);
}

// Rests the claim on the policy in force and the sales of this moment.
absl::Status TakeStatement(ledger::Operation& operation, std::string_view jurisdiction, int year, v1::Claim& claim) {
  auto policy = PolicyInForce(operation.transaction(), jurisdiction, year);
  if (!policy.ok()) return policy.status();
  auto statement = StatementOf(operation.transaction(), claim.claimant_uscc(), *policy);
  if (!statement.ok()) return statement.status();
  *claim.mutable_earned() = statement->reward();
  *claim.mutable_statement() = *std::move(statement);
  return absl::OkStatus();
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
  if (absl::Status status = Step(claim, action, ClaimActor::kBooks); !status.ok()) return status;
  claim.mutable_claw_back_due()->set_amount_fen(due_fen);
  return ledger::Post(operation, audit::v1::POSTING_CAUSE_CLAW_BACK_OPENED, claim.claim_id(),
                      {{ledger::ClaimantDue(claim.claimant_uscc()), -change_fen},
                       {ledger::RewardFundDue(JurisdictionOf(claim)), change_fen}});
}

absl::Status Reassess(ledger::Operation& operation, v1::Claim claim) {
  const bool is_paid = claim.state() == v1::CLAIM_STATE_PAID || claim.state() == v1::CLAIM_STATE_CLAW_BACK_OPEN ||
                       claim.state() == v1::CLAIM_STATE_CLAWED_BACK;
  if (!is_paid) return absl::OkStatus();
  auto now = StatementOf(operation.transaction(), claim.claimant_uscc(), claim.statement().policy());
  if (!now.ok()) return now.status();
  // What is owed follows from what is earned, so an unchanged amount leaves the claim as it is.
  if (now->reward().amount_fen() == claim.earned().amount_fen()) return absl::OkStatus();
  *claim.mutable_earned() = now->reward();
  if (absl::Status status = SetDue(operation, claim, DueOf(claim)); !status.ok()) return status;
  Save(operation, claim);
  operation.Close();
  return absl::OkStatus();
}

// OK where the year is over and has no live claim yet.
absl::Status CheckFiling(ledger::Operation& operation, const std::string& claimant_uscc,
                         const v1::SubmitClaimRequest& request) {
  if (operation.now() < base::StartOfYear(request.year() + 1)) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, base::StrCat(request.year()),
                        "the year is not over in Asia/Shanghai");
  }
  auto live = operation.transaction().Get(
      Key(kClaimOfTable, ClaimantYear(claimant_uscc, request.year()), request.jurisdiction()));
  if (!live.ok()) return live.status();
  if (*live) return base::AlreadyExists("claim of the year", **live);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::SubmitClaimResponse> SubmitClaim(ledger::Operation& operation,
                                                    const v1::SubmitClaimRequest& request) {
  base::FieldErrors errors;
  errors.Require(IsJurisdiction(request.jurisdiction()), "jurisdiction",
                 "must be the code of a known province, city or county");
  CheckYear(request.year(), "year", errors);
  if (!errors.empty()) return errors.ToStatus();
  auto claimant = directory::GetOrganisation(operation.transaction(), operation.caller().organisation);
  if (!claimant.ok()) return claimant.status();
  if (absl::Status status = CheckSeat(*claimant, request.jurisdiction()); !status.ok()) return status;
  if (absl::Status status = CheckFiling(operation, claimant->uscc(), request); !status.ok()) return status;

  v1::Claim claim;
  claim.set_claimant_uscc(claimant->uscc());
  absl::Status taken = TakeStatement(operation, request.jurisdiction(), request.year(), claim);
  if (!taken.ok()) return taken;
  claim.set_claim_id(operation.NewId());
  claim.set_state(v1::CLAIM_STATE_SUBMITTED);
  *claim.mutable_submit_time() = base::ToProto(operation.now());
  operation.transaction().Put(LiveClaimKey(claim), claim.claim_id());
  Save(operation, claim);
  v1::SubmitClaimResponse response;
  *response.mutable_claim() = std::move(claim);
  return response;
}

absl::StatusOr<v1::ReviewClaimResponse> ReviewClaim(ledger::Operation& operation,
                                                    const v1::ReviewClaimRequest& request) {
  base::FieldErrors errors;
  errors.Require(base::CodePointCount(request.cause()) <= base::kMaxRemarkCodePoints, "cause",
                 base::StrCat("must be at most ", base::kMaxRemarkCodePoints, " characters"));
  errors.Require(request.is_approved() || !request.cause().empty(), "cause", "is required for a rejection");
  if (!errors.empty()) return errors.ToStatus();
  auto found = ClaimOfOfficer(operation, request.claim_id());
  if (!found.ok()) return found.status();
  v1::Claim claim = *std::move(found);
  const ClaimAction action = request.is_approved() ? ClaimAction::kApprove : ClaimAction::kReject;
  if (absl::Status status = Step(claim, action, ClaimActor::kOfficer); !status.ok()) return status;

  claim.set_reviewed_by(operation.caller().token_id);
  if (request.is_approved()) {
    const v1::RewardPolicy policy = claim.statement().policy();
    absl::Status taken = TakeStatement(operation, policy.jurisdiction(), policy.year(), claim);
    if (!taken.ok()) return taken;
  } else {
    claim.set_cause(request.cause());
    operation.transaction().Delete(LiveClaimKey(claim));
  }
  Save(operation, claim);
  v1::ReviewClaimResponse response;
  *response.mutable_claim() = std::move(claim);
  return response;
}

absl::StatusOr<v1::PayClaimResponse> PayClaim(ledger::Operation& operation, const v1::PayClaimRequest& request) {
  auto found = ClaimOfOfficer(operation, request.claim_id());
  if (!found.ok()) return found.status();
  v1::Claim claim = *std::move(found);
  if (absl::Status status = Step(claim, ClaimAction::kPay, ClaimActor::kOfficer); !status.ok()) return status;
  if (claim.reviewed_by() == operation.caller().token_id) {
    return base::Refuse(ErrorReason::ERROR_REASON_FOUR_EYES, claim.claim_id(), "who approved a claim may not pay it");
  }
  auto now = StatementOf(operation.transaction(), claim.claimant_uscc(), claim.statement().policy());
  if (!now.ok()) return now.status();
  const int64_t approved_fen = claim.statement().reward().amount_fen();
  const int64_t paid_fen = std::min(approved_fen, now->reward().amount_fen());
  if (paid_fen < approved_fen) {
    claim.set_cause(base::StrCat("refunds since the approval took the reward from ", base::FormatYuan(approved_fen),
                                 " to ", base::FormatYuan(paid_fen), " yuan"));
  }
  *claim.mutable_earned() = now->reward();
  claim.mutable_paid()->set_amount_fen(paid_fen);
  *claim.mutable_pay_time() = base::ToProto(operation.now());
  absl::Status posted = PostUnlessZero(operation, audit::v1::POSTING_CAUSE_CLAIM_PAID, claim, paid_fen,
                                       {{ledger::ClaimantReward(claim.claimant_uscc()), paid_fen},
                                        {ledger::RewardFund(JurisdictionOf(claim)), -paid_fen}});
  if (!posted.ok()) return posted;
  Save(operation, claim);
  v1::PayClaimResponse response;
  *response.mutable_claim() = std::move(claim);
  return response;
}

absl::StatusOr<v1::SettleClawBackResponse> SettleClawBack(ledger::Operation& operation,
                                                          const v1::SettleClawBackRequest& request) {
  auto found = ClaimOfOfficer(operation, request.claim_id());
  if (!found.ok()) return found.status();
  v1::Claim claim = *std::move(found);
  if (absl::Status status = Step(claim, ClaimAction::kSettle, ClaimActor::kOfficer); !status.ok()) return status;
  const int64_t due_fen = claim.claw_back_due().amount_fen();
  base::FieldErrors errors;
  errors.Require(request.amount().amount_fen() == due_fen, "amount",
                 base::StrCat("must be all that is due, ", due_fen, " fen"));
  if (!errors.empty()) return errors.ToStatus();

  claim.mutable_claw_back_due()->set_amount_fen(0);
  claim.mutable_returned()->set_amount_fen(claim.returned().amount_fen() + due_fen);
  const std::string& jurisdiction = JurisdictionOf(claim);
  absl::Status posted = ledger::Post(operation, audit::v1::POSTING_CAUSE_CLAW_BACK_SETTLED, claim.claim_id(),
                                     {{ledger::ClaimantDue(claim.claimant_uscc()), due_fen},
                                      {ledger::RewardFundDue(jurisdiction), -due_fen},
                                      {ledger::ClaimantReward(claim.claimant_uscc()), -due_fen},
                                      {ledger::RewardFund(jurisdiction), due_fen}});
  if (!posted.ok()) return posted;
  Save(operation, claim);
  v1::SettleClawBackResponse response;
  *response.mutable_claim() = std::move(claim);
  return response;
}

absl::Status ReassessClaims(store::Transaction& transaction, const ledger::Intent& intent,
                            std::string_view claimant_uscc, int year) {
  const std::string prefix = Key(kClaimOfTable, ClaimantYear(claimant_uscc, year), "");
  return store::WalkAll(transaction, prefix, [&](const store::KeyValue& row) -> absl::Status {
    auto claim = FindClaim(transaction, row.value);
    if (absl::IsNotFound(claim.status())) return base::DataLoss(base::StrCat(row.key, " names no claim"));
    if (!claim.ok()) return claim.status();
    ledger::Operation operation(transaction, intent);
    return Reassess(operation, *std::move(claim));
  });
}

absl::StatusOr<v1::GetClaimResponse> GetClaim(store::Reader& reader, const base::Caller& caller,
                                              const v1::GetClaimRequest& request) {
  auto claim = FindClaim(reader, request.claim_id());
  if (!claim.ok()) return claim.status();
  if (!MaySee(caller, *claim)) return base::NotFound("claim", request.claim_id());
  v1::GetClaimResponse response;
  *response.mutable_claim() = *std::move(claim);
  return response;
}

absl::StatusOr<store::Page<v1::ListClaimsResponse>> ListClaims(store::Reader& reader, const base::Caller& caller,
                                                               const v1::ListClaimsRequest& request,
                                                               const store::PageRequest& page) {
  store::Page<v1::ListClaimsResponse> result;
  auto last =
      store::WalkPage(reader, Key(kClaimTable, ""), page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
        auto claim = ParseClaim(row.key, row.value);
        if (!claim.ok()) return claim.status();
        const bool is_wanted = request.state() == v1::CLAIM_STATE_UNSPECIFIED || claim->state() == request.state();
        if (!is_wanted || !MaySee(caller, *claim)) return false;
        *result.response.add_claims() = *std::move(claim);
        return true;
      });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::Status ForEachClaim(store::Reader& reader, const std::function<absl::Status(const v1::Claim&)>& visit) {
  return store::WalkAll(reader, Key(kClaimTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    auto claim = ParseClaim(row.key, row.value);
    return claim.ok() ? visit(*claim) : claim.status();
  });
}

}  // namespace zhuxiao::reward
