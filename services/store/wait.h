// Waiting on a condition variable up to an absl::Time, which a clock that is set meanwhile does not move. The store
// uses the standard library's locks because ThreadSanitizer can follow those, and cannot follow Abseil's as Debian
// builds them.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace zhuxiao::store {

// Waits until `holds()` or until `deadline`, which may be infinite either way; returns holds().
template <typename Predicate>
bool WaitUntil(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, absl::Time deadline,
               const Predicate& holds) {
  if (deadline == absl::InfiniteFuture()) {
    changed.wait(lock, holds);
    return true;
  }
  // Within what the steady clock can count to.
  const absl::Duration left = std::min(deadline - absl::Now(), absl::Hours(24 * 365));
  return changed.wait_for(lock, absl::ToChronoNanoseconds(left), holds);
}

}  // namespace zhuxiao::store
