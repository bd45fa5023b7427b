#include "services/round/pair.h"

#include <algorithm>

#include "services/base/geo.h"
#include "services/matching/welfare.h"

namespace zhuxiao::round {
namespace {

v1::RoundReason BarOf(const matching::RoundCommodity& commodity, const matching::RoundListing& listing,
                      const matching::RoundOrder& order, int64_t arrival) {
  if (listing.commodity != order.commodity) return v1::ROUND_REASON_NO_COUNTERPART;
  if (arrival > order.deliver_by_day) return v1::ROUND_REASON_ARRIVES_TOO_LATE;
  if (arrival + commodity.min_life_days > listing.last_sale_day) return v1::ROUND_REASON_TOO_LITTLE_LIFE;
  if (!matching::IsPriceAllowed(listing.unit_price_fen, listing.unit_base, order.limit_price_fen, order.limit_base)) {
    return v1::ROUND_REASON_PRICE_ABOVE_LIMIT;
  }
  return v1::ROUND_REASON_UNSPECIFIED;
}

}  // namespace

Pair PairOf(const round_files::RoundInput& input, const matching::DistanceTable& distances, uint32_t listing,
            uint32_t order) {
  return PairOf(input, distances, input.book.listings[listing], input.book.orders[order]);
}

Pair PairOf(const round_files::RoundInput& input, const matching::DistanceTable& distances,
            const matching::RoundListing& listing, const matching::RoundOrder& order) {
  const matching::RoundBook& book = input.book;
  const matching::MatchPolicy& weights = input.policy.weights;
  const matching::RoundCommodity& row = book.commodities[listing.commodity];
  const matching::BookCommodity commodity = {.code = "",
                                             .reference_price_fen = row.reference_price_fen,
                                             .reference_base = row.reference_base,
                                             .transport_microfen_per_km_base = row.transport_microfen_per_km_base,
                                             .min_life_days = row.min_life_days};
  Pair pair;
  matching::MatchReason& reason = pair.reason;
  reason.km = distances.RowTo(order.county).km[listing.county];
  reason.transit_days = static_cast<int32_t>(base::TransitDays(reason.km));
  reason.days_left = matching::DaysLeft(listing.last_sale_day, input.policy.today);
  const int64_t arrival = std::max<int64_t>(input.policy.today, listing.ready_day) + reason.transit_days;
  reason.arrival_day = static_cast<base::Day>(arrival);
  pair.bar = BarOf(row, listing, order, arrival);
  reason.unit =
      matching::ListingPart(weights, {.value_fen = matching::UnitValueFen(commodity, listing.unit_base).value_or(0),
                                      .days_left = reason.days_left,
                                      .stall_level = listing.stall_level,
                                      .linkage_ppm = listing.linkage_ppm});
  reason.unit.gap_fen =
      matching::GapFen(weights, reason.unit.value_fen, book.institutions[order.institution].quota_gap_ppm);
  reason.unit.transport_fen = matching::TransportFen(commodity, reason.km, listing.unit_base).value_or(INT64_MAX / 4);
  return pair;
}

int64_t FirstTrancheUnits(const round_files::RoundInput& input, const matching::RoundListing& listing) {
  return matching::TrancheUnits(input.policy.weights, listing.units);
}

}  // namespace zhuxiao::round
