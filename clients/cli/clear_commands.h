// The commands of clearing rounds from files, for which no server is needed: `clear`, `clear-check`, `clear-gen` and
// their like.
#pragma once

#include <vector>

#include "clients/cli/command.h"

namespace zhuxiao::cli {

std::vector<Command> ClearCommands();

}  // namespace zhuxiao::cli
