// Which institutions bid in a coarse auction, and for how many each.
#pragma once

#include <cstdint>
#include <vector>

#include "services/matching/clearing/purses.h"

namespace zhuxiao::matching::clearing {

// A sample of institutions shows prices as well as all of them do while the step is coarse, in a fraction of the bids:
// of each `one_in` institutions one is drawn, and its orders are for `one_in` times their quantity and money, so that
// goods are as scarce as they are. An institution with an order so large that its multiple would move a price by itself
// is not drawn: it bids for itself alone, always (a take-all stratum; Cochran 1977, Sampling Techniques, ch. 5).
// Immutable. The same for the same round.
class Sample {
 public:
  // Everybody, for itself.
  Sample() = default;
  // Requires one_in >= 1.
  Sample(const Purses& purses, const std::vector<Market>& markets, int64_t one_in);

  // How many institutions this one bids for; 0: it does not bid.
  int64_t WeightOf(uint32_t institution) const { return weights_.empty() ? 1 : weights_[institution]; }

 private:
  std::vector<int64_t> weights_;  // by institution
};

}  // namespace zhuxiao::matching::clearing
