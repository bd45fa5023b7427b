// Exact solvers of the same problem by others' libraries, over every possible pair: what a clearing's welfare is
// compared with. Slow and large by nature; for benchmarks only.
#pragma once

#include <cstdint>

#include "services/matching/round_book.h"

namespace zhuxiao::matching {

struct Reference {
  double welfare_fen = 0;
  int64_t pairs = 0;  // possible pairs with a positive welfare, each tranche one
};

// The greatest welfare without spending limits, least lots and whole orders, units divisible into base units: a
// transportation problem, by LEMON's network simplex. Costs are rounded to a thousandth of a fen a unit of flow, which
// is what divides all sale units and orders of a commodity.
Reference SolveByNetworkSimplex(const RoundBook& book, const ClearingPolicy& policy);

// The same with spending limits: a linear program, by CLP's primal simplex. A bound of every allocation of whole units.
Reference SolveByLinearProgram(const RoundBook& book, const ClearingPolicy& policy);

}  // namespace zhuxiao::matching
