// The queue before the commit thread.
#include "services/store/commit_queue.h"

#include <iterator>
#include <utility>

namespace zhuxiao::store {

CommitQueue::Admission CommitQueue::Push(PendingCommit& pending) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return Admission::kClosed;
  if (queue_.size() >= capacity_ || bytes_ + pending.bytes > kMaxBytes) return Admission::kFull;
  bytes_ += pending.bytes;
  queue_.push_back(std::move(pending));
  if (queue_.size() == 1) has_work_.notify_one();
  return Admission::kAdmitted;
}

bool CommitQueue::TakeGroup(std::vector<PendingCommit>& group) {
  group.clear();
  std::unique_lock lock(mutex_);
  has_work_.wait(lock, [this] { return !queue_.empty() || is_closed_ || is_woken_; });
  const bool was_woken = std::exchange(is_woken_, false);
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
  return !group.empty() || (was_woken && !is_closed_);
}

void CommitQueue::Wake() {
  const std::lock_guard lock(mutex_);
  is_woken_ = true;
  has_work_.notify_one();
}

void CommitQueue::Close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  has_work_.notify_one();
}

}  // namespace zhuxiao::store
