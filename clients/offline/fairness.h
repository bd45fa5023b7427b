// How the goods of a round are spread, whatever matched them.
#pragma once

#include <cstdint>
#include <vector>

#include "services/matching/round_book.h"
#include "services/round_files/read_round.h"

namespace zhuxiao::offline {

struct Fairness {
  int64_t welfare_fen = 0;
  int64_t sold_fen = 0;             // what the buyers pay
  int64_t villages = 0;             // with goods for sale
  int64_t villages_served = 0;      // that sell at least one unit
  int64_t listings_unsold_ppm = 0;  // share of the listings that sell nothing
  int64_t orders_served_ppm = 0;    // share of the orders that get something
  // Gini coefficient, in ppm, of the income of linked households: 0 where each earns the same. A file of listings has
  // no count of households, so each is taken to stand behind the same linked value (units * ask * linkage) on offer: it
  // earns the share of that which its village sold. Goods of no village are in none of it, nor in the counts of
  // villages.
  int64_t gini_ppm = 0;
};

// Measures `contracts`, sorted by (order, listing). Requires contracts CheckClearing finds nothing wrong with.
Fairness MeasureFairness(const round_files::RoundInput& round, const std::vector<matching::RoundContract>& contracts);

}  // namespace zhuxiao::offline
