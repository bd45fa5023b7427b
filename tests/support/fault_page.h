// Tells processes with fault_preload.cc in them, while they run, what goes wrong with their clock and their disk.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/support/fault_values.h"

namespace zhuxiao::testing {

// Thread-safe.
class FaultPage {
 public:
  // Keeps its file in `directory`, which outlives it.
  explicit FaultPage(const std::string& directory);
  ~FaultPage();
  FaultPage(const FaultPage&) = delete;
  FaultPage& operator=(const FaultPage&) = delete;

  // For a process that shall obey: preloads the library.
  std::vector<std::string> environment() const;

  void JumpClock(absl::Duration offset) { values_->clock_offset_nanos = absl::ToInt64Nanoseconds(offset); }
  // EIO, ENOSPC and the like, or 0.
  void FailSyncs(int error) { values_->sync_error = error; }

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  FaultValues* values_ = nullptr;
};

}  // namespace zhuxiao::testing
