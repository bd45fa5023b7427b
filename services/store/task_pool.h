// A few threads that run tasks in the order posted: completions and retried transaction bodies. Its queue has no
// limit of its own, because every task belongs to a transaction that was admitted elsewhere.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

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

  std::mutex mutex_;  // guards all below but the threads
  std::condition_variable has_work_;
  std::deque<std::function<void()>> tasks_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace zhuxiao::store
