// The queue before the commit thread.
#include "services/store/commit_queue.h"

#include <iterator>
#include <utility>

namespace zhuxiao::store {

CommitQueue::Admission CommitQueue::Push(PendingCommit& pending) {
  absl::MutexLock lock(&mutex_);
  if (is_closed_) return Admission::kClosed;
  if (queue_.size() >= capacity_ || bytes_ + pending.bytes > kMaxBytes) return Admission::kFull;
  bytes_ += pending.bytes;
  queue_.push_back(std::move(pending));
  return Admission::kAdmitted;
}

bool CommitQueue::TakeGroup(std::vector<PendingCommit>& group) {
  group.clear();
  absl::MutexLock lock(&mutex_);
  const auto has_work = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !queue_.empty() || is_closed_; };
  mutex_.Await(absl::Condition(&has_work));
  size_t count = 0;
  size_t group_bytes = 0;
  while (count < queue_.size() && count < kMaxGroup && group_bytes < kMaxGroupBytes) {
    group_bytes += queue_[count++].bytes;
  }
  bytes_ -= group_bytes;
  if (count == queue_.size()) {
    group.swap(queue_);
  } else {
    std::move(queue_.begin(), queue_.begin() + count, std::back_inserter(group));
    queue_.erase(queue_.begin(), queue_.begin() + count);
  }
  return !group.empty();
}

void CommitQueue::Close() {
  absl::MutexLock lock(&mutex_);
  is_closed_ = true;
}

}  // namespace zhuxiao::store
