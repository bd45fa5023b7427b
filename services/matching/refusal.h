// Why what is left of an order stays unfilled: every listing of the commodity under its reason. Internal to the module.
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

// Looks at every listing of the shelf, whose lock the caller holds.
RefusalSummary ExplainLeftover(const Shelf& shelf, const OrderView& view, const Fill& fill, const Leftover& leftover);

}  // namespace zhuxiao::matching
