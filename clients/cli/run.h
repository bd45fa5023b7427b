// One run of the command line, from its words to its exit code.
#pragma once

#include <string>
#include <vector>

#include "clients/cli/session.h"

namespace zhuxiao::cli {

// Runs the command `arguments` (without the program's name) ask for and returns the exit code. Global options not given
// come from the environment: ZHUXIAO_SERVER, ZHUXIAO_TOKEN, ZHUXIAO_CA, ZHUXIAO_TLS_CERTIFICATE, ZHUXIAO_TLS_KEY, and
// LC_ALL, LC_MESSAGES or LANG for the language.
int Run(std::vector<std::string> arguments, const Environment& environment);

}  // namespace zhuxiao::cli
