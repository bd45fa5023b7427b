// Checks of a policy's text.
#include "services/reward/policy_checks.h"

#include "absl/time/civil_time.h"
#include "services/base/clock.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/base/uscc.h"
#include "services/reward/engine/policy_file.h"
#include "services/reward/policies.h"

namespace zhuxiao::reward {
namespace {

base::Day FirstDayOf(int year) { return base::DayOf(base::StartOfYear(year)); }

void CheckForService(const std::string& toml, const engine::Policy& rule, base::FieldErrors& errors) {
  const auto require = [&](bool ok, std::string_view key, std::string_view what) {
    errors.Require(ok, PlaceOf(toml, key), what);
  };
  // What the reading has complained of already is empty.
  require(rule.jurisdiction.empty() || IsJurisdiction(rule.jurisdiction), "policy.jurisdiction",
          "must be the code of a known province, city or county, or 00");
  const base::Day first = rule.period.first_day;
  require(first == 0 || first >= FirstDayOf(kFirstYear), "period.first_day",
          base::StrCat("must be ", kFirstYear, "-01-01 or later"));
  require(rule.period.last_day < FirstDayOf(kLastYear + 1), "period.last_day",
          base::StrCat("must be ", kLastYear, "-12-31 or earlier"));
  for (const std::string& platform : rule.scope.platforms) {
    require(base::IsValidUscc(platform), "scope.platforms",
            base::StrCat(platform, " is no unified social credit code, which platforms are known by here"));
  }
  require(rule.grant.unit_fen <= kMaxUnitFen, "grant.unit_fen", base::StrCat("must be at most ", kMaxUnitFen));
}

}  // namespace

std::string PlaceOf(std::string_view toml, std::string_view key) {
  return base::StrCat("toml:", engine::LineOf(toml, key), " ", key);
}

absl::StatusOr<engine::Policy> ReadForService(const std::string& toml) {
  base::FieldErrors errors;
  if (!errors.Require(!toml.empty() && toml.size() <= kMaxPolicyTextBytes, "toml",
                      base::StrCat("must be a text of 1 to ", kMaxPolicyTextBytes, " bytes"))) {
    return errors.ToStatus();
  }
  engine::PolicyReading reading = engine::ReadPolicy(toml);
  for (const engine::PolicyFault& fault : reading.faults) {
    errors.Add(base::StrCat("toml:", fault.line, fault.key.empty() ? "" : " ", fault.key), fault.what);
  }
  CheckForService(toml, reading.policy, errors);
  if (!errors.empty()) return errors.ToStatus();
  return std::move(reading.policy);
}

void CheckCause(bool is_approved, const std::string& cause, base::FieldErrors& errors) {
  errors.Require(base::CodePointCount(cause) <= base::kMaxRemarkCodePoints, "cause",
                 base::StrCat("must be at most ", base::kMaxRemarkCodePoints, " characters"));
  errors.Require(is_approved || !cause.empty(), "cause", "is required for a rejection");
}

}  // namespace zhuxiao::reward
