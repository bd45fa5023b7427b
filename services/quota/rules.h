// The rules of yearly quotas that ship as data (services/quota/data/rules.csv), what a rule asks for, and when it lets
// institutions declare. Pure; the versions published later are rule_book.h's.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/base/clock.h"
#include "services/base/errors.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::quota {

// Reads CSV with the header
// year,region_code,kind,ratio_basis_points,version,opens_on,closes_on,correctable_until,source. The source may hold
// commas. INVALID_ARGUMENT names the line.
absl::StatusOr<std::vector<v1::QuotaRule>> ParseRules(std::string_view csv);

// The rules that ship with the product, ordered by year and region.
const std::vector<v1::QuotaRule>& Rules();

// What a rule asks for at least, rounded up to the fen: ratio of the base for a share, base plus ratio of it for
// growth. nullopt where the result is outside int64. Requires base_fen >= 0.
std::optional<int64_t> RequiredFen(const v1::QuotaRule& rule, int64_t base_fen);

// Adds a violation under `prefix` for a year, ratio, kind, source or day that is wrong. The three days follow one
// another, none before the year's begin less a year nor after its end plus a year: a window of another year is a typing
// mistake.
void CheckRule(const v1::QuotaRule& rule, const std::string& prefix, base::FieldErrors& errors);

// The first instant after a day of a rule, which counts whole in Asia/Shanghai. Requires a rule that CheckRule accepts.
absl::Time EndOf(std::string_view day);

// True from the first instant of opens_on to the last of closes_on.
bool IsOpen(const v1::QuotaRule& rule, absl::Time now);

}  // namespace zhuxiao::quota
