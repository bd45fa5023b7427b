#include "clients/offline/one_by_one.h"

#include <algorithm>
#include <optional>

#include "services/base/geo.h"
#include "services/matching/welfare.h"

namespace zhuxiao::offline {
namespace {

using matching::RoundContract;
using matching::RoundListing;
using matching::RoundOrder;

struct Candidate {
  uint32_t listing = 0;
  double rank = 0;  // the greatest first
};

class Server {
 public:
  Server(const matching::RoundBook& book, const matching::ClearingPolicy& policy, Preference preference)
      : book_(book),
        policy_(policy),
        preference_(preference),
        shelves_(book.commodities.size()),
        km_(book.counties.size()) {
    for (uint32_t i = 0; i < book.listings.size(); ++i) {
      const RoundListing& listing = book.listings[i];
      shelves_[listing.commodity].push_back(i);
      units_left_.push_back(listing.units);
      parts_.push_back(
          matching::ListingPart(policy.weights, {.value_fen = ValueFen(listing),
                                                 .days_left = matching::DaysLeft(listing.last_sale_day, policy.today),
                                                 .stall_level = listing.stall_level,
                                                 .linkage_ppm = listing.linkage_ppm}));
    }
    for (const matching::RoundInstitution& institution : book.institutions) fen_left_.push_back(institution.limit_fen);
  }

  std::vector<RoundContract> Run() {
    for (uint32_t j = 0; j < book_.orders.size(); ++j) Serve(j);
    return std::move(contracts_);
  }

 private:
  int64_t ValueFen(const RoundListing& listing) const {
    const matching::RoundCommodity& commodity = book_.commodities[listing.commodity];
    return static_cast<int64_t>(static_cast<__int128>(commodity.reference_price_fen) * listing.unit_base /
                                commodity.reference_base);
  }

  const std::vector<uint16_t>& KmTo(uint32_t county) {
    std::vector<uint16_t>& row = km_[county];
    for (size_t from = row.size(); from < book_.counties.size(); ++from) {
      row.push_back(static_cast<uint16_t>(base::RoadKm(book_.counties[from], book_.counties[county])));
    }
    return row;
  }

  // The listings the order may have, the one it prefers first.
  void FindCandidates(const RoundOrder& order) {
    candidates_.clear();
    const std::vector<uint16_t>& km = KmTo(order.county);
    const int32_t min_life_days = book_.commodities[order.commodity].min_life_days;
    for (const uint32_t i : shelves_[order.commodity]) {
      const RoundListing& listing = book_.listings[i];
      const int64_t arrival_day = std::max(policy_.today, listing.ready_day) + base::TransitDays(km[listing.county]);
      if (units_left_[i] == 0 || arrival_day > order.deliver_by_day ||
          arrival_day + min_life_days > listing.last_sale_day ||
          !matching::IsPriceAllowed(listing.unit_price_fen, listing.unit_base, order.limit_price_fen,
                                    order.limit_base)) {
        continue;
      }
      const std::optional<int64_t> welfare_fen = WelfareFen(order, i, km[listing.county]);
      if (!welfare_fen || *welfare_fen < 0) continue;
      const double rank = preference_ == Preference::kNearest
                              ? -static_cast<double>(km[listing.county])
                              : static_cast<double>(*welfare_fen) / static_cast<double>(listing.unit_base);
      candidates_.push_back({i, rank});
    }
    std::sort(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) {
      return a.rank != b.rank ? a.rank > b.rank : a.listing < b.listing;
    });
  }

  // Of the next unit, with the bonus while units of the first tranche are left.
  std::optional<int64_t> WelfareFen(const RoundOrder& order, uint32_t at, int64_t km) const {
    const RoundListing& listing = book_.listings[at];
    const matching::RoundCommodity& commodity = book_.commodities[order.commodity];
    const matching::BookCommodity rates = {.transport_microfen_per_km_base = commodity.transport_microfen_per_km_base};
    const std::optional<int64_t> transport_fen = matching::TransportFen(rates, km, listing.unit_base);
    if (!transport_fen) return std::nullopt;
    matching::UnitWelfare unit = parts_[at];
    unit.gap_fen =
        matching::GapFen(policy_.weights, unit.value_fen, book_.institutions[order.institution].quota_gap_ppm);
    unit.transport_fen = *transport_fen;
    const bool has_bonus = matching::TrancheUnitsLeft(policy_.weights, listing.units, units_left_[at]) > 0;
    return has_bonus ? unit.BonusFen() : unit.PlainFen();
  }

  void Serve(uint32_t at) {
    const RoundOrder& order = book_.orders[at];
    FindCandidates(order);
    const size_t first = contracts_.size();
    int64_t base_left = order.quantity_base;
    int64_t fen_left = fen_left_[order.institution];
    int64_t least_unit_base = INT64_MAX;
    for (const Candidate& candidate : candidates_) {
      const RoundListing& listing = book_.listings[candidate.listing];
      int64_t units = std::min(units_left_[candidate.listing], base_left / listing.unit_base);
      if (listing.unit_price_fen > 0) units = std::min(units, fen_left / listing.unit_price_fen);
      if (units < listing.min_lot_units) continue;
      contracts_.push_back({.order = at, .listing = candidate.listing, .units = units});
      base_left -= units * listing.unit_base;
      fen_left -= units * listing.unit_price_fen;
      least_unit_base = std::min(least_unit_base, listing.unit_base);
    }
    if (!order.is_partial_allowed && base_left >= least_unit_base) {
      contracts_.resize(first);
      return;
    }
    for (size_t n = first; n < contracts_.size(); ++n) units_left_[contracts_[n].listing] -= contracts_[n].units;
    if (contracts_.size() > first) fen_left_[order.institution] = fen_left;
    std::sort(contracts_.begin() + static_cast<ptrdiff_t>(first), contracts_.end(),
              [](const RoundContract& a, const RoundContract& b) { return a.listing < b.listing; });
  }

  const matching::RoundBook& book_;
  const matching::ClearingPolicy& policy_;
  const Preference preference_;
  std::vector<std::vector<uint32_t>> shelves_;  // listings by commodity
  std::vector<std::vector<uint16_t>> km_;       // from each county, by destination, once asked for
  std::vector<matching::UnitWelfare> parts_;    // the listing's own, by listing
  std::vector<int64_t> units_left_;             // by listing
  std::vector<int64_t> fen_left_;               // by institution
  std::vector<Candidate> candidates_;
  std::vector<RoundContract> contracts_;
};

}  // namespace

std::vector<RoundContract> ServeOneByOne(const matching::RoundBook& book, const matching::ClearingPolicy& policy,
                                         Preference preference) {
  return Server(book, policy, preference).Run();
}

}  // namespace zhuxiao::offline
