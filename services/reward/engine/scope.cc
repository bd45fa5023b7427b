// Whether a sale counts under a policy.
#include "services/reward/engine/scope.h"

#include <algorithm>
#include <limits>

#include "services/base/region.h"
#include "services/base/strings.h"

namespace zhuxiao::reward::engine {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kShanghaiOffsetNs = 8L * 3600 * kNanosPerSecond;
constexpr int64_t kNanosPerDay = 86'400 * kNanosPerSecond;
constexpr size_t kCountyDigits = 6;

template <typename T, typename U>
bool Contains(const std::vector<T>& list, const U& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// True where the list is empty or has `text`.
bool Allows(const std::vector<std::string>& list, std::string_view text) {
  return list.empty() || Contains(list, text);
}

bool AllowsRegion(const std::vector<std::string>& list, std::string_view code) {
  return list.empty() ||
         std::any_of(list.begin(), list.end(), [&](const std::string& region) { return base::IsInside(code, region); });
}

// Where either county is not known, nothing shows that the parcel left it.
bool LeavesCounty(const SaleFacts& sale) {
  return sale.origin.size() >= kCountyDigits && sale.destination.size() >= kCountyDigits &&
         sale.origin.substr(0, kCountyDigits) != sale.destination.substr(0, kCountyDigits);
}

}  // namespace

std::string_view LineReasonName(LineReason reason) {
  switch (reason) {
    case LineReason::kInScope:
      return "in_scope";
    case LineReason::kNoTime:
      return "no_time";
    case LineReason::kOutsidePeriod:
      return "outside_period";
    case LineReason::kPlatformNotListed:
      return "platform_not_listed";
    case LineReason::kCommodityNotListed:
      return "commodity_not_listed";
    case LineReason::kOriginNotListed:
      return "origin_not_listed";
    case LineReason::kDestinationNotListed:
      return "destination_not_listed";
    case LineReason::kInsideOwnCounty:
      return "inside_own_county";
    case LineReason::kNotShipper:
      return "not_shipper";
    case LineReason::kNotDesignated:
      return "not_designated";
    case LineReason::kRefundCounted:
      return "refund_of_counted_sale";
    case LineReason::kRefundOfExcluded:
      return "refund_of_excluded_sale";
    case LineReason::kRefundPending:
      return "refund_pending";
  }
  return "";
}

bool IsCounted(LineReason reason) { return reason == LineReason::kInScope || reason == LineReason::kRefundCounted; }

base::Day DayOfNanos(int64_t time_ns) {
  const int64_t local = time_ns + kShanghaiOffsetNs;
  return static_cast<base::Day>(local / kNanosPerDay - (local % kNanosPerDay < 0 ? 1 : 0));
}

bool CountsBy(const Scope& scope, std::string_view programme, std::string_view list_version,
              std::string_view region_code) {
  return Contains(scope.programmes, programme) && (scope.list_version.empty() || scope.list_version == list_version) &&
         (scope.levels.empty() || Contains(scope.levels, static_cast<int64_t>(region_code.size())));
}

ScopeJudge::ScopeJudge(const Policy& policy, const std::vector<Designation>& designations) : policy_(policy) {
  for (const Designation& designation : designations) {
    if (!CountsBy(policy.scope, designation.programme, designation.list_version, designation.region_code)) continue;
    const base::Day last = designation.valid_to.value_or(std::numeric_limits<base::Day>::max());
    listed_[designation.region_code].emplace_back(designation.valid_from, last);
    if (!Contains(code_lengths_, designation.region_code.size())) {
      code_lengths_.push_back(designation.region_code.size());
    }
  }
}

bool ScopeJudge::IsKnownPlatform(std::string_view platform) const {
  return Allows(policy_.scope.known_platforms, platform);
}

bool ScopeJudge::IsDesignated(std::string_view origin, base::Day day) const {
  for (const size_t length : code_lengths_) {
    if (length > origin.size()) continue;
    const auto it = listed_.find(base::View(origin.substr(0, length)));
    if (it == listed_.end()) continue;
    for (const auto& [first, last] : it->second) {
      if (first <= day && day <= last) return true;
    }
  }
  return false;
}

Verdict JudgeSale(const Policy& policy, const SaleFacts& sale, absl::FunctionRef<bool()> is_designated) {
  const Scope& scope = policy.scope;
  const std::optional<int64_t> time_ns = sale.times_ns[static_cast<size_t>(policy.period.clock)];
  if (!time_ns) return {LineReason::kNoTime};
  const std::optional<size_t> window = WindowOf(policy.period, DayOfNanos(*time_ns));
  if (!window) return {LineReason::kOutsidePeriod};
  if (!Allows(scope.platforms, sale.platform)) return {LineReason::kPlatformNotListed};
  if (!Allows(scope.commodities, sale.commodity)) return {LineReason::kCommodityNotListed};
  if (!AllowsRegion(scope.origins, sale.origin)) return {LineReason::kOriginNotListed};
  if (!AllowsRegion(scope.destinations, sale.destination)) return {LineReason::kDestinationNotListed};
  if (scope.is_outside_own_county && !LeavesCounty(sale)) return {LineReason::kInsideOwnCounty};
  if (policy.applicant.is_shipper && !sale.is_shipper.value_or(true)) return {LineReason::kNotShipper};
  if (!scope.programmes.empty() && !is_designated()) return {LineReason::kNotDesignated};
  return {LineReason::kInScope, *window};
}

Verdict ScopeJudge::Judge(const SaleFacts& sale) const {
  return JudgeSale(policy_, sale, [&] {
    return IsDesignated(sale.origin, DayOfNanos(*sale.times_ns[static_cast<size_t>(SaleClock::kOrder)]));
  });
}

}  // namespace zhuxiao::reward::engine
