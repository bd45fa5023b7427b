#include "tests/property/clearing_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "services/base/geo.h"

namespace zhuxiao::matching {
namespace {

int64_t Km(const RoundBook& book, const RoundListing& listing, const RoundOrder& order) {
  return base::RoadKm(book.counties[listing.county], book.counties[order.county]);
}

int64_t ValueFen(const RoundBook& book, const RoundListing& listing) {
  const RoundCommodity& commodity = book.commodities[listing.commodity];
  return commodity.reference_price_fen * listing.unit_base / commodity.reference_base;
}

int64_t ListingPpm(const ClearingPolicy& policy, const RoundListing& listing) {
  const MatchPolicy& weights = policy.weights;
  int64_t urgency = weights.urgency.back().ppm;
  for (size_t i = weights.urgency.size(); i > 0; --i) {
    if (listing.last_sale_day - policy.today <= weights.urgency[i - 1].days) urgency = weights.urgency[i - 1].ppm;
  }
  const size_t level = std::min<size_t>(listing.stall_level, weights.stall_ppm.size() - 1);
  return urgency + weights.stall_ppm[level] + weights.linkage_weight_ppm * listing.linkage_ppm / 1'000'000;
}

// Welfare of a unit, with the bonus or without it.
int64_t UnitFen(const RoundBook& book, const ClearingPolicy& policy, const RoundListing& listing,
                const RoundOrder& order, bool has_bonus) {
  const int64_t value_fen = ValueFen(book, listing);
  const int64_t ppm = ListingPpm(policy, listing) + (has_bonus ? policy.weights.tranche_bonus_ppm : 0);
  const int64_t gap = value_fen * policy.weights.gap_weight_ppm / 1'000 *
                      book.institutions[order.institution].quota_gap_ppm / 1'000'000'000;
  return value_fen * ppm / 1'000'000 + gap -
         Km(book, listing, order) * book.commodities[listing.commodity].transport_microfen_per_km_base *
             listing.unit_base / 1'000'000;
}

int64_t FirstUnits(const ClearingPolicy& policy, const RoundListing& listing) {
  return listing.units * policy.weights.tranche_ppm / 1'000'000;
}

bool IsPossible(const RoundBook& book, const ClearingPolicy& policy, const RoundListing& listing,
                const RoundOrder& order) {
  if (listing.commodity != order.commodity) return false;
  if (listing.unit_price_fen * order.limit_base > order.limit_price_fen * listing.unit_base) return false;
  const int64_t arrival = std::max(policy.today, listing.ready_day) + 1 + Km(book, listing, order) / 600;
  return arrival <= order.deliver_by_day &&
         arrival + book.commodities[listing.commodity].min_life_days <= listing.last_sale_day;
}

// Tries all units of all pairs, pair by pair.
class Search {
 public:
  Search(const RoundBook& book, const ClearingPolicy& policy) : book_(book), policy_(policy) {
    for (uint32_t j = 0; j < book.orders.size(); ++j) {
      for (uint32_t i = 0; i < book.listings.size(); ++i) {
        if (IsPossible(book, policy, book.listings[i], book.orders[j])) pairs_.push_back({j, i, 0});
      }
    }
    for (const RoundListing& listing : book.listings) units_.push_back(listing.units);
    for (const RoundOrder& order : book.orders) base_.push_back(order.quantity_base);
    for (const RoundInstitution& institution : book.institutions) limit_.push_back(institution.limit_fen);
  }

  int64_t Run() {
    Try(0);
    return best_fen_;
  }

 private:
  void Try(size_t at) {
    if (at == pairs_.size()) {
      if (AreWholeOrdersFilled()) best_fen_ = std::max(best_fen_, WelfareFen());
      return;
    }
    if (at > 0 && pairs_[at].order != pairs_[at - 1].order && !IsFilled(pairs_[at - 1].order)) return;
    RoundContract& pair = pairs_[at];
    const RoundListing& listing = book_.listings[pair.listing];
    const RoundOrder& order = book_.orders[pair.order];
    const int64_t most = std::min(units_[pair.listing], base_[pair.order] / listing.unit_base);
    for (int64_t units = 0; units <= most; ++units) {
      if (units > 0 && units < listing.min_lot_units) continue;
      if (units * listing.unit_price_fen > limit_[order.institution]) break;
      Move(pair, units);
      Try(at + 1);
      Move(pair, 0);
    }
  }

