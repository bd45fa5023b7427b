// Every life cycle of the product in one place, for whoever draws them or tests them all.
#pragma once

#include <string>
#include <vector>

#include "services/base/state_machine.h"

namespace zhuxiao::server {

// In the order they are drawn.
const std::vector<const base::StateMachine*>& StateMachines();

// services/STATES.md: what `zhuxiaod states` prints.
std::string DrawStateMachines();

}  // namespace zhuxiao::server
