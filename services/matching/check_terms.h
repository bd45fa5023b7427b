// The numbers of the formula as the check computes them, in exact wide integers. Internal to the check, and not
// used by Clear: two computations that agree are worth more than one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "services/matching/round_book.h"

namespace zhuxiao::matching::check {

using Wide = __int128;

// Transport above this is taken as this: 10^7 times more than all else a unit may bring, so it is never worth moving,
// and small enough to be counted in parts of 10^-9 fen.
inline constexpr Wide kMostTransportFen = Wide{1'000'000'000'000'000} * 1'000'000'000'000;

// What a listing brings to every pair.
struct ListingFigures {
  int64_t value_fen = 0;    // V
  int64_t plain_fen = 0;    // the listing's part of w without the bonus
  int64_t bonus_fen = 0;    // how much more it is for a unit of the first tranche
  int64_t first_units = 0;  // size of the first tranche
  int64_t from_day = 0;     // the first day the goods can leave
};

// The figures of all listings; nullopt where one is outside int64.
std::optional<std::vector<ListingFigures>> FiguresOf(const RoundBook& book, const ClearingPolicy& policy);

// floor(V * gap_weight_ppm * quota_gap_ppm / 10^12).
Wide GapFen(const ClearingPolicy& policy, int64_t value_fen, int64_t quota_gap_ppm);

// floor(km * transport_microfen_per_km_base * b / 10^6), at most kMostTransportFen.
Wide TransportFen(const RoundCommodity& commodity, int64_t km, int64_t unit_base);

// True where the listing's price is within the order's limit price.
bool IsWithinLimitPrice(const RoundListing& listing, const RoundOrder& order);

// The day the goods arrive.
inline int64_t ArrivalDay(const ListingFigures& figures, int64_t transit_days) {
  return figures.from_day + transit_days;
}

}  // namespace zhuxiao::matching::check
