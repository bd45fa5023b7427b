// Claims: from filing through review and payment to a claw-back.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// The writes of RewardService; errors stand in the proto. Each puts the claim into the operation's event.
// A claim is decided by the officers of its policy's jurisdiction; to others it is unknown.
absl::StatusOr<v1::SubmitClaimResponse> SubmitClaim(ledger::Operation& operation,
                                                    const v1::SubmitClaimRequest& request);

// Approval rests the claim on the policy in force and the sales of this moment.
absl::StatusOr<v1::ReviewClaimResponse> ReviewClaim(ledger::Operation& operation,
                                                    const v1::ReviewClaimRequest& request);

// Pays what was approved, or less where refunds since then took it down (the claim's cause says so); never more.
absl::StatusOr<v1::PayClaimResponse> PayClaim(ledger::Operation& operation, const v1::PayClaimRequest& request);

absl::StatusOr<v1::SettleClawBackResponse> SettleClawBack(ledger::Operation& operation,
                                                          const v1::SettleClawBackRequest& request);

// Brings the paid claims of a claimant's year up to its totals: `earned` becomes what the sales earn now, and what is
// owed back becomes paid - returned - earned, or 0 where that is negative. Books each change of the amount owed, and
// appends one event a claim that changed. A function of the totals alone, so it does not matter in which order or in
// how many batches sales and refunds came.
absl::Status ReassessClaims(store::Transaction& transaction, const ledger::Intent& intent,
                            std::string_view claimant_uscc, int year);

// A claim is seen by its claimant, the officers of its jurisdiction, auditors and operators; to others it is unknown.
absl::StatusOr<v1::GetClaimResponse> GetClaim(store::Reader& reader, const base::Caller& caller,
                                              const v1::GetClaimRequest& request);

// A page of the claims the caller may see.
absl::StatusOr<store::Page<v1::ListClaimsResponse>> ListClaims(store::Reader& reader, const base::Caller& caller,
                                                               const v1::ListClaimsRequest& request,
                                                               const store::PageRequest& page);

}  // namespace zhuxiao::reward
