// Claims as records.
#include "services/reward/claim_record.h"

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/ids.h"
#include "services/base/strings.h"
#include "services/reward/records.h"

namespace zhuxiao::reward {

using base::ErrorReason;
using store::Key;

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

absl::StatusOr<v1::Claim> ClaimOfOfficer(ledger::Operation& operation, const std::string& claim_id) {
  auto claim = FindClaim(operation.transaction(), claim_id);
  if (claim.ok() && !operation.caller().IsOfficerOf(claim->jurisdiction())) return base::NotFound("claim", claim_id);
  return claim;
}

bool MaySeeClaim(const base::Caller& caller, const v1::Claim& claim) {
  return MaySeeLines(caller, claim) || claim.state() == v1::CLAIM_STATE_PUBLISHED;
}

bool MaySeeLines(const base::Caller& caller, const v1::Claim& claim) {
  return caller.ReadsEverything() || caller.IsOfficerOf(claim.jurisdiction()) ||
         caller.Is(base::Role::ROLE_SUPPLIER, claim.claimant_uscc());
}

absl::Status TakeStep(const ledger::Operation& operation, v1::Claim& claim, ClaimAction action, ClaimActor actor) {
  const std::optional<v1::ClaimState> next = NextState(claim.state(), action, actor);
  if (!next) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, claim.claim_id(),
                        base::StrCat("the claim is in ", v1::ClaimState_Name(claim.state())));
  }
  if (actor == ClaimActor::kOfficer && HasSeenBefore(claim, action, operation.caller().token_id)) {
    return base::Refuse(ErrorReason::ERROR_REASON_FOUR_EYES, claim.claim_id(),
                        "who took an earlier step on a claim may not take the one that checks it");
  }
  claim.set_state(*next);
  return absl::OkStatus();
}

void PutLiveRows(ledger::Operation& operation, const v1::Claim& claim) {
  const std::string& policy_id = claim.statement().policy_id();
  operation.transaction().Put(Key(kClaimOfTable, claim.claimant_uscc(), policy_id), claim.claim_id());
  operation.transaction().Put(Key(kClaimUnderTable, policy_id, claim.claimant_uscc()), claim.claim_id());
}

void DeleteLiveRows(ledger::Operation& operation, const v1::Claim& claim) {
  const std::string& policy_id = claim.statement().policy_id();
  operation.transaction().Delete(Key(kClaimOfTable, claim.claimant_uscc(), policy_id));
  operation.transaction().Delete(Key(kClaimUnderTable, policy_id, claim.claimant_uscc()));
}

void StoreClaim(ledger::Operation& operation, v1::Claim& claim) {
  claim.set_etag(base::NextEtag(claim.etag()));
  operation.transaction().Put(Key(kClaimTable, claim.claim_id()), claim.SerializeAsString());
}

void SaveClaim(ledger::Operation& operation, v1::Claim& claim) {
  StoreClaim(operation, claim);
  *operation.event().mutable_claim() = claim;
}

}  // namespace zhuxiao::reward
