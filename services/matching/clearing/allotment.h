// Turns what an auction's buyers hold into contracts that keep every rule, and fills up what is left.
#pragma once

#include "services/matching/clear.h"
#include "services/matching/clearing/money.h"
#include "services/matching/clearing/watch.h"

namespace zhuxiao::matching::clearing {

// The contracts, by (order, listing), and their exact welfare.
struct Allotment {
  std::vector<RoundContract> contracts;
  int64_t welfare_fen = 0;
};

// Empties the markets' holds. Filling up ends early once the watch says so; what rules demand is always done.
Allotment Allot(const RoundBook& book, const ClearingPolicy& policy, const Purses& purses, std::vector<Market>& markets,
                const Roads& roads, int threads, Watch& watch);

// By (order, listing).
void SortContracts(std::vector<RoundContract>& contracts);

// Welfare of contracts that keep the rules, exact.
int64_t WelfareFen(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads,
                   const std::vector<RoundContract>& contracts);

}  // namespace zhuxiao::matching::clearing
