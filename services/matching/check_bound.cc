// A listing's offer to an order is exact, in wide integers. Most are never computed: all listings of a commodity in one
// county share the distance, and where even the best of them at the least price cannot reach what the order was offered
// already, by a figure in doubles with a margin far above their error, the county is passed over.
#include "services/matching/check_bound.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <thread>

#include "services/base/geo.h"

namespace zhuxiao::matching::check {
namespace {

// Doubles err by less than 10^-15 of the largest of their terms for each of a dozen operations.
constexpr double kMargin = 1e-12;
constexpr double kParts = kBoundParts;
constexpr double kNoReach = -std::numeric_limits<double>::infinity();
// Counties looked at in order of what they could offer; after them most others are out of reach.
constexpr int kFirstCounties = 4;

// So much for a base unit: numerator / unit_base, in 1 / kBoundParts fen.
struct Offer {
  Wide numerator = 0;
  int64_t unit_base = 1;

  // Exact: over a common denominator where the products fit, else whole parts first and then the fractions, which takes
  // four long divisions.
  bool IsAbove(const Offer& other) const {
    if (numerator <= INT64_MAX && other.numerator <= INT64_MAX) {
      return Wide{static_cast<int64_t>(numerator)} * other.unit_base >
             Wide{static_cast<int64_t>(other.numerator)} * unit_base;
    }
    const Wide whole = numerator / unit_base;
    const Wide other_whole = other.numerator / other.unit_base;
    if (whole != other_whole) return whole > other_whole;
    return (numerator - whole * unit_base) * other.unit_base >
           (other.numerator - other_whole * other.unit_base) * unit_base;
  }

  double Approximately() const { return static_cast<double>(numerator) / static_cast<double>(unit_base); }

  // ceil(quantity * offer), or nullopt beyond 128 bits. Requires an offer of at least 0.
  std::optional<Wide> Times(int64_t quantity) const {
    const Wide whole = numerator / unit_base;
    Wide product = 0;
    if (__builtin_mul_overflow(whole, Wide{quantity}, &product)) return std::nullopt;
    const Wide rest = (numerator - whole * unit_base) * quantity;
    return product + (rest + unit_base - 1) / unit_base;
  }
};

// A sum that remembers whether it left 128 bits.
class Sum {
 public:
  void Add(std::optional<Wide> term) { is_good_ = is_good_ && term && !__builtin_add_overflow(sum_, *term, &sum_); }
  std::optional<Wide> value() const { return is_good_ ? std::optional(sum_) : std::nullopt; }

 private:
  Wide sum_ = 0;
  bool is_good_ = true;
};

// Doubles that are at least what one listing, or any of several in one county, can offer.
struct Reach {
  double best_offer = kNoReach;  // next door, at no institution's price, in 1 / kBoundParts fen a base unit
  double least_price = std::numeric_limits<double>::infinity();  // fen a base unit
  double rounding = 0;                                           // what rounding transport down may add

  void Include(const Reach& other) {
    best_offer = std::max(best_offer, other.best_offer);
    least_price = std::min(least_price, other.least_price);
    rounding = std::max(rounding, other.rounding);
  }
};

struct Item {
  Reach reach;
  uint32_t listing = 0;
  int64_t from_day = 0;
  int32_t last_sale_day = 0;
};

// The listings of a commodity in a county.
struct Group {
  Reach reach;
  uint32_t county = 0;
  uint32_t begin = 0;  // in BoundCheck::items_
  uint32_t end = 0;
};

// What an order adds to every listing's reach.
struct Approach {
  double gap = 0;      // 1 / kBoundParts fen a base unit
  double km_rate = 0;  // the same, a kilometre
  double lambda = 0;   // 1 / kLambdaParts fen per fen
  double limit = 0;    // fen a base unit

  // More than the order can be offered; minus infinity where the price is above its limit.
  double Estimate(const Reach& reach, int64_t km) const {
    const double transport = static_cast<double>(km) * km_rate;
    const double paid = reach.least_price * lambda;
    const double estimate = reach.best_offer + gap + reach.rounding - transport - paid;
    const double largest = std::abs(reach.best_offer) + gap + reach.rounding + transport + paid;
    return reach.least_price <= limit ? estimate + largest * kMargin : kNoReach;
  }
};

class BoundCheck {
 public:
  BoundCheck(const RoundBook& book, const ClearingPolicy& policy, const std::vector<ListingFigures>& figures,
             const RoundPrices& prices)
      : book_(book), policy_(policy), figures_(figures), prices_(prices), groups_(book.commodities.size()) {
    GroupListings();
    GroupOrders();
  }

