// The commands of stall cases that are no single call.
#pragma once

#include <vector>

#include "clients/cli/command.h"

namespace zhuxiao::cli {

// `stall watch`: prints each case as it changes, until the stream ends.
std::vector<Command> StallCommands();

}  // namespace zhuxiao::cli
