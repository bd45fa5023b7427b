// The exact question whether, how far and at which welfare a listing can serve an order. Internal to the module.
#pragma once

#include <cstdint>
#include <string>

#include "services/matching/match.h"
#include "services/matching/shelf.h"

namespace zhuxiao::matching {

// An order with what is looked up once. Refers to its parts: valid while they and the shelf's lock are held.
struct OrderView {
  const MatchPolicy& policy;
  const MatchOrder& order;
  const BookCommodity& commodity;
  DistanceRow distance;
  size_t county_count = 0;

  // The day goods of a listing would be delivered, given the transit days.
  base::Day ArrivalDay(base::Day ready_day, int32_t transit_days) const {
    return std::max(std::max(order.today, ready_day) + transit_days, order.deliver_from_day);
  }
};

// A set of RefusalReasons; bit n is reason n.
using RefusalSet = uint32_t;
constexpr RefusalSet Only(RefusalReason reason) { return RefusalSet{1} << static_cast<unsigned>(reason); }
// The first reason of a set, kNone of an empty one.
RefusalReason First(RefusalSet set);

// A listing as this order sees it.
struct Candidate {
  const StoredListing* listing = nullptr;
  UnitWelfare unit;
  UnitReserve reserve;
  int64_t available_units = 0;
  int64_t bonus_units = 0;   // left of the first tranche
  int64_t usable_units = 0;  // available units of non-negative welfare, not below their reserve
  bool is_reserved = false;  // some more would be usable without the reserve
  int64_t km = 0;
  int32_t transit_days = 0;
  base::Day arrival_day = 0;

  // Welfare of a contract of `units`.
  int64_t WelfareFen(int64_t units) const {
    return units * unit.PlainFen() + std::min(units, bonus_units) * unit.bonus_fen;
  }
  // What a contract of `units`, at most usable_units, must have at least; never above its welfare.
  int64_t ReserveFen(int64_t units) const {
    const int64_t first_units = std::min(units, bonus_units);
    return first_units * reserve.first_fen + (units - first_units) * reserve.rest_fen;
  }
  // What the contract is worth beyond that: what a match makes the most of.
  int64_t WorthFen(int64_t units) const { return WelfareFen(units) - ReserveFen(units); }
};

// True where the smallest contract is more than one unit.
inline bool HasLot(const Candidate& candidate) { return candidate.listing->min_lot_units > 1; }

// Fills `candidate` and returns every reason that keeps the listing from serving the order, whatever else the order
// takes; empty where it can serve.
RefusalSet Screen(const OrderView& view, const StoredListing& listing, Candidate& candidate);

}  // namespace zhuxiao::matching
