// The rules of yearly quotas: data by year and region (services/quota/data/rules.csv), and what they ask for.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::quota {

// Reads CSV with the header year,region_code,kind,ratio_basis_points,source. INVALID_ARGUMENT names the line.
absl::StatusOr<std::vector<v1::QuotaRule>> ParseRules(std::string_view csv);

// The rules that ship with the product, ordered by year and region.
const std::vector<v1::QuotaRule>& Rules();

// The rule of the year whose region is the longest prefix of `region_code`, or nullptr.
const v1::QuotaRule* FindRule(const std::vector<v1::QuotaRule>& rules, int year, std::string_view region_code);

// What a rule asks for at least, rounded up to the fen: ratio of the base for a share, base plus ratio of it for
// growth. nullopt where the result is outside int64. Requires base_fen >= 0.
std::optional<int64_t> RequiredFen(const v1::QuotaRule& rule, int64_t base_fen);

}  // namespace zhuxiao::quota
