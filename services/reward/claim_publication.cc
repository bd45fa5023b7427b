// Claims from publication to approval.
#include <algorithm>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/reward/awards.h"
#include "services/reward/claim_input.h"
#include "services/reward/claim_record.h"
#include "services/reward/claims.h"
#include "services/reward/policies.h"
#include "services/reward/policy_checks.h"
#include "services/reward/records.h"
#include "services/reward/statements.h"
#include "services/store/page.h"

namespace zhuxiao::reward {
namespace {

using base::ErrorReason;
using base::FieldErrors;

// The live claims under a policy, by claimant.
struct ClaimsUnder {
  std::vector<v1::Claim> rechecked;
  bool has_published = false;
};

absl::StatusOr<ClaimsUnder> GatherClaims(store::Reader& reader, const std::string& policy_id) {
  ClaimsUnder claims;
  const std::string prefix = store::Key(kClaimUnderTable, policy_id, "");
  absl::Status walked = store::WalkAll(reader, prefix, [&](const store::KeyValue& row) -> absl::Status {
    auto claim = FindClaim(reader, row.value);
    if (absl::IsNotFound(claim.status())) return base::DataLoss(base::StrCat(row.key, " names no claim"));
    if (!claim.ok()) return claim.status();
    const bool is_waiting = claim->state() == v1::CLAIM_STATE_SUBMITTED || claim->state() == v1::CLAIM_STATE_REVIEWED;
    if (claim->state() == v1::CLAIM_STATE_RECHECKED) {
      claims.rechecked.push_back(*std::move(claim));
    } else if (!is_waiting) {
      claims.has_published = true;
    }
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  return claims;
}

absl::Status Refusal(const std::string& thing, std::string_view why) {
  return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, thing, why);
}

absl::Status CheckPublication(const ReadyPolicy& policy, const ClaimsUnder& claims) {
  const std::string& id = policy.record.policy_id();
  if (claims.rechecked.empty()) return Refusal(id, "no rechecked claim waits for publication");
  if (claims.rechecked.size() > kMaxClaimsPublished) {
    return Refusal(id, base::StrCat("more than ", kMaxClaimsPublished, " claims wait for publication"));
  }
  if (engine::LooksAtOthers(policy.rule) && claims.has_published) {
    return Refusal(id, "claims that share its pool or places were published already");
  }
  return absl::OkStatus();
}

// What each claim is awarded now, by window.
absl::StatusOr<std::vector<v1::Statement>> StatementsNow(store::Reader& reader, const ReadyPolicy& policy,
                                                         const std::vector<v1::Claim>& claims) {
  std::vector<Sharer> sharers;
  for (const v1::Claim& claim : claims) {
    auto sharer = SharerOf(reader, claim.claimant_uscc(), policy);
    if (!sharer.ok()) return sharer.status();
    sharers.push_back(*std::move(sharer));
  }
  auto awards = AwardTogether(policy.rule, sharers);
  if (!awards.ok()) return awards.status();
  std::vector<v1::Statement> statements;
  for (size_t i = 0; i < sharers.size(); ++i) {
    statements.push_back(MakeStatement(sharers[i].claimant_uscc, policy, sharers[i].totals, (*awards)[i]));
  }
  return statements;
}

bool HasOpenObjection(const v1::Claim& claim) {
  return std::any_of(claim.objections().begin(), claim.objections().end(),
                     [](const v1::Objection& objection) { return objection.answer().empty(); });
}

void CheckRemark(const std::string& text, std::string_view field, FieldErrors& errors) {
  const size_t length = base::CodePointCount(text);
  errors.Require(length >= 1 && length <= base::kMaxRemarkCodePoints, field,
                 base::StrCat("must be 1 to ", base::kMaxRemarkCodePoints, " characters"));
}

}  // namespace

absl::StatusOr<v1::PublishClaimsResponse> PublishClaims(ledger::Operation& operation,
                                                        const v1::PublishClaimsRequest& request) {
  auto policy = PublishedPolicy(operation.transaction(), request.policy_id(), 0);
  if (!policy.ok()) return policy.status();
  if (!operation.caller().IsOfficerOf(policy->record.jurisdiction())) {
    return base::NotFound("reward policy", request.policy_id());
  }
  auto claims = GatherClaims(operation.transaction(), request.policy_id());
  if (!claims.ok()) return claims.status();
  if (absl::Status status = CheckPublication(*policy, *claims); !status.ok()) return status;
  auto statements = StatementsNow(operation.transaction(), *policy, claims->rechecked);
  if (!statements.ok()) return statements.status();

  v1::PublishClaimsResponse response;
  const absl::Time end = operation.now() + absl::Hours(24) * policy->rule.claims.objection_days;
  for (size_t i = 0; i < claims->rechecked.size(); ++i) {
    v1::Claim& claim = claims->rechecked[i];
    absl::Status stepped = TakeStep(operation, claim, ClaimAction::kPublish, ClaimActor::kOfficer);
    if (!stepped.ok()) return stepped;
    auto epoch = Freeze(operation.transaction(), claim.claimant_uscc());
    if (!epoch.ok()) return epoch.status();
    claim.set_epoch(*epoch);
    *claim.mutable_statement() = (*statements)[i];
    *claim.mutable_earned() = claim.statement().reward();
    *claim.mutable_publish_time() = base::ToProto(operation.now());
    *claim.mutable_objection_end_time() = base::ToProto(end);
    StoreClaim(operation, claim);
    *operation.event().add_claims() = claim;
    *response.add_claims() = std::move(claim);
  }
  return response;
}

absl::StatusOr<v1::ObjectToClaimResponse> ObjectToClaim(ledger::Operation& operation,
                                                        const v1::ObjectToClaimRequest& request) {
  FieldErrors errors;
  CheckRemark(request.text(), "text", errors);
  if (!errors.empty()) return errors.ToStatus();
  auto claim = FindClaim(operation.transaction(), request.claim_id());
  if (!claim.ok()) return claim.status();
  if (!MaySeeClaim(operation.caller(), *claim)) return base::NotFound("claim", request.claim_id());
  absl::Status stepped = TakeStep(operation, *claim, ClaimAction::kObject, ClaimActor::kAnyone);
  if (!stepped.ok()) return stepped;
  if (operation.now() >= base::FromProto(claim->objection_end_time())) {
    return Refusal(claim->claim_id(), "the window for objections is closed");
  }
  if (claim->objections_size() >= kMaxObjections) {
    return Refusal(claim->claim_id(), base::StrCat("the claim has ", kMaxObjections, " objections already"));
  }
  v1::Objection& objection = *claim->add_objections();
  objection.set_objection_id(operation.NewId());
  objection.set_organisation_uscc(operation.caller().organisation);
  objection.set_text(request.text());
  *objection.mutable_raise_time() = base::ToProto(operation.now());
  SaveClaim(operation, *claim);
  v1::ObjectToClaimResponse response;
  *response.mutable_claim() = *std::move(claim);
  return response;
}

absl::StatusOr<v1::AnswerObjectionResponse> AnswerObjection(ledger::Operation& operation,
                                                            const v1::AnswerObjectionRequest& request) {
  FieldErrors errors;
  CheckRemark(request.answer(), "answer", errors);
  if (!errors.empty()) return errors.ToStatus();
  auto claim = ClaimOfOfficer(operation, request.claim_id());
  if (!claim.ok()) return claim.status();
  const ClaimAction action = request.is_upheld() ? ClaimAction::kUphold : ClaimAction::kAnswer;
  absl::Status stepped = TakeStep(operation, *claim, action, ClaimActor::kOfficer);
  if (!stepped.ok()) return stepped;
  auto& objections = *claim->mutable_objections();
  const auto objection = std::find_if(objections.begin(), objections.end(), [&](const v1::Objection& candidate) {
    return candidate.objection_id() == request.objection_id();
  });
  if (objection == objections.end()) return base::NotFound("objection", request.objection_id());
  if (!objection->answer().empty()) return Refusal(request.objection_id(), "the objection is answered already");
  objection->set_answer(request.answer());
  objection->set_is_upheld(request.is_upheld());
  objection->set_answered_by(operation.caller().token_id);
  if (request.is_upheld()) {
    claim->set_cause(request.answer());
    DeleteLiveRows(operation, *claim);
  }
  SaveClaim(operation, *claim);
  v1::AnswerObjectionResponse response;
  *response.mutable_claim() = *std::move(claim);
  return response;
}

absl::StatusOr<v1::ApproveClaimResponse> ApproveClaim(ledger::Operation& operation,
                                                      const v1::ApproveClaimRequest& request) {
  FieldErrors errors;
  CheckCause(request.is_approved(), request.cause(), errors);
  if (!errors.empty()) return errors.ToStatus();
  auto claim = ClaimOfOfficer(operation, request.claim_id());
  if (!claim.ok()) return claim.status();
  const ClaimAction action = request.is_approved() ? ClaimAction::kApprove : ClaimAction::kRejectApproval;
  absl::Status stepped = TakeStep(operation, *claim, action, ClaimActor::kOfficer);
  if (!stepped.ok()) return stepped;
  if (request.is_approved()) {
    if (operation.now() < base::FromProto(claim->objection_end_time())) {
      return Refusal(claim->claim_id(), "the window for objections is open");
    }
    if (HasOpenObjection(*claim)) return Refusal(claim->claim_id(), "an objection is not answered");
  } else {
    claim->set_cause(request.cause());
    DeleteLiveRows(operation, *claim);
  }
  claim->set_approved_by(operation.caller().token_id);
  SaveClaim(operation, *claim);
  v1::ApproveClaimResponse response;
  *response.mutable_claim() = *std::move(claim);
  return response;
}

}  // namespace zhuxiao::reward
