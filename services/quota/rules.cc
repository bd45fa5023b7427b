#include "services/quota/rules.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/base/money.h"
#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/quota/operations.h"
#include "services/quota/rules_data.h"

namespace zhuxiao::quota {
namespace {

v1::QuotaKind KindOf(std::string_view word) {
  if (word == "share") return v1::QUOTA_KIND_SHARE;
  return word == "growth" ? v1::QUOTA_KIND_GROWTH : v1::QUOTA_KIND_UNSPECIFIED;
}

// The rule of a line, or nullopt where it is none.
std::optional<v1::QuotaRule> ParseLine(absl::string_view line) {
  const std::vector<std::string> cells = absl::StrSplit(line, absl::MaxSplits(',', 8));
  v1::QuotaRule rule;
  int32_t year = 0;
  int32_t version = 0;
  int64_t ratio = 0;
  if (cells.size() != 9 || !absl::SimpleAtoi(cells[0], &year) || !absl::SimpleAtoi(cells[3], &ratio) ||
      !absl::SimpleAtoi(cells[4], &version) || version < 1) {
    return std::nullopt;
  }
  rule.set_year(year);
  rule.set_region_code(cells[1]);
  rule.set_kind(KindOf(cells[2]));
  rule.set_ratio_basis_points(ratio);
  rule.set_version(version);
  rule.set_opens_on(cells[5]);
  rule.set_closes_on(cells[6]);
  rule.set_correctable_until(cells[7]);
  rule.set_source(cells[8]);
  rule.set_state(v1::QUOTA_RULE_STATE_APPROVED);
  base::FieldErrors errors;
  CheckRule(rule, "", errors);
  if (!errors.empty()) return std::nullopt;
  return rule;
}

}  // namespace

absl::StatusOr<std::vector<v1::QuotaRule>> ParseRules(std::string_view csv) {
  std::vector<v1::QuotaRule> rules;
  int line_number = 0;
  for (absl::string_view line : absl::StrSplit(base::View(csv), '\n')) {
    if (++line_number == 1 || line.empty()) continue;
    auto rule = ParseLine(line);
    if (!rule) {
      return absl::InvalidArgumentError(base::StrCat("quota rules: line ", line_number, " is not a rule: ", line));
    }
    rules.push_back(*std::move(rule));
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

std::optional<int64_t> RequiredFen(const v1::QuotaRule& rule, int64_t base_fen) {
  const int64_t parts = rule.ratio_basis_points() + (rule.kind() == v1::QUOTA_KIND_GROWTH ? base::kBasisPoints : 0);
  // Rounded up: floor of the negated product, negated.
  const auto negated = base::MulDivFloor(-base_fen, parts, base::kBasisPoints);
  if (!negated) return std::nullopt;
  return -*negated;
}

void CheckRule(const v1::QuotaRule& rule, const std::string& prefix, base::FieldErrors& errors) {
  const bool is_year =
      errors.Require(rule.year() >= kFirstYear && rule.year() <= kLastYear, prefix + "year", "must be 2020 to 2099");
  errors.Require(rule.region_code().empty() || base::LevelOf(rule.region_code()), prefix + "region_code",
                 "must be empty, or 2, 4, 6, 9 or 12 digits");
  errors.Require(rule.kind() != v1::QUOTA_KIND_UNSPECIFIED, prefix + "kind", "is required");
  errors.Require(rule.ratio_basis_points() >= 0 && rule.ratio_basis_points() <= base::kBasisPoints,
                 prefix + "ratio_basis_points", "must be 0 to 10000");
  errors.Require(!rule.source().empty() && base::CodePointCount(rule.source()) <= base::kMaxRemarkCodePoints,
                 prefix + "source", "must have 1 to 500 characters");
  if (!is_year) return;
  base::Day least = base::DayOf(base::StartOfYear(rule.year() - 1));
  const base::Day most = base::DayOf(base::StartOfYear(rule.year() + 2)) - 1;
  for (const auto& [name, text] : {std::pair("opens_on", &rule.opens_on()), std::pair("closes_on", &rule.closes_on()),
                                   std::pair("correctable_until", &rule.correctable_until())}) {
    const auto day = base::ParseDay(*text);
    if (!errors.Require(day.ok() && *day >= least && *day <= most, prefix + name,
                        base::StrCat("must be a day from ", base::FormatDay(least), " to ", base::FormatDay(most)))) {
      continue;
    }
    least = *day;
  }
}

absl::Time EndOf(std::string_view day) { return base::StartOfDay(base::ParseDay(day).value() + 1); }

bool IsOpen(const v1::QuotaRule& rule, absl::Time now) {
  return now >= base::StartOfDay(base::ParseDay(rule.opens_on()).value()) && now < EndOf(rule.closes_on());
}

}  // namespace zhuxiao::quota
