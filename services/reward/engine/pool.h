// A fund that may not suffice for all awards. Private to the engine.
#pragma once

#include <vector>

#include "services/reward/engine/award.h"

namespace zhuxiao::reward::engine {

// Lowers `awards` so that they sum to at most `fund_fen`, by the pool's mode, and returns what is left. Never below 0;
// exactly 0 where the awards asked for the fund or more. Ranked: larger net sales first, of equal ones the lower index.
int64_t ShareFund(const Pool& pool, int64_t fund_fen, const WindowSales& sales, std::vector<Award>& awards);

}  // namespace zhuxiao::reward::engine
