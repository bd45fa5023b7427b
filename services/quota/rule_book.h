// The rules of yearly quotas as they hold: those that ship with the product and the versions officers published since.
// A version is never changed; a declaration keeps the one it was submitted under.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/ledger/operation.h"
#include "services/store/store.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::quota {

// The approved rule of the highest version for year and kind in the region itself or the nearest one around it that has
// any. POLICY_MISSING about `subject` where there is none.
absl::StatusOr<v1::QuotaRule> RuleFor(store::Reader& reader, int year, std::string_view region_code, v1::QuotaKind kind,
                                      std::string_view subject);

// The same of whatever kind, for who has not declared yet; where a region has both, its share, which is for all
// institutions. nullopt where there is none.
absl::StatusOr<std::optional<v1::QuotaRule>> FindRule(store::Reader& reader, int year, std::string_view region_code);

// Every rule, shipped or published, of `year` (0: of all), ordered by year, region, kind and version.
absl::StatusOr<std::vector<v1::QuotaRule>> AllRules(store::Reader& reader, int year);

// The methods of QuotaService.
absl::StatusOr<v1::ProposeQuotaRuleResponse> ProposeRule(ledger::Operation& operation,
                                                         const v1::ProposeQuotaRuleRequest& request);
absl::StatusOr<v1::ApproveQuotaRuleResponse> ApproveRule(ledger::Operation& operation,
                                                         const v1::ApproveQuotaRuleRequest& request);

}  // namespace zhuxiao::quota
