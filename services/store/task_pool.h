// A few threads that run tasks in the order posted: completions and retried transaction bodies. Its queue has no
// limit of its own, because every task belongs to a transaction that was admitted elsewhere.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"

namespace zhuxiao::store {

// Thread-safe. The destructor runs what was posted, tasks posted by tasks included, and then returns.
class TaskPool {
 public:
  // Requires thread_count >= 1.
  explicit TaskPool(size_t thread_count);
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  void Post(std::function<void()> task);

 private:
  void Work();

  absl::Mutex mutex_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace zhuxiao::store
