// The policy a match is made under: what counts, and how much. It is data with a version, never constants in code;
// every weight is parts per million of the goods' value at the commodity's reference price.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace zhuxiao::matching {

// The largest weight: ten times the goods' value. Together with kMaxListingValueFen (book.h) and kMaxContracts
// (match.h) it keeps every sum of welfare inside int64.
inline constexpr int64_t kMaxWeightPpm = 10'000'000;

// Rows of the urgency table and stall levels: a rule nobody can read in one glance is not a rule.
inline constexpr size_t kMaxPolicyRows = 32;

// A price of a month ago says nothing about today's market.
inline constexpr int32_t kMaxReserveDays = 30;

// Goods with at most `days` days left to their last-sale day weigh `ppm`.
struct UrgencyRow {
  int32_t days = 0;
  int64_t ppm = 0;

  friend bool operator==(const UrgencyRow&, const UrgencyRow&) = default;
};

// A plain value; compare with ==. Transport rates are the commodity's (welfare.h), not the policy's.
struct MatchPolicy {
  std::string version;              // recorded with every decision
  std::vector<UrgencyRow> urgency;  // by days, ascending; the last row also holds for everything beyond it
  std::vector<int64_t> stall_ppm;   // by stall level, from level 0; a higher level than the last counts as the last
  int64_t linkage_weight_ppm = 0;   // for goods whose whole income reaches linked households
  int64_t gap_weight_ppm = 0;       // for a buyer that has fulfilled nothing of its target
  int64_t tranche_ppm = 0;          // of a listing's listed units; these first units carry the bonus
  int64_t tranche_bonus_ppm = 0;    // so that no village sells nothing while another sells out
  // What a single order must be worth to get a unit, as a share of the price the last settled round gave the unit.
  int64_t reserve_ppm = 0;   // 0 .. 10^6
  int32_t reserve_days = 0;  // how many days after its round a price still counts

  friend bool operator==(const MatchPolicy&, const MatchPolicy&) = default;
};

// OK where every weight is inside [0, kMaxWeightPpm] (tranche_ppm and reserve_ppm inside [0, 10^6], reserve_days
// inside [0, kMaxReserveDays]), the urgency table has 1 to
// kMaxPolicyRows rows of ascending days, and the stall table 1 to kMaxPolicyRows levels; else INVALID_ARGUMENT naming
// every bad field.
absl::Status Validate(const MatchPolicy& policy);

// The policy shipped with the product, version "2020-default-2". Values and reasons:
// - urgency 100 % of value with 2 days left, 80 % with 5, 60 % with 10, 45 % with 20, 35 % with 60, else 30 %: goods
//   that spoil tomorrow are worth their whole price to save; goods in a cold store still deserve a sale, enough for
//   about a thousand kilometres of road for vegetables, the cheapest goods by weight.
// - stall 10 % for a case at the village, +5 % for each level it was escalated to (town, county, city, province).
// - linkage 20 %, quota gap 20 %: they decide between like goods, and never outweigh spoilage.
// - first tranche 10 % of a listing with a bonus of 60 %: in simulated rounds this brought the share of listings that
//   sold nothing from 37 % to 1.3 % for 2.1 % of the welfare.
// - reserve 85 % of the last round's prices, on its day and the next: rounds are held twice a day
//   (services/decisions/2026-11-22-prices-of-rounds-as-reserves.md).
MatchPolicy DefaultMatchPolicy();

// The weight of goods with `days_left` days to their last-sale day. Requires a valid policy.
int64_t UrgencyPpm(const MatchPolicy& policy, int64_t days_left);

// The weight of a stall level (0 is not stalled). Requires a valid policy.
int64_t StallPpm(const MatchPolicy& policy, uint32_t stall_level);

}  // namespace zhuxiao::matching
