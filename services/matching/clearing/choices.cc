// Listings by order: all of them, or those a search by price finds first.
#include "services/matching/clearing/choices.h"

#include <algorithm>

#include "services/base/geo.h"
#include "services/matching/clearing/range.h"
#include "services/matching/clearing/search.h"
#include "services/matching/clearing/workers.h"

namespace zhuxiao::matching::clearing {
namespace {

// Of the reference value: what is worth so much less than its price to an order is hardly ever given to it.
constexpr float kReach = 0.1f;

bool IsPossible(const RoundBook& book, const ClearingPolicy& policy, const RoundListing& listing,
                const RoundOrder& order, int64_t km) {
  const int64_t most_units = std::min(listing.units, order.quantity_base / listing.unit_base);
  if (most_units < std::max<int64_t>(1, listing.min_lot_units)) return false;
  const int64_t arrival_day = LeavesOn(listing, policy) + static_cast<int64_t>(base::TransitDays(km));
  return arrival_day <= order.deliver_by_day &&
         arrival_day + book.commodities[order.commodity].min_life_days <= listing.last_sale_day &&
         IsPriceAllowed(listing.unit_price_fen, listing.unit_base, order.limit_price_fen, order.limit_base);
}

struct Found {
  float worth = 0;
  uint32_t listing = 0;

  friend bool operator<(const Found& a, const Found& b) {
    return a.worth != b.worth ? a.worth > b.worth : a.listing < b.listing;
  }
};

// The best of an order's offers so far, the best first. Of a listing whichever tranche comes first: proved prices leave
// nothing between them.
class Shortlist {
 public:
  void Clear() { found_.clear(); }
  // Returns what an offer must exceed to be listed.
  float Add(const Found& offer) {
    const auto is_same = [&](const Found& known) { return known.listing == offer.listing; };
    if (std::any_of(found_.begin(), found_.end(), is_same)) return Bar();
    found_.insert(std::upper_bound(found_.begin(), found_.end(), offer), offer);
    if (found_.size() > kBestChoices) found_.pop_back();
    return Bar();
  }
  float Bar() const { return found_.size() < kBestChoices ? -kReach : found_.back().worth; }
  const std::vector<Found>& found() const { return found_; }

 private:
  std::vector<Found> found_;
};

// Adds the listing, unless no unit of it is worth anything to the order.
void AddWorthwhile(const RoundBook& book, const Terms& terms, const RoundOrder& order, uint32_t listing, int64_t km,
                   std::vector<Choice>& choices) {
  const int64_t plain_fen = terms.PlainFen(book.listings[listing], order, km);
  if (plain_fen + terms.BonusFen(book.listings[listing]) >= 0) choices.push_back({listing, plain_fen});
}

}  // namespace

Choices::Choices(const std::vector<std::vector<Choice>>& by_order) {
  begin_.reserve(by_order.size() + 1);
  for (const std::vector<Choice>& choices : by_order) {
    begin_.push_back(choices_.size());
    choices_.insert(choices_.end(), choices.begin(), choices.end());
  }
  begin_.push_back(choices_.size());
}

Choices AllChoices(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads) {
  const Terms terms(book, policy);
  std::vector<std::vector<uint32_t>> shelves(book.commodities.size());
  for (uint32_t i = 0; i < book.listings.size(); ++i) shelves[book.listings[i].commodity].push_back(i);
  std::vector<std::vector<Choice>> by_order(book.orders.size());
  for (uint32_t j = 0; j < book.orders.size(); ++j) {
    const RoundOrder& order = book.orders[j];
    for (const uint32_t i : shelves[order.commodity]) {
      const RoundListing& listing = book.listings[i];
      const int64_t km = roads.Km(listing.county, order.county);
      if (IsPossible(book, policy, listing, order, km)) AddWorthwhile(book, terms, order, i, km, by_order[j]);
    }
  }
  return Choices(by_order);
}

Choices BestChoices(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads,
                    const std::vector<Market>& markets, const std::vector<double>& money, int threads) {
  const Terms terms(book, policy);
  std::vector<std::vector<Choice>> by_order(book.orders.size());
  ForEach(markets.size(), threads, [&](size_t index, int) {
    const Market& market = markets[index];
    Finder finder;
    Row row;
    Shortlist best;
    for (uint32_t g = 0; g < market.groups.size(); ++g) {
      market.StartRow(roads, g, row);
      for (uint32_t i = market.groups[g].begin; i < market.groups[g].end; ++i) {
        const Buyer& buyer = market.buyers[i];
        const RoundOrder& order = book.orders[buyer.order];
        best.Clear();
        finder.Visit(market, row, buyer.gap_ppm, static_cast<float>(money[buyer.institution]), buyer.price_rank,
                     buyer.quantity_base, buyer.days, best.Bar(), [&](uint32_t lot, size_t cell, float worth) {
                       const uint32_t listing = market.stocks[lot].listing;
                       const bool is_possible = IsPossible(book, policy, book.listings[listing], order, row.km[cell]);
                       return is_possible ? best.Add({worth, listing}) : best.Bar();
                     });
        std::vector<Choice>& choices = by_order[buyer.order];
        for (const Found& found : best.found()) {
          const int64_t km = roads.Km(book.listings[found.listing].county, order.county);
          AddWorthwhile(book, terms, order, found.listing, km, choices);
        }
        std::sort(choices.begin(), choices.end(),
                  [](const Choice& a, const Choice& b) { return a.listing < b.listing; });
      }
    }
  });
  return Choices(by_order);
}

}  // namespace zhuxiao::matching::clearing
