// What a policy pays each claimant.
#include "services/reward/engine/award.h"

#include <algorithm>

#include "absl/status/status.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/reward/engine/pool.h"
#include "services/reward/engine/tiers.h"

namespace zhuxiao::reward::engine {
namespace {

bool MeetsThresholds(const Policy& policy, const Totals& totals) {
  return (!policy.least_amount || policy.least_amount->IsMet(totals.net_fen())) &&
         (!policy.least_units || policy.least_units->IsMet(totals.units));
}

// nullopt beyond int64.
std::optional<int64_t> PerUnit(const Grant& grant, const Totals& totals) {
  if (grant.free_units == 0) return totals.unit_value_fen;
  return base::CheckedMul(grant.unit_fen, std::max<int64_t>(0, totals.units - grant.free_units));
}

Award Capped(const Grant& grant, std::optional<int64_t> reward_fen, AwardReason reason) {
  // A sum beyond int64 is beyond any cap; without one the caller has refused it.
  if (grant.cap_fen && (!reward_fen || *reward_fen > *grant.cap_fen)) return {*grant.cap_fen, AwardReason::kCap};
  return {*reward_fen, reason};
}

absl::StatusOr<std::vector<Award>> AwardEach(const Policy& policy, const std::vector<Totals>& totals) {
  if (policy.grant.kind == GrantKind::kTiers)
    return AwardTiers(policy.grant, totals,
                      [&policy](const Totals& claimant) { return MeetsThresholds(policy, claimant); });
  std::vector<Award> awards;
  awards.reserve(totals.size());
  for (const Totals& claimant : totals) {
    auto award = AwardOne(policy, claimant);
    if (!award.ok()) return award.status();
    awards.push_back(*award);
  }
  return awards;
}

}  // namespace

std::string_view AwardReasonName(AwardReason reason) {
  switch (reason) {
    case AwardReason::kBelowThreshold:
      return "below_threshold";
    case AwardReason::kRate:
      return "rate";
    case AwardReason::kCap:
      return "cap";
    case AwardReason::kTier:
      return "tier";
    case AwardReason::kNoTier:
      return "no_tier";
    case AwardReason::kOutsideTop:
      return "outside_top";
    case AwardReason::kTierShared:
      return "tier_shared";
    case AwardReason::kUnitAmount:
      return "unit_amount";
    case AwardReason::kWithinFreeUnits:
      return "within_free_units";
    case AwardReason::kWaiver:
      return "waiver";
    case AwardReason::kPoolShare:
      return "pool_share";
    case AwardReason::kPoolExhausted:
      return "pool_exhausted";
    case AwardReason::kConditionsUnmet:
      return "conditions_unmet";
  }
  return "";
}

std::string JoinReasons(const Period& period, const std::vector<AwardReason>& reasons) {
  std::string joined;
  for (size_t window = 0; window < reasons.size(); ++window) {
    const std::string name = WindowName(period, window);
    base::StrAppend(&joined, joined.empty() ? "" : ";", name, name.empty() ? "" : ":",
                    AwardReasonName(reasons[window]));
  }
  return joined;
}

std::optional<int64_t> UnitValue(const Grant& grant, int64_t units, int64_t cost_fen) {
  const std::optional<int64_t> value_fen = base::CheckedMul(grant.unit_fen, units);
  if (!grant.is_actual_cost_limit) return value_fen;
  return value_fen ? std::min(*value_fen, cost_fen) : cost_fen;
}

absl::StatusOr<Award> AwardOne(const Policy& policy, const Totals& totals) {
  if (!MeetsThresholds(policy, totals)) return Award{0, AwardReason::kBelowThreshold};
  const Grant& grant = policy.grant;
  switch (grant.kind) {
    case GrantKind::kRate:
      return Capped(grant, base::MulDivFloor(totals.net_fen(), grant.rate_basis_points, base::kBasisPoints),
                    AwardReason::kRate);
    case GrantKind::kWaiver:
      return Capped(grant, totals.net_fen(), AwardReason::kWaiver);
    case GrantKind::kPerUnit: {
      if (grant.free_units > 0 && totals.units <= grant.free_units) return Award{0, AwardReason::kWithinFreeUnits};
      const std::optional<int64_t> reward_fen = PerUnit(grant, totals);
      if (!reward_fen && !grant.cap_fen) return absl::OutOfRangeError("a reward is beyond int64");
      return Capped(grant, reward_fen, AwardReason::kUnitAmount);
    }
    case GrantKind::kTiers:
      break;
  }
  return absl::InvalidArgumentError("tiers look at all claimants at once");
}

absl::StatusOr<std::vector<std::vector<Award>>> AwardAll(const Policy& policy,
                                                         const std::vector<WindowSales>& windows) {
  std::vector<std::vector<Award>> result;
  int64_t left_fen = 0;
  for (const WindowSales& window : windows) {
    auto awards = AwardEach(policy, window.totals);
    if (!awards.ok()) return awards.status();
    if (policy.pool) {
      const std::optional<int64_t> fund_fen = base::CheckedAdd(policy.pool->amount_fen, left_fen);
      if (!fund_fen) return absl::OutOfRangeError("a fund is beyond int64");
      left_fen = ShareFund(*policy.pool, *fund_fen, window, *awards);
      if (!policy.pool->rolls_over) left_fen = 0;
    }
    result.push_back(*std::move(awards));
  }
  return result;
}

}  // namespace zhuxiao::reward::engine
