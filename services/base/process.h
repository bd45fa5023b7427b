// What this process has spent, for reports of work that takes long.
#pragma once

#include <cstdint>

namespace zhuxiao::base {

// Seconds of a clock that never goes back, from an arbitrary beginning. Thread-safe.
double SteadySeconds();

// The most memory that was resident at once since the process began, KiB. Thread-safe.
int64_t PeakMemoryKib();
inline int64_t PeakMemoryMib() { return PeakMemoryKib() / 1024; }

}  // namespace zhuxiao::base
