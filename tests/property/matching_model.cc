// The slow and obvious model.
#include "tests/property/matching_model.h"

#include <algorithm>

#include "services/base/geo.h"

namespace zhuxiao::matching {
namespace {

using Wide = __int128;

int64_t Floor(Wide numerator, Wide denominator) { return static_cast<int64_t>(numerator / denominator); }

int64_t Urgency(const MatchPolicy& policy, int days_left) {
  for (const auto& row : policy.urgency) {
    if (days_left <= row.days) return row.ppm;
  }
  return policy.urgency.back().ppm;
}

bool IsAdmitted(const BookListing& listing, const MatchOrder& order) {
  for (const auto& supplier : order.excluded_suppliers) {
    if (supplier == listing.supplier_id) return false;
  }
  if (order.required_programme && std::find(listing.programmes.begin(), listing.programmes.end(),
                                            *order.required_programme) == listing.programmes.end()) {
    return false;
  }
  if ((listing.certificates & order.required_certificates) != order.required_certificates) return false;
  const auto covers = [&](const std::string& code) {
    return order.destination_code.compare(0, code.size(), code) == 0;
  };
  if (!listing.scope.empty() && std::none_of(listing.scope.begin(), listing.scope.end(), covers)) return false;
  return Wide{listing.price_fen} * order.limit_base <= Wide{order.limit_price_fen} * listing.price_base;
}

struct ModelPart {
  const ModelListing* owner;
  int rank;  // lot, first tranche, rest
  int64_t units;
  bool is_whole_only;
  int64_t worth_fen;  // of all units of a lot, else of one

  int64_t Base() const { return (is_whole_only ? units : 1) * owner->listing.sale_unit_base; }
};

std::vector<ModelPart> SortedParts(const std::vector<ModelListing>& serving) {
  std::vector<ModelPart> parts;
  for (const auto& s : serving) {
    const int64_t lot = s.listing.min_lot_units > 1 ? s.listing.min_lot_units : 0;
    const int64_t first = std::max<int64_t>(0, std::min(s.bonus_units, s.max_units) - lot);
    if (lot > 0) parts.push_back({&s, 0, lot, true, s.WorthFen(lot)});
    if (first > 0) parts.push_back({&s, 1, first, false, s.bonus_fen - s.bonus_reserve_fen});
    const int64_t rest = s.max_units - lot - first;
    if (rest > 0) parts.push_back({&s, 2, rest, false, s.plain_fen - s.plain_reserve_fen});
  }
  std::sort(parts.begin(), parts.end(), [](const ModelPart& a, const ModelPart& b) {
    const Wide left = Wide{a.worth_fen} * b.Base();
    const Wide right = Wide{b.worth_fen} * a.Base();
    if (left != right) return left > right;
    if (a.owner != b.owner) return a.owner->listing.listing_id < b.owner->listing.listing_id;
    return a.rank < b.rank;
  });
  return parts;
}

class Enumeration {
 public:
  Enumeration(const std::vector<ModelListing>& serving, const MatchOrder& order) : serving_(serving), order_(order) {
    for (const auto& s : serving) {
      if (!smallest_unit_ || s.listing.sale_unit_base < *smallest_unit_) smallest_unit_ = s.listing.sale_unit_base;
    }
  }

  std::optional<int64_t> Run() {
    Try(0, order_.quantity_base, order_.remaining_limit_fen.value_or(INT64_MAX), order_.max_contracts, 0);
    return best_;
  }

 private:
  void Try(size_t at, int64_t base_left, int64_t fen_left, int contracts_left, int64_t worth) {
    if (at == serving_.size()) {
      const bool is_filled = smallest_unit_ && base_left < *smallest_unit_ && base_left < order_.quantity_base;
      if ((order_.allow_partial || is_filled) && (!best_ || worth > *best_)) best_ = worth;
      return;
    }
    const ModelListing& s = serving_[at];
    for (int64_t units = 0; units <= s.max_units; ++units) {
      if (units > 0 && units < s.listing.min_lot_units) continue;
      const int64_t base = units * s.listing.sale_unit_base;
      const int64_t fen = units * s.listing.unit_price_fen;
      if (base > base_left || fen > fen_left || (units > 0 && contracts_left == 0)) break;
      Try(at + 1, base_left - base, fen_left - fen, contracts_left - (units > 0 ? 1 : 0), worth + s.WorthFen(units));
    }
  }

