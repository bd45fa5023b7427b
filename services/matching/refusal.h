// Why what is left of an order stays unfilled: listings of the commodity under their reasons. Internal to the module.
#pragma once

#include <cstdint>

#include "services/matching/candidate.h"
#include "services/matching/fill.h"

namespace zhuxiao::matching {

// The order's state after its fill.
struct Leftover {
  int64_t base = 0;
  int64_t fen = 0;
  int32_t contracts = 0;
  bool is_all_or_nothing = false;  // the fill was given up because it was only partial
};

// Looks at the groups of counties nearest to the destination until kMostExplained listings are seen. The caller holds
// the shelf's lock.
RefusalSummary ExplainLeftover(const Shelf& shelf, const OrderView& view, const Fill& fill, const Leftover& leftover);

}  // namespace zhuxiao::matching
