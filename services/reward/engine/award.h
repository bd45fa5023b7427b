// What a policy pays each claimant for what its sales sum to. Pure: the same sums give the same awards, to the fen, on
// any machine. This is the one place where rewards are computed; the server and the offline calculator both call it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/reward/engine/policy.h"

namespace zhuxiao::reward::engine {

// A claimant's counted sales in one window. None is negative, and refunded_fen is at most counted_fen.
struct Totals {
  int64_t counted_fen = 0;
  int64_t refunded_fen = 0;
  int64_t units = 0;           // parcels or orders (CountedUnit) of sales not refunded in full
  int64_t unit_value_fen = 0;  // the sum of UnitValue over them

  int64_t net_fen() const { return counted_fen - refunded_fen; }
};

// A payment that a first-come pool may still make, in the order in which it makes them.
struct Draw {
  size_t claimant = 0;  // index into `totals`
  int64_t value_fen = 0;
};

struct WindowSales {
  std::vector<Totals> totals;  // by claimant, the same claimants in each window, sorted by code
  std::vector<Draw> draws;     // first-come pools only
};

// Why a claimant gets what it gets. The names (AwardReasonName) are what statement.csv says; they never change.
enum class AwardReason {
  kBelowThreshold,   // below_threshold
  kRate,             // rate: the share of net sales
  kCap,              // cap: the most a claimant can get
  kTier,             // tier
  kNoTier,           // no_tier: net sales below the lowest tier or between two
  kOutsideTop,       // outside_top: the tier pays fewer claimants
  kTierShared,       // tier_shared: level with others at the last places of the tier
  kUnitAmount,       // unit_amount: the sum a parcel or order
  kWithinFreeUnits,  // within_free_units
  kWaiver,           // waiver: the fees themselves
  kPoolShare,        // pool_share: the fund did not suffice
  kPoolExhausted,    // pool_exhausted: nothing was left in the fund
  kConditionsUnmet,  // conditions_unmet: the applicant does not meet what the policy asks for, and so shares nothing
};
std::string_view AwardReasonName(AwardReason reason);

struct Award {
  int64_t reward_fen = 0;
  AwardReason reason = AwardReason::kBelowThreshold;
  bool operator==(const Award&) const = default;
};

// The reason of a claimant's awards in all windows of a period: the name of the one, or
// "2023Q1:unit_amount;2023Q2:pool_share".
std::string JoinReasons(const Period& period, const std::vector<AwardReason>& reasons);

// What one line's parcels, or one order, are worth under a kPerUnit grant: units * unit_fen, or `cost_fen` where the
// grant is limited to actual cost and that is less. nullopt beyond int64.
std::optional<int64_t> UnitValue(const Grant& grant, int64_t units, int64_t cost_fen);

// The awards by window and claimant. OUT_OF_RANGE where one would not fit int64.
absl::StatusOr<std::vector<std::vector<Award>>> AwardAll(const Policy& policy, const std::vector<WindowSales>& windows);

// What a policy without tiers and pool, which so looks at one claimant at a time, pays for `totals`.
absl::StatusOr<Award> AwardOne(const Policy& policy, const Totals& totals);

}  // namespace zhuxiao::reward::engine
