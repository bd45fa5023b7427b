// The pairs of an order and a lot that matter while prices stay near the present ones.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "services/matching/clearing/market.h"
#include "services/matching/clearing/roads.h"

namespace zhuxiao::matching::clearing {

// Of one market. An order's are the lots worth to it nearly as much as its best; besides, a lot that few orders want so
// much has those that would be the next to want it. Immutable; thread-safe.
class Pairs {
 public:
  // `reach`: the share of the reference value that a lot may be worth less than an order's best. `ignores_lots`: also
  // pairs that can have no contract, since the order is below the least one; the bound counts them.
  Pairs(const Market& market, const Roads& roads, const std::vector<double>& money, float reach, bool ignores_lots);

  // An order's lots, and what a base unit of each is worth to it at a price of nothing, in the same places.
  std::span<const uint32_t> LotsOf(uint32_t buyer) const {
    return std::span(lots_).subspan(begin_[buyer], begin_[buyer + 1] - begin_[buyer]);
  }
  std::span<const float> WorthOf(uint32_t buyer) const {
    return std::span(worth_).subspan(begin_[buyer], begin_[buyer + 1] - begin_[buyer]);
  }
  size_t size() const { return lots_.size(); }
  size_t most_of_buyer() const { return most_of_buyer_; }

  // Below this price orders that are not paired with the lot may want it.
  float LeastPrice(uint32_t lot) const { return least_prices_[lot]; }
  // Likewise of an institution's value of money.
  static double LeastMoney(double money, float reach);

 private:
  struct Pair {
    uint32_t buyer = 0;
    uint32_t lot = 0;
    float worth = 0;
  };
  class Maker;

  std::vector<size_t> begin_;  // by buyer
  std::vector<uint32_t> lots_;
  std::vector<float> worth_;
  std::vector<float> least_prices_;  // by lot
  size_t most_of_buyer_ = 0;
};

}  // namespace zhuxiao::matching::clearing
