// A claim as a stored record: found, stepped, saved. Private to the module.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/reward/claim_steps.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// DATA_LOSS where the value is no claim.
absl::StatusOr<v1::Claim> ParseClaim(std::string_view key, const std::string& value);

// NOT_FOUND where there is none.
absl::StatusOr<v1::Claim> FindClaim(store::Reader& reader, const std::string& claim_id);

// The claim, where the caller is an officer of its jurisdiction; else NOT_FOUND.
absl::StatusOr<v1::Claim> ClaimOfOfficer(ledger::Operation& operation, const std::string& claim_id);

bool MaySeeClaim(const base::Caller& caller, const v1::Claim& claim);
// A published claim is seen by all, its lines are not.
bool MaySeeLines(const base::Caller& caller, const v1::Claim& claim);

// Takes the step of the table: STATE_NOT_ALLOWED where there is none; FOUR_EYES where the caller took an earlier one
// that this checks.
absl::Status TakeStep(const ledger::Operation& operation, v1::Claim& claim, ClaimAction action, ClaimActor actor);

// The index rows by which a claim that was not rejected is found.
void PutLiveRows(ledger::Operation& operation, const v1::Claim& claim);
void DeleteLiveRows(ledger::Operation& operation, const v1::Claim& claim);

// Stores the claim with a new etag, not yet in the event.
void StoreClaim(ledger::Operation& operation, v1::Claim& claim);
// The same, and in the event.
void SaveClaim(ledger::Operation& operation, v1::Claim& claim);

}  // namespace zhuxiao::reward
