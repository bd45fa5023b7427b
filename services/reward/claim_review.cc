// Claims from filing to the second review.
#include <algorithm>
#include <set>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/directory/directory.h"
#include "services/reward/claim_input.h"
#include "services/reward/claim_record.h"
#include "services/reward/claims.h"
#include "services/reward/engine/applicant.h"
#include "services/reward/policies.h"
#include "services/reward/policy_checks.h"
#include "services/reward/records.h"
#include "services/reward/statements.h"

namespace zhuxiao::reward {
namespace {

using base::ErrorReason;
using base::FieldErrors;

void CheckApplication(const v1::SubmitClaimRequest& request, FieldErrors& errors) {
  errors.Require(!request.policy_id().empty(), "policy_id", "is required");
  errors.Require(request.documents_size() <= kMaxDocuments, "documents",
                 base::StrCat("must be at most ", kMaxDocuments));
  std::set<std::string> names;
  for (int i = 0; i < std::min(request.documents_size(), kMaxDocuments); ++i) {
    const v1::ClaimDocument& document = request.documents(i);
    const std::string field = base::StrCat("documents[", i, "]");
    const size_t length = base::CodePointCount(document.name());
    errors.Require(length >= 1 && length <= base::kMaxNameCodePoints, field + ".name",
                   base::StrCat("must be 1 to ", base::kMaxNameCodePoints, " characters"));
    errors.Require(names.insert(document.name()).second, field + ".name", "is named twice");
    errors.Require(directory::IsDigest(document.digest()), field + ".digest", "must be 64 digits of 0-9 a-f");
  }
  if (!request.registered_on().empty()) {
    errors.Require(base::ParseDay(request.registered_on()).ok(), "registered_on", "must be a day as YYYY-MM-DD");
  }
}

// OK where the period is over and the firm has no live claim under the policy.
absl::Status CheckFiling(ledger::Operation& operation, const std::string& claimant_uscc, const ReadyPolicy& policy) {
  if (operation.now() < base::StartOfDay(policy.rule.period.last_day + 1)) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, policy.record.policy_id(),
                        "the policy's period is not over in Asia/Shanghai");
  }
  auto live = operation.transaction().Get(store::Key(kClaimOfTable, claimant_uscc, policy.record.policy_id()));
  if (!live.ok()) return live.status();
  if (*live) return base::AlreadyExists("claim under the policy", **live);
  return absl::OkStatus();
}

void SetConditions(const engine::Policy& rule, const v1::SubmitClaimRequest& request, v1::Claim& claim) {
  engine::Applicant applicant;
  if (!request.registered_on().empty()) applicant.registered_on = *base::ParseDay(request.registered_on());
  for (const v1::ClaimDocument& document : request.documents()) applicant.documents.push_back(document.name());
  *claim.mutable_documents() = request.documents();
  claim.set_registered_on(request.registered_on());
  for (std::string& condition : engine::UnmetConditions(rule.applicant, applicant)) {
    claim.add_unmet_conditions(std::move(condition));
  }
}

absl::Status CheckConditions(const v1::Claim& claim) {
  if (claim.unmet_conditions().empty()) return absl::OkStatus();
  std::string unmet;
  for (const std::string& condition : claim.unmet_conditions()) {
    base::StrAppend(&unmet, unmet.empty() ? "" : "; ", condition);
  }
  return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, claim.claim_id(),
                      base::StrCat("the applicant does not meet what the policy asks for: ", unmet));
}

// Passes or rejects; the name of the officer goes where `set_officer` says.
template <typename Request>
absl::StatusOr<v1::Claim> Judge(ledger::Operation& operation, const Request& request, ClaimAction pass,
                                ClaimAction reject, void (*set_officer)(v1::Claim&, const std::string&)) {
  FieldErrors errors;
  CheckCause(request.is_approved(), request.cause(), errors);
  if (!errors.empty()) return errors.ToStatus();
  auto claim = ClaimOfOfficer(operation, request.claim_id());
  if (!claim.ok()) return claim;
  const ClaimAction action = request.is_approved() ? pass : reject;
  if (absl::Status status = TakeStep(operation, *claim, action, ClaimActor::kOfficer); !status.ok()) return status;
  if (request.is_approved()) {
    if (absl::Status status = CheckConditions(*claim); !status.ok()) return status;
  } else {
    claim->set_cause(request.cause());
    DeleteLiveRows(operation, *claim);
  }
  set_officer(*claim, operation.caller().token_id);
  SaveClaim(operation, *claim);
  return claim;
}

}  // namespace

absl::StatusOr<v1::SubmitClaimResponse> SubmitClaim(ledger::Operation& operation,
                                                    const v1::SubmitClaimRequest& request) {
  FieldErrors errors;
  CheckApplication(request, errors);
  auto claimant = directory::GetOrganisation(operation.transaction(), operation.caller().organisation);
  if (!claimant.ok()) return errors.Else(claimant.status());
  auto policy = PublishedPolicy(operation.transaction(), request.policy_id(), 0);
  if (!policy.ok()) return errors.Else(policy.status());
  errors.Absorb(CheckSeat(*claimant, policy->record));
  if (!errors.empty()) return errors.ToStatus();
  if (absl::Status status = CheckFiling(operation, claimant->uscc(), *policy); !status.ok()) return status;
  auto statement = StatementOf(operation.transaction(), claimant->uscc(), *policy);
  if (!statement.ok()) return statement.status();
  auto epoch = Freeze(operation.transaction(), claimant->uscc());
  if (!epoch.ok()) return epoch.status();

  v1::Claim claim;
  claim.set_epoch(*epoch);
  claim.set_claim_id(operation.NewId());
  claim.set_claimant_uscc(claimant->uscc());
  claim.set_jurisdiction(policy->record.jurisdiction());
  *claim.mutable_earned() = statement->reward();
  *claim.mutable_statement() = *std::move(statement);
  claim.set_state(v1::CLAIM_STATE_SUBMITTED);
  *claim.mutable_submit_time() = base::ToProto(operation.now());
  SetConditions(policy->rule, request, claim);
  PutLiveRows(operation, claim);
  SaveClaim(operation, claim);
  v1::SubmitClaimResponse response;
  *response.mutable_claim() = std::move(claim);
  return response;
}

absl::StatusOr<v1::ReviewClaimResponse> ReviewClaim(ledger::Operation& operation,
                                                    const v1::ReviewClaimRequest& request) {
  auto claim = Judge(operation, request, ClaimAction::kReview, ClaimAction::kRejectReview,
                     [](v1::Claim& judged, const std::string& officer) { judged.set_reviewed_by(officer); });
  if (!claim.ok()) return claim.status();
  v1::ReviewClaimResponse response;
  *response.mutable_claim() = *std::move(claim);
  return response;
}

absl::StatusOr<v1::RecheckClaimResponse> RecheckClaim(ledger::Operation& operation,
                                                      const v1::RecheckClaimRequest& request) {
  auto claim = Judge(operation, request, ClaimAction::kRecheck, ClaimAction::kRejectRecheck,
                     [](v1::Claim& judged, const std::string& officer) { judged.set_rechecked_by(officer); });
  if (!claim.ok()) return claim.status();
  v1::RecheckClaimResponse response;
  *response.mutable_claim() = *std::move(claim);
  return response;
}

}  // namespace zhuxiao::reward
