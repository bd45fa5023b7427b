// Windows of a policy's period.
#include "services/reward/engine/policy.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "services/base/strings.h"

namespace zhuxiao::reward::engine {
namespace {

constexpr int kMonthsPerQuarter = 3;
constexpr int kQuartersPerYear = 4;

// Quarters since year 0.
int64_t QuarterOf(base::Day day) {
  const absl::CivilDay civil = absl::CivilDay(1970, 1, 1) + day;
  return civil.year() * kQuartersPerYear + (civil.month() - 1) / kMonthsPerQuarter;
}

}  // namespace

size_t WindowCount(const Period& period) {
  if (period.window == Window::kWhole) return 1;
  return static_cast<size_t>(QuarterOf(period.last_day) - QuarterOf(period.first_day) + 1);
}

std::string WindowName(const Period& period, size_t window) {
  if (period.window == Window::kWhole) return "";
  const int64_t quarter = QuarterOf(period.first_day) + static_cast<int64_t>(window);
  return base::StrCat(quarter / kQuartersPerYear, "Q", quarter % kQuartersPerYear + 1);
}

std::optional<size_t> WindowOf(const Period& period, base::Day day) {
  if (day < period.first_day || day > period.last_day) return std::nullopt;
  if (period.window == Window::kWhole) return 0;
  return static_cast<size_t>(QuarterOf(day) - QuarterOf(period.first_day));
}

Unit CountedUnit(const Policy& policy) {
  return policy.grant.kind == GrantKind::kPerUnit ? policy.grant.unit : policy.threshold_unit;
}

bool LooksAtOthers(const Policy& policy) {
  const std::vector<Tier>& tiers = policy.grant.tiers;
  return policy.pool || std::any_of(tiers.begin(), tiers.end(), [](const Tier& tier) { return tier.top.has_value(); });
}

}  // namespace zhuxiao::reward::engine
