// Reads policy.toml: the weights of a round and the day it counts from.
#pragma once

#include <string>

#include "services/matching/round_book.h"
#include "services/round_files/faults.h"

namespace zhuxiao::round_files {

// The policy in DIR/policy.toml. Keys: today, urgency = [[days, ppm], ...], stall_ppm = [...], linkage_weight_ppm,
// gap_weight_ppm, tranche_ppm, tranche_bonus_ppm, all required, and version (text; "file" where it is missing). An
// unknown key is a fault: a misspelt weight would count as none. Where there are faults, what is returned is not to be
// used.
matching::ClearingPolicy ReadPolicy(const std::string& dir, Faults& faults);

// The same policy as text.
std::string FormatPolicy(const matching::ClearingPolicy& policy);

}  // namespace zhuxiao::round_files
