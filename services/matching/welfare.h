// The welfare of one sale unit, in whole fen, as the sum of a part of the listing, a part of the order, and transport
// between two counties. Pure integer functions; the single match and the clearing round share them.
//
//   w = floor(V * (urgency + stall + linkage + bonus) / 10^6)       the listing's part
//     + floor(V * gap_weight * quota_gap / 10^12)                   the order's part
//     - floor(km * transport_microfen_per_km_base * weight / 10^6)  transport
//
// V is the unit's value at the commodity's reference price. Neither the ask nor the limit price is in w: both cost
// nothing to inflate, so they may only constrain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "services/base/clock.h"
#include "services/matching/policy.h"

namespace zhuxiao::matching {

// What a match needs to know of a commodity.
struct BookCommodity {
  std::string code;
  int64_t reference_price_fen = 0;             // per reference_base, >= 1
  int64_t reference_base = 0;                  // base units (grams for goods settled by weight), >= 1
  int64_t transport_microfen_per_km_base = 0;  // microfen per kilometre and gram or piece moved, >= 0
  int32_t min_life_days = 0;                   // days that must be left between delivery and the last-sale day

  friend bool operator==(const BookCommodity&, const BookCommodity&) = default;
};

// floor(reference_price_fen * value_base / reference_base), or nullopt where that is outside int64. For goods settled
// by weight, value_base is the nominal weight of a sale unit in grams.
std::optional<int64_t> UnitValueFen(const BookCommodity& commodity, int64_t value_base);

// The terms of one unit's welfare, in fen. The four terms of the listing's part are differences of running floors in
// the order written, so each is within one fen of its own product and together they are exactly the part.
struct UnitWelfare {
  int64_t value_fen = 0;  // V; not a summand
  int64_t urgency_fen = 0;
  int64_t stall_fen = 0;
  int64_t linkage_fen = 0;
  int64_t bonus_fen = 0;  // only for units of the first tranche
  int64_t gap_fen = 0;
  int64_t transport_fen = 0;  // subtracted

  // Welfare of a unit outside, and inside, the first tranche.
  int64_t PlainFen() const { return urgency_fen + stall_fen + linkage_fen + gap_fen - transport_fen; }
  int64_t BonusFen() const { return PlainFen() + bonus_fen; }

  friend bool operator==(const UnitWelfare&, const UnitWelfare&) = default;
};

// Days from `today` to the last-sale day, negative after it; any two days, since those of open files may lie far apart.
inline int64_t DaysLeft(base::Day last_sale_day, base::Day today) { return int64_t{last_sale_day} - today; }

// What the listing's part depends on.
struct ListingTerms {
  int64_t value_fen = 0;  // V
  int64_t days_left = 0;  // as of DaysLeft
  uint32_t stall_level = 0;
  int64_t linkage_ppm = 0;  // share of the income that reaches linked households
};

// Fills value_fen, urgency_fen, stall_fen, linkage_fen and bonus_fen. Requires a valid policy and value_fen inside
// [0, base::kMaxAmountFen]; within these nothing can overflow.
UnitWelfare ListingPart(const MatchPolicy& policy, const ListingTerms& terms);

// floor(V * gap_weight_ppm * quota_gap_ppm / 10^12): the order's part. Same requirements.
int64_t GapFen(const MatchPolicy& policy, int64_t value_fen, int64_t quota_gap_ppm);

// floor(km * rate * weight_base / 10^6), or nullopt where that is outside int64.
std::optional<int64_t> TransportFen(const BookCommodity& commodity, int64_t km, int64_t weight_base);

// True where price_fen per price_base is not above limit_fen per limit_base; exact for all non-negative int64.
bool IsPriceAllowed(int64_t price_fen, int64_t price_base, int64_t limit_fen, int64_t limit_base);

// floor(listed_units * tranche_ppm / 10^6): the size of a listing's first tranche.
int64_t TrancheUnits(const MatchPolicy& policy, int64_t listed_units);

// How many units of the first tranche are left once all but `available_units` of `listed_units` are gone.
int64_t TrancheUnitsLeft(const MatchPolicy& policy, int64_t listed_units, int64_t available_units);

// What the last settled round said a unit of a listing is worth wherever it is worth most: its prices, whole fen a unit
// rounded down, of the units with the bonus and of the rest, and the day the round was held. All zero: none said so.
struct ListingPrice {
  int64_t first_fen = 0;  // 0 .. base::kMaxAmountFen, both
  int64_t rest_fen = 0;
  base::Day day = 0;

  friend bool operator==(const ListingPrice&, const ListingPrice&) = default;
};

// The least welfare at which a unit of the first tranche, and of the rest, is given to a single order.
struct UnitReserve {
  int64_t first_fen = 0;
  int64_t rest_fen = 0;

  friend bool operator==(const UnitReserve&, const UnitReserve&) = default;
};

// floor(price * reserve_ppm / 10^6) while 0 <= today - price.day <= reserve_days, else nothing. A unit of the first
// tranche is worth `bonus_fen` more to everyone, so no more than that is asked for it beyond the rest: the first units
// of a listing are never the harder ones to get.
UnitReserve ReserveOf(const MatchPolicy& policy, const ListingPrice& price, base::Day today, int64_t bonus_fen);

}  // namespace zhuxiao::matching
