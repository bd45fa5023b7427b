// The clock that only goes forward: for how long something took or may take, whatever the time of day is set to
// meanwhile. What time it is, Clock tells.
#pragma once

#include <chrono>
#include <cstdint>

namespace zhuxiao::base {

// Nanoseconds since some moment before this process began. Thread-safe.
inline int64_t SteadyNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace zhuxiao::base
