// The screening of one listing for one order.
#include "services/matching/candidate.h"

#include <algorithm>
#include <bit>

#include "services/base/geo.h"

namespace zhuxiao::matching {
namespace {

int64_t AvailableUnits(const MatchOrder& order, const StoredListing& listing) {
  if (order.available_overrides.empty()) return listing.available_units;
  const auto it = order.available_overrides.find(listing.listing_id);
  return it == order.available_overrides.end() ? listing.available_units
                                               : std::min(listing.available_units, std::max<int64_t>(0, it->second));
}

bool IsInScope(const MatchOrder& order, const StoredListing& listing) {
  return listing.scope.empty() || std::any_of(listing.scope.begin(), listing.scope.end(), [&](const std::string& code) {
           return base::IsInside(order.destination_code, code);
         });
}

// Who may trade with whom.
RefusalSet ScreenParties(const MatchOrder& order, const StoredListing& listing) {
  RefusalSet refused = 0;
  const auto& excluded = order.excluded_suppliers;
  if (std::find(excluded.begin(), excluded.end(), *listing.supplier_id) != excluded.end()) {
    refused |= Only(RefusalReason::kSupplierExcluded);
  }
  if (!order.barred_listings.empty()) {
    const auto barred = order.barred_listings.find(listing.listing_id);
    if (barred != order.barred_listings.end()) refused |= Only(barred->second);
  }
  if (!IsInScope(order, listing)) refused |= Only(RefusalReason::kOutOfScope);
  if (order.required_programme.has_value() &&
      !std::binary_search(listing.programmes->begin(), listing.programmes->end(), *order.required_programme)) {
    refused |= Only(RefusalReason::kProgramme);
  }
  if ((order.required_certificates & ~listing.certificates) != 0) refused |= Only(RefusalReason::kCertificate);
  if (!IsPriceAllowed(listing.price_fen, listing.price_base, order.limit_price_fen, order.limit_base)) {
    refused |= Only(RefusalReason::kPriceAboveLimit);
  }
  return refused;
}

// Available units of which each is worth its reserve, and so not less than nothing.
int64_t UnreservedUnits(const Candidate& candidate) {
  if (candidate.unit.PlainFen() >= candidate.reserve.rest_fen) return candidate.available_units;
  return candidate.unit.BonusFen() >= candidate.reserve.first_fen ? candidate.bonus_units : 0;
}

// Units, and whether they are worth moving.
RefusalSet ScreenUnits(const OrderView& view, const StoredListing& listing, Candidate& candidate) {
  candidate.available_units = AvailableUnits(view.order, listing);
  candidate.bonus_units = TrancheUnitsLeft(view.policy, listing.listed_units, candidate.available_units);
  candidate.unit = ListingPart(view.policy, {.value_fen = listing.unit_value_fen,
                                             .days_left = DaysLeft(listing.last_sale_day, view.order.today),
                                             .stall_level = listing.stall_level,
                                             .linkage_ppm = listing.linkage_ppm});
  candidate.unit.gap_fen = GapFen(view.policy, listing.unit_value_fen, view.order.quota_gap_ppm);
  candidate.reserve = ReserveOf(view.policy, listing.price, view.order.today, candidate.unit.bonus_fen);
  const auto transport_fen = TransportFen(view.commodity, candidate.km, listing.weight_base);
  candidate.unit.transport_fen = transport_fen.value_or(0);

  if (candidate.available_units == 0) return Only(RefusalReason::kSoldOut);
  if (candidate.available_units < listing.min_lot_units) return Only(RefusalReason::kMinLot);
  // Transport beyond int64 is beyond any value.
  if (!transport_fen || candidate.unit.BonusFen() < 0) return Only(RefusalReason::kNotWorth);
  const int64_t worthwhile_units = candidate.unit.PlainFen() >= 0 ? candidate.available_units : candidate.bonus_units;
  if (worthwhile_units < listing.min_lot_units) return Only(RefusalReason::kNotWorth);
  candidate.usable_units = UnreservedUnits(candidate);
  candidate.is_reserved = candidate.usable_units < worthwhile_units;
  return candidate.usable_units < listing.min_lot_units ? Only(RefusalReason::kReserved) : 0;
}

}  // namespace

RefusalReason First(RefusalSet set) {
  return set == 0 ? RefusalReason::kNone : static_cast<RefusalReason>(std::countr_zero(set));
}

RefusalSet Screen(const OrderView& view, const StoredListing& listing, Candidate& candidate) {
  candidate = Candidate{.listing = &listing};
  candidate.km = view.distance.km[listing.county];
  candidate.transit_days = static_cast<int32_t>(base::TransitDays(candidate.km));
  candidate.arrival_day = view.ArrivalDay(listing.ready_day, candidate.transit_days);
  RefusalSet refused = ScreenParties(view.order, listing) | ScreenUnits(view, listing, candidate);
  if (candidate.arrival_day > view.order.deliver_by_day) refused |= Only(RefusalReason::kNotDeliverableInTime);
  if (candidate.arrival_day + view.commodity.min_life_days > listing.last_sale_day) {
    refused |= Only(RefusalReason::kTooLittleLifeLeft);
  }
  return refused;
}

}  // namespace zhuxiao::matching
