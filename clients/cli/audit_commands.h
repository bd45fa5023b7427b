// The commands of whoever checks the books: `verify`, `audit books`, `audit feed`.
#pragma once

#include <vector>

#include "clients/cli/command.h"

namespace zhuxiao::cli {

std::vector<Command> AuditCommands();

// Checks the books that `client`, an auditor's or operator's, can read, prints what was checked and what does not hold,
// and returns the exit code.
int VerifyBooks(const Session& session, const client::Client& client);

}  // namespace zhuxiao::cli
