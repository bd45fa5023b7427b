// How a command ends: exit codes that mean something, and errors told to people and to programs.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "clients/cli/catalogue.h"

namespace zhuxiao::cli {

// What the process returns. Scripts rely on the numbers; they never change.
enum ExitCode : int {
  kExitOk = 0,
  kExitInternal = 1,         // unexpected: INTERNAL, DATA_LOSS, UNKNOWN, files that cannot be read or written
  kExitUsage = 2,            // the command line is wrong; nothing was sent
  kExitInvalidArgument = 3,  // the server found fields wrong
  kExitNotFound = 4,
  kExitRefused = 5,      // a business "no": FAILED_PRECONDITION, ALREADY_EXISTS
  kExitAborted = 6,      // ABORTED: read again
  kExitUnavailable = 7,  // UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED: the same request_id may be sent again
  kExitDenied = 8,       // UNAUTHENTICATED, PERMISSION_DENIED
  kExitPartial = 9,      // an import left rows out
  kExitBroken = 10,  // verify found broken invariants, clear-check a broken outcome, or a record computed again differs
};

// The exit code for a call's status.
ExitCode ExitCodeOf(const absl::Status& status);

// For people: the reason by name, the server's message, each bad field on a line of its own, and what to do.
std::string DescribeError(Language language, const absl::Status& status);

// For programs: {"error": google.rpc.Status as JSON}, details included, in one line.
std::string ErrorAsJson(const absl::Status& status);

}  // namespace zhuxiao::cli