  void Move(RoundContract& pair, int64_t units) {
    const RoundListing& listing = book_.listings[pair.listing];
    const int64_t more = units - pair.units;
    units_[pair.listing] -= more;
    base_[pair.order] -= more * listing.unit_base;
    limit_[book_.orders[pair.order].institution] -= more * listing.unit_price_fen;
    pair.units = units;
  }

  // True unless the order allows no part and is filled in part.
  bool IsFilled(uint32_t order) const {
    if (book_.orders[order].is_partial_allowed) return true;
    int64_t least_unit_base = std::numeric_limits<int64_t>::max();
    for (const RoundContract& pair : pairs_) {
      if (pair.order == order && pair.units > 0) {
        least_unit_base = std::min(least_unit_base, book_.listings[pair.listing].unit_base);
      }
    }
    return base_[order] == book_.orders[order].quantity_base || base_[order] < least_unit_base;
  }

  bool AreWholeOrdersFilled() const {
    for (uint32_t j = 0; j < book_.orders.size(); ++j) {
      if (!IsFilled(j)) return false;
    }
    return true;
  }

  int64_t WelfareFen() const {
    int64_t welfare_fen = 0;
    for (const RoundContract& pair : pairs_) {
      welfare_fen +=
          pair.units * UnitFen(book_, policy_, book_.listings[pair.listing], book_.orders[pair.order], false);
    }
    for (size_t i = 0; i < book_.listings.size(); ++i) {
      const RoundListing& listing = book_.listings[i];
      const int64_t value_fen = ValueFen(book_, listing);
      const int64_t ppm = ListingPpm(policy_, listing);
      const int64_t bonus_fen =
          value_fen * (ppm + policy_.weights.tranche_bonus_ppm) / 1'000'000 - value_fen * ppm / 1'000'000;
      welfare_fen += std::min(listing.units - units_[i], FirstUnits(policy_, listing)) * bonus_fen;
    }
    return welfare_fen;
  }

  const RoundBook& book_;
  const ClearingPolicy& policy_;
  std::vector<RoundContract> pairs_;  // by order
  std::vector<int64_t> units_;        // left, by listing
  std::vector<int64_t> base_;         // left, by order
  std::vector<int64_t> limit_;        // left, by institution
  int64_t best_fen_ = 0;
};

}  // namespace

int64_t GreatestWelfareFen(const RoundBook& book, const ClearingPolicy& policy) { return Search(book, policy).Run(); }

long double DenseBoundFen(const RoundBook& book, const ClearingPolicy& policy, const RoundPrices& prices) {
  const auto fen = [](int64_t price) { return static_cast<long double>(price) / kPriceParts; };
  const auto lambda = [&](size_t k) { return static_cast<long double>(prices.institution[k]) / kLambdaParts; };
  long double bound = 0;
  for (size_t i = 0; i < book.listings.size(); ++i) {
    const int64_t first = FirstUnits(policy, book.listings[i]);
    bound += static_cast<long double>(first) * fen(prices.first_tranche[i]) +
             static_cast<long double>(book.listings[i].units - first) * fen(prices.second_tranche[i]);
  }
  for (size_t k = 0; k < book.institutions.size(); ++k) {
    bound += static_cast<long double>(book.institutions[k].limit_fen) * lambda(k);
  }
  for (const RoundOrder& order : book.orders) {
    long double mu = 0;
    for (size_t i = 0; i < book.listings.size(); ++i) {
      const RoundListing& listing = book.listings[i];
      if (!IsPossible(book, policy, listing, order)) continue;
      const int64_t first = FirstUnits(policy, listing);
      const auto offer = [&](bool has_bonus, int64_t price) {
        const auto welfare = static_cast<long double>(UnitFen(book, policy, listing, order, has_bonus));
        const long double paid = static_cast<long double>(listing.unit_price_fen) * lambda(order.institution);
        mu = std::max(mu, (welfare - fen(price) - paid) / static_cast<long double>(listing.unit_base));
      };
      if (first > 0) offer(true, prices.first_tranche[i]);
      if (listing.units > first) offer(false, prices.second_tranche[i]);
    }
    bound += static_cast<long double>(order.quantity_base) * mu;
  }
  return bound;
}

}  // namespace zhuxiao::matching
