// The orders of each institution, which share its limit.
#pragma once

#include <cstdint>
#include <vector>

#include "services/matching/clearing/market.h"

namespace zhuxiao::matching::clearing {

// Where an order stands among the markets.
struct Seat {
  uint32_t market = 0;
  uint32_t buyer = 0;
};

// The orders of each institution, and which institutions could spend more than their limits at all.
class Purses {
 public:
  Purses(const RoundBook& book, const std::vector<Market>& markets);

  size_t size() const { return begin_.size() - 1; }
  const Seat* begin(size_t institution) const { return &seats_[begin_[institution]]; }
  const Seat* end(size_t institution) const { return &seats_[begin_[institution + 1]]; }
  // Institutions whose orders could cost more than their limits, at the orders' own limit prices.
  const std::vector<uint32_t>& scarce() const { return scarce_; }

 private:
  std::vector<uint32_t> begin_;
  std::vector<Seat> seats_;
  std::vector<uint32_t> scarce_;
};

}  // namespace zhuxiao::matching::clearing
