// Commands of officers that move whole files: `reward propose` sends a policy's text, `reward policy` shows one
// in words, `reward export` fetches a statement, `reward sales` the sales a policy looks at.
#pragma once

#include <vector>

#include "clients/cli/command.h"

namespace zhuxiao::cli {

std::vector<Command> RewardOfficeCommands();

}  // namespace zhuxiao::cli
