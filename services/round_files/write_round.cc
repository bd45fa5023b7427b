#include "services/round_files/write_round.h"

#include "services/round_files/policy_file.h"
#include "services/round_files/write_batch.h"

namespace zhuxiao::round_files {
namespace {

void FormatCommodities(const RoundInput& input, FileSink sink) {
  Lines lines("commodities.csv",
              "commodity,reference_price_fen,reference_base,transport_microfen_per_km_base,min_life_days", sink);
  for (size_t i = 0; i < input.book.commodities.size(); ++i) {
    const matching::RoundCommodity& row = input.book.commodities[i];
    lines.Text(input.ids.commodities[i]);
    lines.Integer(row.reference_price_fen);
    lines.Integer(row.reference_base);
    lines.Integer(row.transport_microfen_per_km_base);
    lines.Integer(row.min_life_days);
    lines.End();
  }
}

void FormatCounties(const RoundInput& input, FileSink sink) {
  Lines lines("counties.csv", "code,longitude,latitude", sink);
  for (size_t i = 0; i < input.book.counties.size(); ++i) {
    lines.Text(input.ids.counties[i]);
    lines.Number(input.book.counties[i].longitude);
    lines.Number(input.book.counties[i].latitude);
    lines.End();
  }
}

void FormatListings(const RoundInput& input, FileSink sink) {
  Lines lines("listings.csv",
              "listing_id,supplier_id,county_code,village_code,commodity,units,unit_base,unit_price_fen,ready_day,"
              "last_sale_day,linkage_ppm,stall_level,min_lot_units",
              sink);
  const RoundIds& ids = input.ids;
  for (size_t i = 0; i < input.book.listings.size(); ++i) {
    const matching::RoundListing& row = input.book.listings[i];
    lines.Text(ids.listings[i]);
    lines.Text(ids.suppliers[ids.listing_suppliers[i]]);
    lines.Text(ids.counties[row.county]);
    const uint32_t village = ids.listing_villages[i];
    lines.Text(village == kNoVillage ? std::string_view() : ids.villages[village]);
    lines.Text(ids.commodities[row.commodity]);
    lines.Integer(row.units);
    lines.Integer(row.unit_base);
    lines.Integer(row.unit_price_fen);
    lines.Integer(row.ready_day);
    lines.Integer(row.last_sale_day);
    lines.Integer(row.linkage_ppm);
    lines.Integer(row.stall_level);
    lines.Integer(row.min_lot_units);
    lines.End();
  }
}

void FormatInstitutions(const RoundInput& input, FileSink sink) {
  Lines lines("institutions.csv", "institution_id,limit_fen,quota_gap_ppm", sink);
  for (size_t i = 0; i < input.book.institutions.size(); ++i) {
    lines.Text(input.ids.institutions[i]);
    lines.Integer(input.book.institutions[i].limit_fen);
    lines.Integer(input.book.institutions[i].quota_gap_ppm);
    lines.End();
  }
}

void FormatOrders(const RoundInput& input, FileSink sink) {
  Lines lines("orders.csv",
              "order_id,institution_id,commodity,quantity_base,limit_price_fen,limit_base,county_code,deliver_by_day,"
              "allow_partial",
              sink);
  for (size_t i = 0; i < input.book.orders.size(); ++i) {
    const matching::RoundOrder& row = input.book.orders[i];
    lines.Text(input.ids.orders[i]);
    lines.Text(input.ids.institutions[row.institution]);
    lines.Text(input.ids.commodities[row.commodity]);
    lines.Integer(row.quantity_base);
    lines.Integer(row.limit_price_fen);
    lines.Integer(row.limit_base);
    lines.Text(input.ids.counties[row.county]);
    lines.Integer(row.deliver_by_day);
    lines.Integer(row.is_partial_allowed ? 1 : 0);
    lines.End();
  }
}

}  // namespace

void FormatRound(const RoundInput& input, FileSink sink) {
  FormatCommodities(input, sink);
  FormatCounties(input, sink);
  FormatListings(input, sink);
  FormatInstitutions(input, sink);
  FormatOrders(input, sink);
  sink("policy.toml", FormatPolicy(input.policy));
}

absl::Status WriteRound(const std::string& dir, const RoundInput& input) {
  WriteBatch batch(dir);
  std::string_view file;
  const auto sink = [&](std::string_view name, std::string_view text) {
    if (name != file) batch.Begin(name);
    file = name;
    batch.Append(text);
  };
  FormatRound(input, sink);
  return batch.Commit();
}

}  // namespace zhuxiao::round_files
