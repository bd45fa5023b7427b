// What one clearing round decides on: the listings, open orders and limits of buyers as they stood when the round was
// closed, and the policy. Plain data, with positions in these tables in place of names.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "services/base/geo.h"
#include "services/matching/policy.h"

namespace zhuxiao::matching {

struct RoundCommodity {
  int64_t reference_price_fen = 0;             // per reference_base, >= 0
  int64_t reference_base = 1;                  // base units, >= 1
  int64_t transport_microfen_per_km_base = 0;  // microfen a kilometre and base unit, >= 0
  int32_t min_life_days = 0;                   // days that must be left between arrival and the last-sale day, >= 0

  friend bool operator==(const RoundCommodity&, const RoundCommodity&) = default;
};

struct RoundListing {
  uint32_t commodity = 0;      // position in RoundBook::commodities
  uint32_t county = 0;         // position in RoundBook::counties: where the goods are
  int64_t units = 0;           // whole sale units for sale, >= 0
  int64_t unit_base = 1;       // base units in a sale unit, >= 1
  int64_t unit_price_fen = 0;  // >= 0
  int32_t ready_day = 0;       // days of the same calendar as RoundPolicy::today
  int32_t last_sale_day = 0;
  int32_t linkage_ppm = 0;    // share of the income that reaches linked households, 0 .. 10^6
  uint32_t stall_level = 0;   // 0: not stalled
  int64_t min_lot_units = 1;  // the fewest units a contract may have, >= 1

  friend bool operator==(const RoundListing&, const RoundListing&) = default;
};

struct RoundInstitution {
  int64_t limit_fen = 0;      // what all contracts of its orders may cost together, >= 0
  int64_t quota_gap_ppm = 0;  // unfulfilled share of its target, 0 .. 10^6

  friend bool operator==(const RoundInstitution&, const RoundInstitution&) = default;
};

struct RoundOrder {
  uint32_t institution = 0;        // position in RoundBook::institutions
  uint32_t commodity = 0;          // position in RoundBook::commodities
  uint32_t county = 0;             // position in RoundBook::counties: where the goods go
  bool is_partial_allowed = true;  // false: filled to within one unit or not at all
  int32_t deliver_by_day = 0;
  int64_t quantity_base = 0;    // >= 0
  int64_t limit_price_fen = 0;  // per limit_base, >= 0
  int64_t limit_base = 1;       // >= 1

  friend bool operator==(const RoundOrder&, const RoundOrder&) = default;
};

// Each table stands in the ascending order of its rows' ids (byte order), which the caller keeps: so the same round
// gives the same book, and the same clearing, however its rows were read.
struct RoundBook {
  std::vector<RoundCommodity> commodities;
  std::vector<base::GeoPoint> counties;
  std::vector<RoundListing> listings;
  std::vector<RoundInstitution> institutions;
  std::vector<RoundOrder> orders;
};

// The policy of a round: the weights, and the day the round counts from.
struct ClearingPolicy {
  int32_t today = 0;
  MatchPolicy weights;
};

// So many units of a listing for an order.
struct RoundContract {
  uint32_t order = 0;    // position in RoundBook::orders
  uint32_t listing = 0;  // position in RoundBook::listings
  int64_t units = 0;     // whole sale units, >= 1

  friend bool operator==(const RoundContract&, const RoundContract&) = default;
};

// Prices are whole numbers of these parts, so that the bound they prove is exact.
inline constexpr int64_t kPriceParts = 1'000'000;       // of a fen, for a listing's unit
inline constexpr int64_t kLambdaParts = 1'000'000'000;  // of a fen of welfare per fen of limit

// Among prices of an earlier round, that of what it did not have.
inline constexpr int64_t kNoPrice = -1;

// The prices that prove how good an allocation is: any such prices, none negative, bound the welfare of every
// allocation (weak duality of linear programs).
struct RoundPrices {
  std::vector<int64_t> first_tranche;   // by listing, in 1/kPriceParts fen a unit, of the units with the bonus
  std::vector<int64_t> second_tranche;  // by listing, in 1/kPriceParts fen a unit, of the rest
  std::vector<int64_t> institution;     // by institution, in 1/kLambdaParts fen per fen of its limit
};

}  // namespace zhuxiao::matching
