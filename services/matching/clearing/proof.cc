// Prices as whole numbers, and the bound they prove.
#include "services/matching/clearing/proof.h"

#include <algorithm>
#include <cmath>

#include "services/base/money.h"
#include "services/matching/clearing/workers.h"

namespace zhuxiao::matching::clearing {
namespace {

// Single precision errs by less than this share of the terms it adds up: a few roundings of 2^-24.
constexpr float kMargin = 1e-6f;
// Added to the sum for the rounding of extended precision.
constexpr double kOutward = 1e-12;

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
  const Terms terms(book, policy);
  std::vector<long double> sums(markets.size());
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
        const int64_t lambda = prices.institution[buyer.institution];
        const float money = static_cast<float>(static_cast<double>(lambda) / kLambdaParts);
        const float margin = magnitude.Margin(money);
        long double most = 0;  // fen a base unit
        finder.Visit(market, row, buyer.gap_ppm, money, buyer.price_rank, kUnlimited, buyer.days, -margin,
                     [&](uint32_t lot, size_t cell, float) {
                       const float bar = static_cast<float>(most / market.fen_per_base) - margin;
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
                       const int64_t price = PartsOf(prices, stock);
                       // Exact, in parts of a fen of welfare per fen of limit: a rounding would be multiplied by the
                       // order's quantity.
                       constexpr int64_t kPartsOfPrice = kLambdaParts / kPriceParts;
                       const __int128 net = static_cast<__int128>(welfare) * kLambdaParts -
                                            static_cast<__int128>(price) * kPartsOfPrice -
                                            static_cast<__int128>(stock.unit_price_fen) * lambda;
                       const long double unit_base = static_cast<long double>(stock.unit_base);
                       most = std::max(most, static_cast<long double>(net) / kLambdaParts / unit_base);
                       return static_cast<float>(most / market.fen_per_base) - margin;
                     });
        sums[index] += most * static_cast<long double>(buyer.quantity_base);
      }
    }
  });
  long double bound = 0;
  for (const long double sum : sums) bound += sum;
  for (size_t i = 0; i < book.institutions.size(); ++i) {
    bound += static_cast<long double>(book.institutions[i].limit_fen) * prices.institution[i] / kLambdaParts;
  }
  for (size_t i = 0; i < book.listings.size(); ++i) {
    const int64_t first = terms.FirstTrancheUnits(book.listings[i].units);
    bound += static_cast<long double>(first) * prices.first_tranche[i] / kPriceParts;
    bound += static_cast<long double>(book.listings[i].units - first) * prices.second_tranche[i] / kPriceParts;
  }
  bound = std::ceil(bound * (1 + static_cast<long double>(kOutward)));
  // Double's next number above int64's greatest: the comparison is exact.
  constexpr double kBeyond = 9'223'372'036'854'775'808.0;
  if (!(bound < static_cast<long double>(kBeyond))) return std::nullopt;
  return static_cast<int64_t>(bound);
}

}  // namespace zhuxiao::matching::clearing