  const std::vector<ModelListing>& serving_;
  const MatchOrder& order_;
  std::optional<int64_t> smallest_unit_;
  std::optional<int64_t> best_;
};

}  // namespace

int64_t ModelListing::WelfareFen(int64_t units) const {
  int64_t sum = 0;
  for (int64_t unit = 0; unit < units; ++unit) sum += unit < bonus_units ? bonus_fen : plain_fen;
  return sum;
}

int64_t ModelListing::WorthFen(int64_t units) const {
  int64_t sum = WelfareFen(units);
  for (int64_t unit = 0; unit < units; ++unit) sum -= unit < bonus_units ? bonus_reserve_fen : plain_reserve_fen;
  return sum;
}

Allocation ToAllocation(const MatchResult& result) {
  Allocation allocation;
  for (const auto& proposal : result.proposals) allocation[proposal.listing_id] = proposal.units;
  return allocation;
}

std::vector<ModelListing> Serving(const base::CountyTable& counties, const BookCommodity& commodity,
                                  const std::vector<BookListing>& listings, const MatchPolicy& policy,
                                  const MatchOrder& order) {
  std::vector<ModelListing> serving;
  for (const BookListing& listing : listings) {
    if (listing.commodity != order.commodity || !IsAdmitted(listing, order)) continue;
    const int64_t km =
        base::RoadKm(counties.Find(listing.origin_code)->centroid, counties.Find(order.destination_code)->centroid);
    const int64_t arrival =
        std::max<int64_t>(std::max(order.today, listing.ready_day) + 1 + km / 600, order.deliver_from_day);
    if (arrival > order.deliver_by_day || arrival + commodity.min_life_days > listing.last_sale_day) continue;

    ModelListing model{.listing = listing};
    const Wide value = Wide{commodity.reference_price_fen} * listing.value_base / commodity.reference_base;
    const int64_t stall = policy.stall_ppm[std::min<size_t>(listing.stall_level, policy.stall_ppm.size() - 1)];
    const int64_t ppm = Urgency(policy, listing.last_sale_day - order.today) + stall +
                        policy.linkage_weight_ppm * listing.linkage_ppm / 1'000'000;
    const int64_t order_part = Floor(value * policy.gap_weight_ppm * order.quota_gap_ppm, Wide{1'000'000'000'000});
    const int64_t transport =
        Floor(Wide{km} * commodity.transport_microfen_per_km_base * listing.weight_base, 1'000'000);
    model.plain_fen = Floor(value * ppm, 1'000'000) + order_part - transport;
    model.bonus_fen = Floor(value * (ppm + policy.tranche_bonus_ppm), 1'000'000) + order_part - transport;

    int64_t available = listing.available_units;
    if (const auto it = order.available_overrides.find(listing.listing_id); it != order.available_overrides.end()) {
      available = std::min(available, it->second);
    }
    const int64_t tranche = Floor(Wide{listing.listed_units} * policy.tranche_ppm, 1'000'000);
    model.bonus_units = std::max<int64_t>(0, tranche - (listing.listed_units - available));
    if (order.today >= listing.price.day && order.today <= listing.price.day + policy.reserve_days) {
      model.plain_reserve_fen = Floor(Wide{listing.price.rest_fen} * policy.reserve_ppm, 1'000'000);
      model.bonus_reserve_fen = std::min(Floor(Wide{listing.price.first_fen} * policy.reserve_ppm, 1'000'000),
                                         model.plain_reserve_fen + model.bonus_fen - model.plain_fen);
    }
    if (model.bonus_fen >= 0 && model.bonus_fen >= model.bonus_reserve_fen) model.max_units = model.bonus_units;
    if (model.plain_fen >= 0 && model.plain_fen >= model.plain_reserve_fen) model.max_units = available;
    model.max_units = std::min(available, model.max_units);
    if (model.max_units >= listing.min_lot_units) serving.push_back(model);
  }
  return serving;
}

std::optional<int64_t> BestWorthFen(const std::vector<ModelListing>& serving, const MatchOrder& order) {
  return Enumeration(serving, order).Run();
}

std::optional<Allocation> TakeInOrder(const std::vector<ModelListing>& serving, const MatchOrder& order) {
  Allocation allocation;
  int64_t base_left = order.quantity_base;
  int64_t fen_left = order.remaining_limit_fen.value_or(INT64_MAX);
  for (const ModelPart& part : SortedParts(serving)) {
    if (base_left == 0) break;
    const BookListing& listing = part.owner->listing;
    int64_t units = std::min({part.units, base_left / listing.sale_unit_base, fen_left / listing.unit_price_fen});
    if (units < part.units && (part.is_whole_only || base_left != units * listing.sale_unit_base)) return std::nullopt;
    allocation[listing.listing_id] += units;
    if (allocation.size() > static_cast<size_t>(order.max_contracts)) return std::nullopt;
    base_left -= units * listing.sale_unit_base;
    fen_left -= units * listing.unit_price_fen;
  }
  return allocation;
}

}  // namespace zhuxiao::matching
