// Reward policies: texts that one officer proposes, another reviews, and that never change once published.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/base/errors.h"
#include "services/ledger/operation.h"
#include "services/reward/engine/policy.h"
#include "services/store/page.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// Years a policy or sale may be of: those whose every instant the product accepts.
inline constexpr int kFirstYear = 2001;
inline constexpr int kLastYear = 2099;
// The longest text of a policy: twenty times the longest programme that ships with the product.
inline constexpr size_t kMaxPolicyTextBytes = 64 << 10;
// The most one parcel or order may pay, a hundred thousand yuan: with it no sum of a claimant passes int64 before ten
// million of its largest sales do.
inline constexpr int64_t kMaxUnitFen = 10'000'000;

// True where the code may name a jurisdiction: a province, city or county of the county table, or 00, the country.
bool IsJurisdiction(std::string_view code);
// True where a firm seated in `region_code` may claim under a policy of `jurisdiction`.
bool Covers(std::string_view jurisdiction, std::string_view region_code);

// Adds a violation of `field` where the year is outside kFirstYear .. kLastYear.
void CheckYear(int year, std::string_view field, base::FieldErrors& errors);

// A policy as stored and as the engine reads it.
struct ReadyPolicy {
  v1::RewardPolicy record;
  engine::Policy rule;
};

// The writes of RewardService on policies; errors stand in the proto. A jurisdiction that is not inside the officer's
// region is unknown to that officer.
absl::StatusOr<v1::ProposePolicyResponse> ProposePolicy(ledger::Operation& operation,
                                                        const v1::ProposePolicyRequest& request);
absl::StatusOr<v1::ReviewPolicyResponse> ReviewPolicy(ledger::Operation& operation,
                                                      const v1::ReviewPolicyRequest& request);
absl::StatusOr<v1::PublishPolicyResponse> PublishPolicy(ledger::Operation& operation,
                                                        const v1::PublishPolicyRequest& request);

absl::StatusOr<v1::GetPolicyResponse> GetPolicy(store::Reader& reader, const base::Caller& caller,
                                                const v1::GetPolicyRequest& request);
absl::StatusOr<store::Page<v1::ListPoliciesResponse>> ListPolicies(store::Reader& reader, const base::Caller& caller,
                                                                   const v1::ListPoliciesRequest& request,
                                                                   const store::PageRequest& page);

// A version the caller may see, in any state. NOT_FOUND.
absl::StatusOr<ReadyPolicy> FindPolicy(store::Reader& reader, const base::Caller& caller, const std::string& policy_id,
                                       int version);

// A published version, the newest where `version` is 0. POLICY_MISSING where there is none.
absl::StatusOr<ReadyPolicy> PublishedPolicy(store::Reader& reader, const std::string& policy_id, int version);

// All published versions of all policies that hold for a firm seated in `region_code`, ordered by jurisdiction, id and
// version.
absl::StatusOr<std::vector<ReadyPolicy>> PoliciesFor(store::Reader& reader, std::string_view region_code);

}  // namespace zhuxiao::reward
