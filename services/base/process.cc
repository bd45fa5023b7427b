#include "services/base/process.h"

#include <sys/resource.h>

#include <algorithm>
#include <thread>

#include "services/base/steady.h"

namespace zhuxiao::base {

double SteadySeconds() { return static_cast<double>(SteadyNanos()) * 1e-9; }

int64_t PeakMemoryKib() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;  // Linux counts KiB
}

size_t FileThreads() {
  constexpr size_t kMaxThreads = 8;
  return std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMaxThreads);
}

}  // namespace zhuxiao::base
