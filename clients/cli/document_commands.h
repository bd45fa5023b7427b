// The command that fetches a document: its bytes as they were issued, into a file or to the standard output.
#pragma once

#include <vector>

#include "clients/cli/command.h"

namespace zhuxiao::cli {

std::vector<Command> DocumentCommands();

}  // namespace zhuxiao::cli
