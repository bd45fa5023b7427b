// Waits for what comes in its own time.
#pragma once

#include <functional>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace zhuxiao::testing {

// Far more than anything a test waits for takes, so that a machine under load does not fail it.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

// True once `holds` is; false where it never was within `patience`. It is asked again after each `pause`.
inline bool Eventually(const std::function<bool()>& holds, absl::Duration patience = kPatience,
                       absl::Duration pause = absl::Milliseconds(2)) {
  for (const absl::Time deadline = absl::Now() + patience; absl::Now() < deadline; absl::SleepFor(pause)) {
    if (holds()) return true;
  }
  return false;
}

}  // namespace zhuxiao::testing
