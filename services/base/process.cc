#include "services/base/process.h"

#include <sys/resource.h>

#include <chrono>

namespace zhuxiao::base {

double SteadySeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int64_t PeakMemoryKib() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;  // Linux counts KiB
}

}  // namespace zhuxiao::base
