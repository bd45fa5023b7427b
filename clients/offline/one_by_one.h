// What happens without rounds: orders served one by one, in the order they came. What clearing rounds are compared
// with; no part of the product matches like this.
#pragma once

#include <vector>

#include "services/matching/round_book.h"

namespace zhuxiao::offline {

enum class Preference {
  kBestWelfare,  // first come, first served: each order takes the goods of the greatest welfare left
  kNearest,      // each takes the nearest goods left
};

// The contracts, by (order, listing). Orders come in the order of the book, whose ids say nothing of place or size.
// Takes only units of welfare of at least 0, whole lots, within prices, dates, quantities and limits. Requires a round
// ValidateRound accepts whose values are inside base::kMaxAmountFen. A second for 30,000 listings and 140,000 orders.
std::vector<matching::RoundContract> ServeOneByOne(const matching::RoundBook& book,
                                                   const matching::ClearingPolicy& policy, Preference preference);

}  // namespace zhuxiao::offline
