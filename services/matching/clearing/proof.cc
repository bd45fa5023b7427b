// Prices as whole numbers, and the bound they prove.
#include "services/matching/clearing/proof.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "services/base/money.h"
#include "services/matching/clearing/workers.h"

namespace zhuxiao::matching::clearing {
namespace {

// Single precision errs by less than this share of the terms it adds up: a few roundings of 2^-24.
constexpr float kMargin = 1e-6f;
// Sums and products of the proof.
using Wide = __int128;

// The nearest whole number, or the nearest there is: prices beyond it are lower than they might be, which the bound
// makes up for.
int64_t WholeParts(double parts) {
  constexpr double kMost = 9.2e18;
  return static_cast<int64_t>(std::llround(std::min(parts, kMost)));
}

// What the terms of a net worth may come to in a market, apart from the cost of the money.
struct Magnitude {
  float worth = 1;
  float cost = 0;

  float Margin(float money) const { return kMargin * (worth + cost * money); }
};

Magnitude MagnitudeOf(const Market& market) {
  Magnitude magnitude;
  for (size_t lot = 0; lot < market.lots.size(); ++lot) {
    magnitude.worth = std::max(magnitude.worth, market.stocks[lot].gross);
    magnitude.cost = std::max(magnitude.cost, market.lots[lot].cost);
  }
  // Tolls beyond the worth are of no interest, and the quota gap weighs no more than ten times the value.
  magnitude.worth = 2 * magnitude.worth + 10;
  return magnitude;
}

// What a base unit of a lot is worth beyond its price, in 1/kLambdaParts fen: whole parts, and rest/unit_base of one.
struct Offer {
  Wide whole = 0;
  int64_t rest = 0;
  int64_t unit_base = 1;

  static Offer Of(Wide net, int64_t unit_base) {
    return {.whole = net / unit_base, .rest = static_cast<int64_t>(net % unit_base), .unit_base = unit_base};
  }
  bool IsAbove(const Offer& other) const {
    if (whole != other.whole) return whole > other.whole;
    return Wide{rest} * other.unit_base > Wide{other.rest} * unit_base;
  }
  // Of a base unit, in fen.
  double Fen() const {
    return (static_cast<double>(whole) + static_cast<double>(rest) / static_cast<double>(unit_base)) / kLambdaParts;
  }
};

// A sum in 1/kLambdaParts fen that remembers whether it left 128 bits.
class Bound {
 public:
  void Add(Wide term) { is_good_ = is_good_ && !__builtin_add_overflow(sum_, term, &sum_); }
  void Add(const Bound& other) {
    Add(other.sum_);
    is_good_ = is_good_ && other.is_good_;
  }
  // So many, each worth so much; a part of a part counts whole.
  void Add(int64_t base, const Offer& offer) {
    Wide product = 0;
    is_good_ = is_good_ && !__builtin_mul_overflow(offer.whole, Wide{base}, &product);
    Add(product);
    Add((Wide{offer.rest} * base + offer.unit_base - 1) / offer.unit_base);
  }
  // Rounded up; nullopt outside int64.
  std::optional<int64_t> Fen() const {
    const Wide fen = sum_ / kLambdaParts + (sum_ % kLambdaParts > 0 ? 1 : 0);
    if (!is_good_ || fen > std::numeric_limits<int64_t>::max()) return std::nullopt;
    return static_cast<int64_t>(fen);
  }

