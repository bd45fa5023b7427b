#include "services/round/lines.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "services/order/contracting.h"
#include "services/round/pair.h"

namespace zhuxiao::round {

std::string UsccOf(std::string_view institution_id) {
  return std::string(institution_id.substr(0, institution_id.find('/')));
}

std::vector<v1::RoundLine> MakeLines(const round_files::RoundInput& input,
                                     const std::vector<matching::RoundContract>& contracts) {
  const matching::DistanceTable distances(input.book.counties);
  std::vector<v1::RoundLine> lines;
  absl::flat_hash_map<uint32_t, int64_t> sold;  // by listing, in the lines so far
  for (const matching::RoundContract& contract : contracts) {
    const matching::RoundListing& listing = input.book.listings[contract.listing];
    const matching::RoundOrder& order = input.book.orders[contract.order];
    matching::MatchReason reason = PairOf(input, distances, contract.listing, contract.order).reason;
    int64_t& before = sold[contract.listing];
    reason.bonus_units = std::clamp<int64_t>(FirstTrancheUnits(input, listing) - before, 0, contract.units);
    reason.total_fen = contract.units * reason.unit.PlainFen() + reason.bonus_units * reason.unit.bonus_fen;
    before += contract.units;
    v1::RoundLine line;
    line.set_number(static_cast<int64_t>(lines.size()));
    line.set_order_id(std::string(input.ids.orders[contract.order]));
    line.set_institution_uscc(UsccOf(input.ids.institutions[order.institution]));
    line.set_listing_id(std::string(input.ids.listings[contract.listing]));
    line.set_supplier_uscc(std::string(input.ids.suppliers[input.ids.listing_suppliers[contract.listing]]));
    line.set_commodity_code(std::string(input.ids.commodities[listing.commodity]));
    line.set_units(contract.units);
    line.set_sale_unit_base(listing.unit_base);
    line.mutable_unit_price()->set_amount_fen(listing.unit_price_fen);
    *line.mutable_match_reason() = order::ToMatchReason(reason, input.policy.weights.version);
    line.set_state(v1::ROUND_LINE_STATE_PENDING);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace zhuxiao::round
