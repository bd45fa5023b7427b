// Claims: from filing through two reviews, publication, approval and payment to a claw-back.
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

// Documents of one claim: three times what any published programme asks for.
inline constexpr int kMaxDocuments = 30;
// Objections to one claim; whoever comes later adds a letter.
inline constexpr int kMaxObjections = 100;
// Claims published at once: all firms of a province that ever claimed, and within one commit.
inline constexpr size_t kMaxClaimsPublished = 2'000;

// The writes of RewardService on claims; errors stand in the proto. Each puts the claim into the operation's event.
// A claim is decided by the officers of its policy's jurisdiction; to others it is unknown until it is published.
absl::StatusOr<v1::SubmitClaimResponse> SubmitClaim(ledger::Operation& operation,
                                                    const v1::SubmitClaimRequest& request);
absl::StatusOr<v1::ReviewClaimResponse> ReviewClaim(ledger::Operation& operation,
                                                    const v1::ReviewClaimRequest& request);
absl::StatusOr<v1::RecheckClaimResponse> RecheckClaim(ledger::Operation& operation,
                                                      const v1::RecheckClaimRequest& request);
// Rests the claims on the newest published version of their policy and the sales of this moment.
absl::StatusOr<v1::PublishClaimsResponse> PublishClaims(ledger::Operation& operation,
                                                        const v1::PublishClaimsRequest& request);
absl::StatusOr<v1::ObjectToClaimResponse> ObjectToClaim(ledger::Operation& operation,
                                                        const v1::ObjectToClaimRequest& request);
absl::StatusOr<v1::AnswerObjectionResponse> AnswerObjection(ledger::Operation& operation,
                                                            const v1::AnswerObjectionRequest& request);
absl::StatusOr<v1::ApproveClaimResponse> ApproveClaim(ledger::Operation& operation,
                                                      const v1::ApproveClaimRequest& request);
// Pays what was published, or less where refunds since then took it down (the claim's cause says so); never more.
absl::StatusOr<v1::PayClaimResponse> PayClaim(ledger::Operation& operation, const v1::PayClaimRequest& request);
absl::StatusOr<v1::SettleClawBackResponse> SettleClawBack(ledger::Operation& operation,
                                                          const v1::SettleClawBackRequest& request);

// Brings the paid claims of a claimant up to its totals: `earned` becomes what the sales earn now (never more than the
// share published where a pool or places were shared), and what is owed back becomes paid - returned - earned, or 0
// where that is negative. Books each change of the amount owed, and appends one event a claim that changed. A function
// of the totals alone, so it does not matter in which order or in how many batches sales and refunds came.
absl::Status ReassessClaims(store::Transaction& transaction, const ledger::Intent& intent,
                            std::string_view claimant_uscc);

// A claim is seen by its claimant, the officers of its jurisdiction, auditors and operators, and while it is published
// by everyone; to others it is unknown.
absl::StatusOr<v1::GetClaimResponse> GetClaim(store::Reader& reader, const base::Caller& caller,
                                              const v1::GetClaimRequest& request);

// A page of the claims the caller may see.
absl::StatusOr<store::Page<v1::ListClaimsResponse>> ListClaims(store::Reader& reader, const base::Caller& caller,
                                                               const v1::ListClaimsRequest& request,
                                                               const store::PageRequest& page);

}  // namespace zhuxiao::reward
