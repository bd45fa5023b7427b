// Fixed sums by tier of net sales, some for the largest few only. Private to the engine.
#pragma once

#include <functional>
#include <vector>

#include "services/reward/engine/award.h"

namespace zhuxiao::reward::engine {

// The awards by claimant. A claimant that `is_admitted` turns away takes no place in a tier.
std::vector<Award> AwardTiers(const Grant& grant, const std::vector<Totals>& totals,
                              const std::function<bool(const Totals&)>& is_admitted);

}  // namespace zhuxiao::reward::engine
