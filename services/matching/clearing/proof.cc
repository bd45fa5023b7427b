// Prices as whole numbers, and the bound they prove.
#include "services/matching/clearing/proof.h"

#include <algorithm>
#include <cmath>

#include "services/base/money.h"
#include "services/matching/clearing/workers.h"

namespace zhuxiao::matching::clearing {
namespace {

// Single precision errs by less than this share of the reference value.
constexpr float kMargin = 4e-6f;
// Added to the sum for the rounding of double precision.
constexpr double kOutward = 1e-12;

}  // namespace

RoundPrices PricesOf(const RoundBook& book, const ClearingPolicy& policy, const std::vector<Market>& markets,
                     const std::vector<double>& money) {
  RoundPrices prices;
  prices.first_tranche.assign(book.listings.size(), -1);
  prices.second_tranche.assign(book.listings.size(), -1);
  prices.institution.resize(book.institutions.size());
  for (size_t i = 0; i < money.size(); ++i) {
    prices.institution[i] = static_cast<int64_t>(std::llround(money[i] * kLambdaParts));
  }
  for (const Market& market : markets) {
    for (size_t lot = 0; lot < market.stocks.size(); ++lot) {
      const Stock& stock = market.stocks[lot];
      const double fen = static_cast<double>(stock.price) / market.lot_classes[stock.lot_class].per_fen;
      (stock.is_first_tranche ? prices.first_tranche : prices.second_tranche)[stock.listing] =
          static_cast<int64_t>(std::llround(fen * kPriceParts));
    }
  }
  // A tranche without units costs the bound nothing, whatever its price: it is priced so that nobody wants it.
  const Terms terms(book, policy);
  for (size_t i = 0; i < book.listings.size(); ++i) {
    const RoundListing& listing = book.listings[i];
    int64_t& first = prices.first_tranche[i];
    int64_t& second = prices.second_tranche[i];
    if (first < 0 && second < 0) {
      first = second = 0;
      if (listing.units == 0) {
        const int64_t most = terms.ListingFen(listing, true) + terms.GapFen(terms.ValueFen(listing), base::kPpm);
        first = second = most * kPriceParts;
      }
    } else if (first < 0) {
      first = second + (terms.ListingFen(listing, true) - terms.ListingFen(listing, false)) * kPriceParts;
    } else if (second < 0) {
      second = first;
    }
  }
  return prices;
}

int64_t BoundFen(const RoundBook& book, const ClearingPolicy& policy, const std::vector<Market>& markets,
                 const Roads& roads, const RoundPrices& prices, int threads) {
  const Terms terms(book, policy);
  std::vector<long double> sums(markets.size());
  ForEach(markets.size(), threads, [&](size_t index, int) {
    const Market& market = markets[index];
    Finder finder;
    Row row;
    for (uint32_t g = 0; g < market.groups.size(); ++g) {
      const Group& group = market.groups[g];
      market.StartRow(roads, g, row);
      for (uint32_t i = group.begin; i < group.end; ++i) {
        const Buyer& buyer = market.buyers[i];
        const int64_t lambda = prices.institution[buyer.institution];
        const float money = static_cast<float>(static_cast<double>(lambda) / kLambdaParts);
        double most = 0;  // fen a base unit
        finder.Visit(market, row, buyer.gap_ppm, money, buyer.price_rank, kUnlimited, buyer.days, -kMargin,
                     [&](uint32_t lot, size_t cell, float) {
                       const float bar = static_cast<float>(most / market.fen_per_base) - kMargin;
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
                       const int64_t price =
                           (stock.is_first_tranche ? prices.first_tranche : prices.second_tranche)[stock.listing];
                       const double net =
                           static_cast<double>(welfare) - static_cast<double>(price) / kPriceParts -
                           static_cast<double>(stock.unit_price_fen) * (static_cast<double>(lambda) / kLambdaParts);
                       most = std::max(most, net / static_cast<double>(stock.unit_base));
                       return static_cast<float>(most / market.fen_per_base) - kMargin;
                     });
        sums[index] += static_cast<long double>(most) * static_cast<long double>(buyer.quantity_base);
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
  return static_cast<int64_t>(std::ceil(bound * (1 + static_cast<long double>(kOutward))));
}

}  // namespace zhuxiao::matching::clearing
