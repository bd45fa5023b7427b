#include "services/quota/rules.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/base/money.h"
#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/quota/rules_data.h"

namespace zhuxiao::quota {

absl::StatusOr<std::vector<v1::QuotaRule>> ParseRules(std::string_view csv) {
  std::vector<v1::QuotaRule> rules;
  int line_number = 0;
  for (absl::string_view line : absl::StrSplit(base::View(csv), '\n')) {
    if (++line_number == 1 || line.empty()) continue;
    const std::vector<std::string> cells = absl::StrSplit(line, absl::MaxSplits(',', 4));
    v1::QuotaRule rule;
    int64_t year = 0;
    int64_t ratio = 0;
    if (cells.size() != 5 || !absl::SimpleAtoi(cells[0], &year) || !absl::SimpleAtoi(cells[3], &ratio) || ratio < 0 ||
        ratio > base::kBasisPoints || (!cells[1].empty() && !base::LevelOf(cells[1])) ||
        (cells[2] != "share" && cells[2] != "growth")) {
      return absl::InvalidArgumentError(base::StrCat("quota rules: line ", line_number, " is not a rule: ", line));
    }
    rule.set_year(static_cast<int32_t>(year));
    rule.set_region_code(cells[1]);
    rule.set_kind(cells[2] == "share" ? v1::QUOTA_KIND_SHARE : v1::QUOTA_KIND_GROWTH);
    rule.set_ratio_basis_points(ratio);
    rule.set_source(cells[4]);
    rules.push_back(std::move(rule));
  }
  std::stable_sort(rules.begin(), rules.end(), [](const v1::QuotaRule& a, const v1::QuotaRule& b) {
    return std::pair(a.year(), a.region_code()) < std::pair(b.year(), b.region_code());
  });
  return rules;
}

const std::vector<v1::QuotaRule>& Rules() {
  static const auto* const rules = [] {
    auto parsed = ParseRules(kRulesCsv);
    if (!parsed.ok()) {
      std::fprintf(stderr, "%s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return new std::vector<v1::QuotaRule>(*std::move(parsed));
  }();
  return *rules;
}

const v1::QuotaRule* FindRule(const std::vector<v1::QuotaRule>& rules, int year, std::string_view region_code) {
  const v1::QuotaRule* found = nullptr;
  for (const v1::QuotaRule& rule : rules) {
    if (rule.year() != year || !base::IsInside(region_code, rule.region_code())) continue;
    if (found == nullptr || rule.region_code().size() > found->region_code().size()) found = &rule;
  }
  return found;
}

std::optional<int64_t> RequiredFen(const v1::QuotaRule& rule, int64_t base_fen) {
  const int64_t parts = rule.ratio_basis_points() + (rule.kind() == v1::QUOTA_KIND_GROWTH ? base::kBasisPoints : 0);
  // Rounded up: floor of the negated product, negated.
  const auto negated = base::MulDivFloor(-base_fen, parts, base::kBasisPoints);
  if (!negated) return std::nullopt;
  return -*negated;
}

}  // namespace zhuxiao::quota