 private:
  Wide sum_ = 0;
  bool is_good_ = true;
};

constexpr int64_t kPartsOfPrice = kLambdaParts / kPriceParts;

// The best that any possible lot offers the buyer; none: nothing.
Offer BestOffer(const Market& market, const Magnitude& magnitude, const RoundPrices& prices, const Buyer& buyer,
                Finder& finder, Row& row) {
  const int64_t lambda = prices.institution[buyer.institution];
  const float money = static_cast<float>(static_cast<double>(lambda) / kLambdaParts);
  const float margin = magnitude.Margin(money);
  Offer best;
  float bar = -margin;
  finder.Visit(market, row, buyer.gap_ppm, money, buyer.price_rank, kUnlimited, buyer.days, bar,
               [&](uint32_t lot, size_t cell, float) {
                 const Lot& candidate = market.lots[lot];
                 const float days = row.days[cell];
                 if (candidate.price_rank > buyer.price_rank || candidate.slack_days < days ||
                     candidate.ready_days + days > buyer.days) {
                   return bar;
                 }
                 const Stock& stock = market.stocks[lot];
                 const int64_t welfare = stock.welfare_fen +
                                         market.GapFen(market.lot_classes[stock.lot_class], buyer.gap_ppm) -
                                         market.TollFen(row.km[cell], stock.unit_base);
                 const Wide net = Wide{welfare} * kLambdaParts - Wide{PartsOf(prices, stock)} * kPartsOfPrice -
                                  Wide{stock.unit_price_fen} * lambda;
                 const Offer offer = Offer::Of(net, stock.unit_base);
                 if (net > 0 && offer.IsAbove(best)) {
                   best = offer;
                   bar = static_cast<float>(best.Fen() / market.fen_per_base) - margin;
                 }
                 return bar;
               });
  return best;
}

}  // namespace

RoundPrices PricesOf(const RoundBook& book, const ClearingPolicy& policy, const std::vector<Market>& markets,
                     const std::vector<double>& money) {
  RoundPrices prices;
  prices.first_tranche.assign(book.listings.size(), -1);
  prices.second_tranche.assign(book.listings.size(), -1);
  prices.institution.resize(book.institutions.size());
  for (size_t i = 0; i < money.size(); ++i) {
    prices.institution[i] = WholeParts(money[i] * kLambdaParts);
  }
  for (const Market& market : markets) {
    for (size_t lot = 0; lot < market.stocks.size(); ++lot) {
      const Stock& stock = market.stocks[lot];
      const double fen = static_cast<double>(stock.price) / market.lot_classes[stock.lot_class].per_fen;
      PartsOf(prices, stock) = WholeParts(fen * kPriceParts);
    }
  }
  // A tranche without units costs the bound nothing, whatever its price: it is priced so that nobody wants it.
  const Terms terms(book, policy);
  for (size_t i = 0; i < book.listings.size(); ++i) {
    const RoundListing& listing = book.listings[i];
    int64_t& first = prices.first_tranche[i];
    int64_t& second = prices.second_tranche[i];
    // The first tranche's price above the second's, where an order does not mind which of them it has.
    const double bonus = static_cast<double>(terms.BonusFen(listing)) * kPriceParts;
    if (first < 0 && second < 0) {
      first = second = 0;
      if (listing.units == 0) {
        const int64_t most = terms.ListingFen(listing, true) + terms.GapFen(terms.ValueFen(listing), base::kPpm);
        first = second = WholeParts(static_cast<double>(most) * kPriceParts);
      }
    } else if (first < 0) {
      first = WholeParts(static_cast<double>(second) + bonus);
    } else if (second < 0) {
      second = first;
    } else {
      // Orders want the better of the two; at more than that the other is only dear.
      first = std::min(first, WholeParts(static_cast<double>(second) + bonus));
      second = std::min(second, WholeParts(std::max(0.0, static_cast<double>(first) - bonus)));
    }
  }
  return prices;
}

RoundPrices WorthPrices(const RoundBook& book, const ClearingPolicy& policy) {
  const Terms terms(book, policy);
  RoundPrices prices;
  prices.institution.resize(book.institutions.size());
  for (const RoundListing& listing : book.listings) {
    const int64_t gap_fen = terms.GapFen(terms.ValueFen(listing), base::kPpm);
    prices.first_tranche.push_back((terms.ListingFen(listing, true) + gap_fen) * kPriceParts);
    prices.second_tranche.push_back((terms.ListingFen(listing, false) + gap_fen) * kPriceParts);
  }
  return prices;
}

int64_t WorthFen(const RoundBook& book, const ClearingPolicy& policy) {
  const Terms terms(book, policy);
  int64_t worth_fen = 0;
  for (const RoundListing& listing : book.listings) {
    const int64_t gap_fen = terms.GapFen(terms.ValueFen(listing), base::kPpm);
    const int64_t first = terms.FirstTrancheUnits(listing.units);
    worth_fen += first * (terms.ListingFen(listing, true) + gap_fen);
    worth_fen += (listing.units - first) * (terms.ListingFen(listing, false) + gap_fen);
  }
  return worth_fen;
}

std::optional<int64_t> BoundFen(const RoundBook& book, const ClearingPolicy& policy, const std::vector<Market>& markets,
                                const Roads& roads, const RoundPrices& prices, int threads) {
  std::vector<Bound> sums(markets.size());
  ForEach(markets.size(), threads, [&](size_t index, int) {
    const Market& market = markets[index];
    const Magnitude magnitude = MagnitudeOf(market);
    Finder finder;
    Row row;
    for (uint32_t g = 0; g < market.groups.size(); ++g) {
      const Group& group = market.groups[g];
      market.StartRow(roads, g, row);
      for (uint32_t i = group.begin; i < group.end; ++i) {
        const Buyer& buyer = market.buyers[i];
        sums[index].Add(buyer.quantity_base, BestOffer(market, magnitude, prices, buyer, finder, row));
      }
    }
  });
  Bound bound;
  for (const Bound& sum : sums) bound.Add(sum);
  for (size_t i = 0; i < book.institutions.size(); ++i) {
    bound.Add(Wide{book.institutions[i].limit_fen} * prices.institution[i]);
  }
  const Terms terms(book, policy);
  for (size_t i = 0; i < book.listings.size(); ++i) {
    const int64_t first = terms.FirstTrancheUnits(book.listings[i].units);
    bound.Add(first, Offer{.whole = Wide{prices.first_tranche[i]} * kPartsOfPrice});
    bound.Add(book.listings[i].units - first, Offer{.whole = Wide{prices.second_tranche[i]} * kPartsOfPrice});
  }
  return bound.Fen();
}

}  // namespace zhuxiao::matching::clearing
