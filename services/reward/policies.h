// Reward policies: versions that are published once and never changed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/base/errors.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// Years a policy may be for: those whose every instant the product accepts.
inline constexpr int kFirstYear = 2001;
inline constexpr int kLastYear = 2099;
// Programmes of one policy: a province has about four lists; fifty leave room and keep the row small.
inline constexpr int kMaxPolicyProgrammes = 50;

// True where the code may name a jurisdiction: a province, city or county of the county table.
bool IsJurisdiction(std::string_view code);

// Adds a violation of `field` where the year is outside kFirstYear .. kLastYear.
void CheckYear(int year, std::string_view field, base::FieldErrors& errors);

// Publishes a version, which must be newer than every version of its jurisdiction and year. INVALID_FIELDS,
// ALREADY_EXISTS; NOT_FOUND where the jurisdiction is not inside the officer's region.
absl::StatusOr<v1::PublishPolicyResponse> PublishPolicy(ledger::Operation& operation,
                                                        const v1::PublishPolicyRequest& request);

// NOT_FOUND where there is none of that version; the newest where the version is 0.
absl::StatusOr<v1::GetPolicyResponse> GetPolicy(store::Reader& reader, const v1::GetPolicyRequest& request);

// A page of policies.
absl::StatusOr<store::Page<v1::ListPoliciesResponse>> ListPolicies(store::Reader& reader,
                                                                   const store::PageRequest& page);

// The newest policy of the jurisdiction and year, or POLICY_MISSING. Requires IsJurisdiction and a year in range.
absl::StatusOr<v1::RewardPolicy> PolicyInForce(store::Reader& reader, std::string_view jurisdiction, int year);

}  // namespace zhuxiao::reward