  std::optional<Wide> Run(int threads) {
    Sum sum;
    for (size_t i = 0; i < book_.listings.size(); ++i) {
      const int64_t first_units = figures_[i].first_units;
      sum.Add(Wide{first_units} * prices_.first_tranche[i]);
      sum.Add(Wide{book_.listings[i].units - first_units} * prices_.second_tranche[i]);
    }
    const std::optional<Wide> listings = sum.value();
    Wide in_parts = 0;
    if (!listings || __builtin_mul_overflow(*listings, Wide{kBoundParts / kPriceParts}, &in_parts)) return std::nullopt;
    Sum total;
    total.Add(in_parts);
    static_assert(kLambdaParts == kBoundParts);
    for (size_t k = 0; k < book_.institutions.size(); ++k) {
      total.Add(Wide{book_.institutions[k].limit_fen} * prices_.institution[k]);
    }
    for (const Sum& part : SumOrders(threads)) total.Add(part.value());
    return total.value();
  }

 private:
  void GroupListings() {
    for (uint32_t i = 0; i < book_.listings.size(); ++i) {
      const RoundListing& listing = book_.listings[i];
      if (listing.units > 0) items_.push_back({ReachOf(i), i, figures_[i].from_day, listing.last_sale_day});
    }
    const auto place = [this](const Item& item) {
      const RoundListing& listing = book_.listings[item.listing];
      return uint64_t{listing.commodity} << 32 | listing.county;
    };
    std::stable_sort(items_.begin(), items_.end(), [&](const Item& a, const Item& b) { return place(a) < place(b); });
    for (uint32_t at = 0; at < items_.size(); ++at) {
      const RoundListing& listing = book_.listings[items_[at].listing];
      std::vector<Group>& groups = groups_[listing.commodity];
      if (groups.empty() || groups.back().county != listing.county) groups.push_back({{}, listing.county, at, at});
      groups.back().reach.Include(items_[at].reach);
      groups.back().end = at + 1;
    }
  }

  Reach ReachOf(uint32_t at) const {
    const RoundListing& listing = book_.listings[at];
    const ListingFigures& figures = figures_[at];
    const auto unit_base = static_cast<double>(listing.unit_base);
    Reach reach = {.least_price = static_cast<double>(listing.unit_price_fen) / unit_base,
                   .rounding = kParts / unit_base};
    const auto take = [&](double welfare_fen, int64_t price) {
      const double in_parts = welfare_fen * kParts - static_cast<double>(price) * (kParts / kPriceParts);
      reach.best_offer = std::max(reach.best_offer, in_parts / unit_base);
    };
    const auto plain_fen = static_cast<double>(figures.plain_fen);
    if (figures.first_units > 0) take(plain_fen + static_cast<double>(figures.bonus_fen), prices_.first_tranche[at]);
    if (listing.units > figures.first_units) take(plain_fen, prices_.second_tranche[at]);
    return reach;
  }

  void GroupOrders() {
    first_order_.assign(book_.counties.size() + 1, 0);
    for (const RoundOrder& order : book_.orders) ++first_order_[order.county + 1];
    for (size_t i = 1; i < first_order_.size(); ++i) first_order_[i] += first_order_[i - 1];
    orders_.resize(book_.orders.size());
    std::vector<uint32_t> next = first_order_;
    for (uint32_t j = 0; j < book_.orders.size(); ++j) orders_[next[book_.orders[j].county]++] = j;
  }

  // Each thread takes the next destination; sums of integers are the same in any order.
  std::vector<Sum> SumOrders(int threads) const {
    std::vector<Sum> sums(threads);
    std::atomic<uint32_t> next_county = 0;
    const auto work = [&](Sum& sum) {
      std::vector<int64_t> km(book_.counties.size());
      std::vector<double> reach;
      for (uint32_t to = next_county++; to < book_.counties.size(); to = next_county++) {
        if (first_order_[to] == first_order_[to + 1]) continue;
        for (size_t from = 0; from < km.size(); ++from)
          km[from] = base::RoadKm(book_.counties[from], book_.counties[to]);
        for (uint32_t at = first_order_[to]; at < first_order_[to + 1]; ++at) {
          const RoundOrder& order = book_.orders[orders_[at]];
          sum.Add(BestOffer(order, km, reach).Times(order.quantity_base));
        }
      }
    };
    std::vector<std::thread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(work, std::ref(sums[i]));
    work(sums[0]);
    for (std::thread& other : others) other.join();
    return sums;
  }

