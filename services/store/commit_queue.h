// Transactions that wait for the commit thread, bounded in number and bytes.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "services/store/store.h"

namespace zhuxiao::store {

struct PendingCommit {
  Transaction transaction;
  std::function<void(CommitResult)> done;
  size_t bytes = 0;
};

// Thread-safe; one consumer.
class CommitQueue {
 public:
  // A group is written and answered together: large enough to share one sync among all that wait at the busiest,
  // small enough that the first does not wait for the last.
  static constexpr size_t kMaxGroup = 256;
  static constexpr size_t kMaxGroupBytes = 16 << 20;
  // Twice the largest transaction for each of two groups, so that a few giants cannot fill the memory.
  static constexpr size_t kMaxBytes = 64 << 20;

  enum class Admission { kAdmitted, kFull, kClosed };

  explicit CommitQueue(size_t capacity) : capacity_(capacity) {}

  // Moves from `pending` only where it is admitted.
  Admission Push(PendingCommit& pending);

  // Waits for work or Wake and moves the oldest work into `group` (cleared before), which may stay empty after Wake.
  // False where the queue is closed and empty.
  bool TakeGroup(std::vector<PendingCommit>& group);

  // Lets TakeGroup return once although there is no work.
  void Wake();

  // Refuses what comes from now on; what is queued is still handed out.
  void Close();

 private:
  const size_t capacity_;
  std::mutex mutex_;  // guards all below
  std::condition_variable has_work_;
  std::vector<PendingCommit> queue_;
  size_t bytes_ = 0;
  bool is_closed_ = false;
  bool is_woken_ = false;
};

}  // namespace zhuxiao::store
