// The commands of clearing rounds that read a stream: following a round, and taking its open files.
#pragma once

#include <vector>

#include "clients/cli/command.h"

namespace zhuxiao::cli {

std::vector<Command> RoundCommands();

}  // namespace zhuxiao::cli
