// Checks that a round is what the clearing may rely on.
#include <cmath>

#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/matching/clear.h"
#include "services/matching/row_faults.h"

namespace zhuxiao::matching {
namespace {

void CheckCommodity(const RoundCommodity& commodity, RowFaults& faults) {
  faults.RequireLeast(commodity.reference_price_fen, 0, "reference_price_fen");
  faults.RequireLeast(commodity.reference_base, 1, "reference_base");
  faults.RequireLeast(commodity.transport_microfen_per_km_base, 0, "transport_microfen_per_km_base");
  faults.RequireLeast(commodity.min_life_days, 0, "min_life_days");
}

void CheckCounty(const base::GeoPoint& county, RowFaults& faults) {
  // Written so that a NaN is a fault too.
  faults.Require(std::abs(county.longitude) <= 180, "longitude", "must be -180 to 180");
  faults.Require(std::abs(county.latitude) <= 90, "latitude", "must be -90 to 90");
}

void CheckListing(const RoundBook& book, const RoundListing& listing, RowFaults& faults) {
  faults.RequirePosition(listing.commodity, book.commodities.size(), "commodity");
  faults.RequirePosition(listing.county, book.counties.size(), "county");
  faults.RequireLeast(listing.units, 0, "units");
  faults.RequireLeast(listing.unit_base, 1, "unit_base");
  faults.RequireLeast(listing.unit_price_fen, 0, "unit_price_fen");
  faults.RequirePpm(listing.linkage_ppm, "linkage_ppm");
  faults.RequireLeast(listing.min_lot_units, 1, "min_lot_units");
}

void CheckInstitution(const RoundInstitution& institution, RowFaults& faults) {
  faults.RequireLeast(institution.limit_fen, 0, "limit_fen");
  faults.RequirePpm(institution.quota_gap_ppm, "quota_gap_ppm");
}

void CheckOrder(const RoundBook& book, const RoundOrder& order, RowFaults& faults) {
  faults.RequirePosition(order.institution, book.institutions.size(), "institution");
  faults.RequirePosition(order.commodity, book.commodities.size(), "commodity");
  faults.RequirePosition(order.county, book.counties.size(), "county");
  faults.RequireLeast(order.quantity_base, 0, "quantity_base");
  faults.RequireLeast(order.limit_price_fen, 0, "limit_price_fen");
  faults.RequireLeast(order.limit_base, 1, "limit_base");
}

template <typename Row, typename Check>
void CheckRows(std::string_view table, const std::vector<Row>& rows, RowFaults& faults, Check check) {
  for (size_t i = 0; i < rows.size(); ++i) {
    faults.At(table, i);
    check(rows[i]);
  }
}

}  // namespace

absl::Status ValidateRound(const RoundBook& book, const ClearingPolicy& policy) {
  RowFaults faults;
  faults.errors().Absorb(Validate(policy.weights));
  CheckRows("commodities", book.commodities, faults, [&](const auto& row) { CheckCommodity(row, faults); });
  CheckRows("counties", book.counties, faults, [&](const auto& row) { CheckCounty(row, faults); });
  CheckRows("listings", book.listings, faults, [&](const auto& row) { CheckListing(book, row, faults); });
  CheckRows("institutions", book.institutions, faults, [&](const auto& row) { CheckInstitution(row, faults); });
  CheckRows("orders", book.orders, faults, [&](const auto& row) { CheckOrder(book, row, faults); });
  return faults.ToStatus();
}

}  // namespace zhuxiao::matching
