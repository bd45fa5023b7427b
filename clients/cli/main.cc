// zhuxiao, the command line.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "absl/synchronization/mutex.h"
#include "clients/cli/run.h"

int main(int argc, char** argv) {
  // gRPC's own locks trip the detector of debug builds of Abseil.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const zhuxiao::base::SystemClock clock;
  zhuxiao::base::SystemRandom random;
  const zhuxiao::cli::Environment environment{.out = std::cout,
                                              .err = std::cerr,
                                              .err_is_terminal = isatty(STDERR_FILENO) == 1,
                                              .variable =
                                                  [](const char* name) {
                                                    const char* value = std::getenv(name);
                                                    return std::string(value == nullptr ? "" : value);
                                                  },
                                              .clock = clock,
                                              .random = random};
  return zhuxiao::cli::Run({argv + 1, argv + argc}, environment);
}
