// Betters the contracts of a clearing by goods that stayed unsold: an order takes them in place of goods worth less to
// it, which are then unsold themselves and offered on.
#pragma once

#include "services/matching/clearing/allotment.h"

namespace zhuxiao::matching::clearing {

// Offers every unsold unit to the order whose welfare rises most by it: one with quantity and money left, or one that
// gives back some of the goods least worth to it. An auction cannot do that: orders that have what they want do not
// bid, so what least lots and orders for all or nothing give back late finds no buyer. Each exchange keeps all rules
// and raises the welfare, exactly (a local search; prices play no part), so the outcome is never less than `found`, and
// is the same for any number of threads. Ends once nothing gains, after kMostSweeps, or when the watch says so.
// Requires CheckRange, contracts that keep the rules, and markets made of `book`.
Allotment Resell(const RoundBook& book, const ClearingPolicy& policy, const Purses& purses,
                 const std::vector<Market>& markets, const Roads& roads, Allotment found, int threads, Watch& watch);

}  // namespace zhuxiao::matching::clearing
