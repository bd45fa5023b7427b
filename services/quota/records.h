// Rows of the quota module; private to it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/store/keys.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::quota {

inline constexpr std::string_view kQuotaTable = "quota";                // <year>/<uscc> -> Quota without spending
inline constexpr std::string_view kSpendingTable = "quota_spending";    // <year>/<uscc> -> counter
inline constexpr std::string_view kBindingTable = "quota_binding";      // <contract> -> QuotaBinding
inline constexpr std::string_view kRuleTable = "quota_rule";            // <year>/<region>/<kind>/<version> -> QuotaRule
inline constexpr std::string_view kDeclarationTable = "declaration";    // <year>/<uscc> -> Declaration
inline constexpr std::string_view kDeclarationDue = "declaration_due";  // <time>/<year>-<uscc> -> empty

// Fields of the counter.
inline constexpr size_t kUsedField = 0;
inline constexpr size_t kSettledField = 1;

inline std::string YearPart(int year) { return absl::StrCat(absl::Dec(year, absl::kZeroPad4)); }

inline std::string QuotaKey(int year, std::string_view uscc) { return store::Key(kQuotaTable, YearPart(year), uscc); }
inline std::string SpendingKey(int year, std::string_view uscc) {
  return store::Key(kSpendingTable, YearPart(year), uscc);
}
inline std::string BindingKey(std::string_view contract_id) { return store::Key(kBindingTable, contract_id); }
inline std::string DeclarationKey(int year, std::string_view uscc) {
  return store::Key(kDeclarationTable, YearPart(year), uscc);
}

// The whole country is "0": no code begins with it.
inline std::string RulePrefix(int year, std::string_view region_code, v1::QuotaKind kind) {
  const std::string_view region = region_code.empty() ? "0" : region_code;
  return store::Key(kRuleTable, YearPart(year), region, std::to_string(kind), "");
}
inline std::string RuleKey(const v1::QuotaRule& rule) {
  return RulePrefix(rule.year(), rule.region_code(), rule.kind()) + absl::StrFormat("%06d", rule.version());
}

}  // namespace zhuxiao::quota