  // The best of all listings the order may have, at least 0. The counties that could offer most come first; then the
  // others that can reach what is there.
  Offer BestOffer(const RoundOrder& order, const std::vector<int64_t>& km, std::vector<double>& reach) const {
    const std::vector<Group>& groups = groups_[order.commodity];
    const Approach approach = ApproachOf(order);
    reach.resize(groups.size());
    for (size_t i = 0; i < groups.size(); ++i) reach[i] = approach.Estimate(groups[i].reach, km[groups[i].county]);
    Offer best;
    const auto open = [&](size_t at) {
      reach[at] = kNoReach;
      LookInto(order, approach, groups[at], km[groups[at].county], best);
    };
    for (int i = 0; i < kFirstCounties && !groups.empty(); ++i) {
      const size_t furthest = std::max_element(reach.begin(), reach.end()) - reach.begin();
      if (reach[furthest] <= best.Approximately()) return best;
      open(furthest);
    }
    for (size_t at = 0; at < groups.size(); ++at) {
      if (reach[at] > best.Approximately()) open(at);
    }
    return best;
  }

  Approach ApproachOf(const RoundOrder& order) const {
    const RoundCommodity& commodity = book_.commodities[order.commodity];
    const RoundInstitution& institution = book_.institutions[order.institution];
    const double value_fen =
        static_cast<double>(commodity.reference_price_fen) / static_cast<double>(commodity.reference_base);
    const double gap_ppm =
        1e-6 * static_cast<double>(policy_.weights.gap_weight_ppm) * static_cast<double>(institution.quota_gap_ppm);
    return {
        .gap = value_fen * kParts * 1e-6 * gap_ppm,
        .km_rate = static_cast<double>(commodity.transport_microfen_per_km_base) * 1e-6 * kParts,
        .lambda = static_cast<double>(prices_.institution[order.institution]),
        .limit = static_cast<double>(order.limit_price_fen) / static_cast<double>(order.limit_base) * (1 + kMargin)};
  }

  void LookInto(const RoundOrder& order, const Approach& approach, const Group& group, int64_t km, Offer& best) const {
    const int64_t transit_days = base::TransitDays(km);
    const int64_t min_life_days = book_.commodities[order.commodity].min_life_days;
    for (uint32_t at = group.begin; at < group.end; ++at) {
      const Item& item = items_[at];
      const int64_t arrival_day = item.from_day + transit_days;
      if (arrival_day > order.deliver_by_day || arrival_day + min_life_days > item.last_sale_day) continue;
      if (approach.Estimate(item.reach, km) <= best.Approximately()) continue;
      if (check::IsWithinLimitPrice(book_.listings[item.listing], order)) Consider(order, item.listing, km, best);
    }
  }

  // Takes the better of the listing's tranches where it is above `best`. Requires that the order may have the listing.
  void Consider(const RoundOrder& order, uint32_t at, int64_t km, Offer& best) const {
    const RoundListing& listing = book_.listings[at];
    const ListingFigures& figures = figures_[at];
    const RoundCommodity& commodity = book_.commodities[order.commodity];
    const Wide plain_fen = figures.plain_fen +
                           GapFen(policy_, figures.value_fen, book_.institutions[order.institution].quota_gap_ppm) -
                           TransportFen(commodity, km, listing.unit_base);
    const Wide paid = Wide{listing.unit_price_fen} * prices_.institution[order.institution];
    const auto take = [&](Wide welfare_fen, int64_t price) {
      const Wide numerator = welfare_fen * kBoundParts - Wide{price} * (kBoundParts / kPriceParts) - paid;
      const Offer offer = {.numerator = numerator, .unit_base = listing.unit_base};
      if (numerator > 0 && offer.IsAbove(best)) best = offer;
    };
    if (figures.first_units > 0) take(plain_fen + figures.bonus_fen, prices_.first_tranche[at]);
    if (listing.units > figures.first_units) take(plain_fen, prices_.second_tranche[at]);
  }

  const RoundBook& book_;
  const ClearingPolicy& policy_;
  const std::vector<ListingFigures>& figures_;
  const RoundPrices& prices_;
  std::vector<std::vector<Group>> groups_;  // by commodity, in order of counties
  std::vector<Item> items_;                 // listings with units, by (commodity, county)
  std::vector<uint32_t> orders_;            // by county
  std::vector<uint32_t> first_order_;       // of each county, in orders_
};

}  // namespace

std::optional<Wide> BoundOf(const RoundBook& book, const ClearingPolicy& policy,
                            const std::vector<ListingFigures>& figures, const RoundPrices& prices, int threads) {
  return BoundCheck(book, policy, figures, prices).Run(threads);
}

}  // namespace zhuxiao::matching::check
