// The commands of whoever checks the books: `verify`, `audit books`, `audit feed`.
#pragma once

#include <vector>

#include "clients/cli/command.h"

namespace zhuxiao::cli {

std::vector<Command> AuditCommands();

}  // namespace zhuxiao::cli
