// Rewards, a second time.
#include "clients/cli/verify_rewards.h"

#include <optional>
#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

using reward::engine::GrantKind;
using reward::engine::Policy;
using reward::engine::SaleClock;
using reward::engine::Unit;
using reward::engine::Window;
using reward::v1::OnlineSale;
using Wide = __int128;

bool Has(const std::vector<std::string>& list, const std::string& text) {
  for (const std::string& item : list) {
    if (item == text) return true;
  }
  return false;
}

bool HasRegion(const std::vector<std::string>& list, const std::string& code) {
  for (const std::string& region : list) {
    if (absl::StartsWith(code, region)) return true;
  }
  return false;
}

std::optional<google::protobuf::Timestamp> ClockOf(const Policy& policy, const OnlineSale& sale) {
  if (policy.period.clock == SaleClock::kOrder) return sale.order_time();
  if (policy.period.clock == SaleClock::kPayment && sale.has_payment_time()) return sale.payment_time();
  if (policy.period.clock == SaleClock::kWaybill && sale.has_waybill_time()) return sale.waybill_time();
  if (policy.period.clock == SaleClock::kAcceptance && sale.has_accept_time()) return sale.accept_time();
  return std::nullopt;
}

// The day in Shanghai, eight hours ahead of UTC.
absl::CivilDay DayOf(const google::protobuf::Timestamp& time) {
  return absl::ToCivilDay(absl::FromUnixSeconds(time.seconds()) + absl::Hours(8), absl::UTCTimeZone());
}

std::string WindowOf(const Policy& policy, absl::CivilDay day) {
  if (policy.period.window == Window::kWhole) return "";
  return base::StrCat(day.year(), "Q", (day.month() + 2) / 3);
}

bool IsListed(const Policy& policy, const OnlineSale& sale) {
  if (policy.scope.programmes.empty()) return true;
  const std::set<int64_t> levels(policy.scope.levels.begin(), policy.scope.levels.end());
  for (const auto& list : sale.designations()) {
    const bool is_version = policy.scope.list_version.empty() || policy.scope.list_version == list.list_version();
    const bool is_level = levels.empty() || levels.contains(static_cast<int64_t>(list.region_code().size()));
    if (Has(policy.scope.programmes, list.programme()) && is_version && is_level) return true;
  }
  return false;
}

bool IsInScope(const Policy& policy, const OnlineSale& sale) {
  const auto& scope = policy.scope;
  if (!scope.platforms.empty() && !Has(scope.platforms, sale.platform_uscc())) return false;
  if (!scope.commodities.empty() && !Has(scope.commodities, sale.commodity_code())) return false;
  if (!scope.origins.empty() && !HasRegion(scope.origins, sale.origin_code())) return false;
  if (!scope.destinations.empty() && !HasRegion(scope.destinations, sale.destination_code())) return false;
  if (scope.is_outside_own_county) {
    const std::string from = sale.origin_code().substr(0, 6);
    const std::string to = sale.destination_code().substr(0, 6);
    if (from.size() < 6 || to.size() < 6 || from == to) return false;
  }
  const bool is_others =
      policy.applicant.is_shipper && !sale.shipper_uscc().empty() && sale.shipper_uscc() != sale.claimant_uscc();
  return !is_others && IsListed(policy, sale);
}

Unit UnitOf(const Policy& policy) {
  return policy.grant.kind == GrantKind::kPerUnit ? policy.grant.unit : policy.threshold_unit;
}

bool Reaches(const std::optional<reward::engine::Threshold>& least, int64_t number) {
  if (!least) return true;
  return least->is_inclusive ? number >= least->value : number > least->value;
}

int64_t TierOf(const Policy& policy, int64_t net_fen) {
  for (const auto& tier : policy.grant.tiers) {
    if (net_fen >= tier.from_fen && (!tier.below_fen || net_fen < *tier.below_fen)) return tier.reward_fen;
  }
  return 0;
}

int64_t WindowReward(const Policy& policy, const WindowSums& sums) {
  const int64_t net_fen = sums.counted_fen - sums.refunded_fen;
  if (!Reaches(policy.least_amount, net_fen) || !Reaches(policy.least_units, sums.units)) return 0;
  Wide reward_fen = 0;
  if (policy.grant.kind == GrantKind::kRate) {
    reward_fen = static_cast<Wide>(net_fen) * policy.grant.rate_basis_points / 10'000;
  } else if (policy.grant.kind == GrantKind::kWaiver) {
    reward_fen = net_fen;
  } else if (policy.grant.kind == GrantKind::kTiers) {
    reward_fen = TierOf(policy, net_fen);
  } else if (policy.grant.free_units == 0) {
    reward_fen = sums.unit_value_fen;
  } else if (sums.units > policy.grant.free_units) {
    reward_fen = static_cast<Wide>(sums.units - policy.grant.free_units) * policy.grant.unit_fen;
  }
  if (policy.grant.cap_fen && reward_fen > *policy.grant.cap_fen) reward_fen = *policy.grant.cap_fen;
  return static_cast<int64_t>(reward_fen);
}

int64_t WindowsOf(const Policy& policy) {
  if (policy.period.window == Window::kWhole) return 1;
  const absl::CivilDay first = absl::CivilDay(1970, 1, 1) + policy.period.first_day;
  const absl::CivilDay last = absl::CivilDay(1970, 1, 1) + policy.period.last_day;
  return (last.year() - first.year()) * 4 + (last.month() + 2) / 3 - (first.month() + 2) / 3 + 1;
}

}  // namespace

void AddSale(const Policy& policy, const OnlineSale& sale, RewardSums& sums) {
  const auto time = ClockOf(policy, sale);
  if (!time) return;
  const absl::CivilDay day = DayOf(*time);
  const auto number = day - absl::CivilDay(1970, 1, 1);
  if (number < policy.period.first_day || number > policy.period.last_day || !IsInScope(policy, sale)) return;
  WindowSums& window = sums[WindowOf(policy, day)];
  window.counted_fen += sale.amount().amount_fen();
  window.refunded_fen += sale.refunded().amount_fen();
  if (sale.refunded().amount_fen() == sale.amount().amount_fen()) return;
  const int64_t units = UnitOf(policy) == Unit::kOrder ? 1 : sale.parcels();
  window.units += units;
  if (policy.grant.kind != GrantKind::kPerUnit) return;
  const int64_t value_fen = units * policy.grant.unit_fen;
  const int64_t fee_fen = sale.parcel_fee().amount_fen();
  window.unit_value_fen += policy.grant.is_actual_cost_limit && fee_fen < value_fen ? fee_fen : value_fen;
}

int64_t RewardOf(const Policy& policy, const RewardSums& sums) {
  // A window without sales may pay too: a tier from 0 on.
  int64_t reward_fen = (WindowsOf(policy) - static_cast<int64_t>(sums.size())) * WindowReward(policy, {});
  for (const auto& [name, window] : sums) reward_fen += WindowReward(policy, window);
  return reward_fen;
}

int64_t NetOf(const RewardSums& sums) {
  int64_t net_fen = 0;
  for (const auto& [name, window] : sums) net_fen += window.counted_fen - window.refunded_fen;
  return net_fen;
}

bool IsShared(const Policy& policy) {
  for (const auto& tier : policy.grant.tiers) {
    if (tier.top) return true;
  }
  return policy.pool.has_value();
}

int64_t FundOf(const Policy& policy) { return policy.pool ? policy.pool->amount_fen * WindowsOf(policy) : 0; }

}  // namespace zhuxiao::cli
