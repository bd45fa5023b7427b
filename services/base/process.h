// What this process has spent, for reports of work that takes long, and what it may use.
#pragma once

#include <cstddef>
#include <cstdint>

namespace zhuxiao::base {

// Seconds of a clock that never goes back, from an arbitrary beginning. Thread-safe.
double SteadySeconds();

// The most memory that was resident at once since the process began, KiB. Thread-safe.
int64_t PeakMemoryKib();
inline int64_t PeakMemoryMib() { return PeakMemoryKib() / 1024; }

// Threads for work on large files: as many as the machine runs at once, at most 8, since more wait for the disk.
size_t FileThreads();

}  // namespace zhuxiao::base
