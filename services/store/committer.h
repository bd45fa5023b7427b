// The one thread that commits: it takes all that waits, writes it as a group with one sync, publishes the new state
// and hands the answers out. One writer makes validation free of locks, and the busier it is, the more commits share
// a sync (group commit: DeWitt et al., SIGMOD 1984).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "services/store/commit_group.h"
#include "services/store/commit_queue.h"
#include "services/store/feed_log.h"
#include "services/store/read_view.h"
#include "services/store/task_pool.h"

namespace zhuxiao::store {

// Thread-safe.
class Committer {
 public:
  // Answers are called on `tasks`, which must outlive Stop.
  Committer(std::shared_ptr<Database> database, FeedLog& feed, TaskPool& tasks, size_t queue_capacity, bool sync);
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // The published state.
  std::shared_ptr<ReadView> Latest();

  // As Store::Commit.
  void Commit(Transaction transaction, std::function<void(CommitResult)> done);

  // Finishes what was admitted, and refuses with UNAVAILABLE what comes later.
  void Stop();

 private:
  void Run();
  void CommitAll(std::vector<PendingCommit> group);
  // Writes the group and publishes the state after it, or stops the committer for good.
  absl::Status WriteAndPublish();
  void Publish(std::shared_ptr<ReadView> view);
  // Reads the counters that `transaction` adds to into the cache, so that the commit thread need not.
  void WarmCounters(const Transaction& transaction);

  const std::shared_ptr<Database> database_;
  FeedLog& feed_;
  TaskPool& tasks_;
  const bool sync_;
  CommitQueue queue_;
  CommitGroup group_;  // the commit thread's own
  std::atomic<bool> has_failed_ = false;
  std::mutex view_mutex_;
  std::shared_ptr<ReadView> view_;  // guarded by view_mutex_
  std::thread thread_;
};

}  // namespace zhuxiao::store
