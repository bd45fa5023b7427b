// Threads for calls that take long (exports, watches, explanations), so that none of them ever holds a thread that
// serves calls.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace zhuxiao::rpc {

// Thread-safe. The destructor waits for the tasks under way; end their calls before.
class Workers {
 public:
  // At most `most` tasks run at once; `kind` names them to callers, for example "exports".
  Workers(size_t most, std::string kind) : most_(most), kind_(std::move(kind)) {}
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Runs `task` on a thread of its own. RESOURCE_EXHAUSTED with RetryInfo while as many run as may.
  absl::Status Run(std::function<void()> task);

 private:
  struct Worker {
    std::thread thread;
    bool is_done = false;
  };

  const size_t most_;
  const std::string kind_;
  absl::Mutex mutex_;
  std::vector<std::shared_ptr<Worker>> workers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuxiao::rpc
