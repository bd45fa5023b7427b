// Commands that work on policy and sales files and need no server: `reward compute` and `reward explain`.
#pragma once

#include <vector>

#include "clients/cli/command.h"

namespace zhuxiao::cli {

std::vector<Command> RewardFileCommands();

}  // namespace zhuxiao::cli
