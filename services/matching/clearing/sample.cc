#include "services/matching/clearing/sample.h"

#include <algorithm>
#include <random>

namespace zhuxiao::matching::clearing {
namespace {

// An order whose multiple is more than this share of all demand for its commodity is not multiplied: the coarsest step
// is a sixth of the reference value, and demand that much off moves prices by less.
constexpr double kLargeShare = 1.0 / 16;

// Any; fixed, so that a round is always cleared alike.
constexpr uint64_t kSeed = 1;

}  // namespace

Sample::Sample(const Purses& purses, const std::vector<Market>& markets, int64_t one_in) {
  if (one_in == 1) return;
  std::vector<double> large_base;  // by market
  for (const Market& market : markets) {
    double demand_base = 0;
    for (const Buyer& buyer : market.buyers) demand_base += static_cast<double>(buyer.quantity_base);
    large_base.push_back(demand_base * kLargeShare / static_cast<double>(one_in));
  }
  std::mt19937_64 random(kSeed);
  for (uint32_t institution = 0; institution < purses.size(); ++institution) {
    const bool is_drawn = random() % static_cast<uint64_t>(one_in) == 0;
    const bool is_large = std::any_of(purses.begin(institution), purses.end(institution), [&](const Seat& seat) {
      return static_cast<double>(markets[seat.market].buyers[seat.buyer].quantity_base) > large_base[seat.market];
    });
    weights_.push_back(is_large ? 1 : is_drawn ? one_in : 0);
  }
}

}  // namespace zhuxiao::matching::clearing
