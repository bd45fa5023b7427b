// DESIGNATIONS.csv: programme, list_version, region_code, valid_from, valid_to, in any order, further columns passed
// over. Days are YYYY-MM-DD, both included; an empty valid_to leaves the entry open.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/reward/engine/scope.h"
#include "services/reward/offline/faults.h"

namespace zhuxiao::reward::offline {

// The entries of `text`; what is wrong in it is added to `faults` under the name `file`.
std::vector<engine::Designation> ReadDesignations(std::string_view text, const std::string& file, FaultList& faults);

}  // namespace zhuxiao::reward::offline
