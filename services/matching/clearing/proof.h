// Turns an auction's prices into whole numbers and proves the bound they give.
#pragma once

#include <optional>

#include "services/matching/clear.h"
#include "services/matching/clearing/money.h"

namespace zhuxiao::matching::clearing {

// The price of a lot, in kPriceParts of a fen.
template <typename Prices>
auto& PartsOf(Prices& prices, const Stock& stock) {
  return (stock.is_first_tranche ? prices.first_tranche : prices.second_tranche)[stock.listing];
}

// The prices of the markets' lots and the values of money, as the certificate's numbers.
RoundPrices PricesOf(const RoundBook& book, const ClearingPolicy& policy, const std::vector<Market>& markets,
                     const std::vector<double>& money);

// Prices at which nobody gains by buying: each unit's welfare next door to the neediest buyer. Their bound is the worth
// of all goods; it needs no search, and is the better one while auctions have hardly begun.
RoundPrices WorthPrices(const RoundBook& book, const ClearingPolicy& policy);
int64_t WorthFen(const RoundBook& book, const ClearingPolicy& policy);

// The certified bound in fen: each order's term rounded up to 1/kLambdaParts fen, their sum rounded up. Searches each
// order's best lot with a margin for single precision and evaluates what is left exactly. nullopt where it is outside
// int64: such prices prove nothing.
std::optional<int64_t> BoundFen(const RoundBook& book, const ClearingPolicy& policy, const std::vector<Market>& markets,
                                const Roads& roads, const RoundPrices& prices, int threads);

}  // namespace zhuxiao::matching::clearing
