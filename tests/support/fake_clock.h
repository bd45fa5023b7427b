// A clock that stands still until the test moves it.
#pragma once

#include <atomic>

#include "absl/time/time.h"
#include "services/base/clock.h"

namespace zhuxiao::testing {

// Thread-safe.
class FakeClock final : public base::Clock {
 public:
  // Starts at `now`; the default is noon of 2020-03-02 in Asia/Shanghai, a Monday of the season the product is for.
  explicit FakeClock(absl::Time now = absl::FromUnixSeconds(1'583'121'600)) { Set(now); }

  absl::Time Now() const override { return absl::FromUnixNanos(nanos_.load()); }

  void Set(absl::Time now) { nanos_.store(absl::ToUnixNanos(now)); }
  void Advance(absl::Duration duration) { nanos_.fetch_add(absl::ToInt64Nanoseconds(duration)); }

 private:
  std::atomic<int64_t> nanos_;
};

}  // namespace zhuxiao::testing
