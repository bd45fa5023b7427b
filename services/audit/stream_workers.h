// Threads for long exports, so that a slow auditor never holds a thread that serves calls.
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace zhuxiao::audit {

// Exports at once. Each holds a snapshot, which costs the store memory while it lasts.
inline constexpr int kMaxExports = 4;

// Thread-safe. The destructor waits for the exports under way; end their calls before.
class StreamWorkers {
 public:
  StreamWorkers() = default;
  ~StreamWorkers();
  StreamWorkers(const StreamWorkers&) = delete;
  StreamWorkers& operator=(const StreamWorkers&) = delete;

  // Runs `task` on a thread of its own. RESOURCE_EXHAUSTED with RetryInfo while kMaxExports run.
  absl::Status Run(std::function<void()> task);

 private:
  struct Worker {
    std::thread thread;
    bool is_done = false;
  };

  absl::Mutex mutex_;
  std::vector<std::shared_ptr<Worker>> workers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuxiao::audit
