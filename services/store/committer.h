// The one thread that commits: it takes all that waits, makes it durable as a group with one sync, publishes the new
// state and hands the answers out. One writer makes validation free of locks, and the busier it is, the more commits
// share a sync (group commit: DeWitt et al., SIGMOD 1984).
//
// In an embedded store the database's own log makes a group durable. A replica of a shared store appends the group to
// the shared log, and its database is a copy: where the log has grown meanwhile, the group is taken back, what was
// missed is applied, and the group is decided again. One of the replicas always gets on, so all do.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "services/store/commit_group.h"
#include "services/store/commit_queue.h"
#include "services/store/feed_log.h"
#include "services/store/read_view.h"
#include "services/store/shared_log.h"
#include "services/store/task_pool.h"

namespace zhuxiao::store {

// Thread-safe.
class Committer {
 public:
  struct Options {
    size_t queue_capacity = 0;
    bool sync = true;          // of the database's own log
    SharedLog* log = nullptr;  // outlives the committer; `state` is that of the copy, with its sum
    CopyState state;
    std::string author;                                     // of this replica's records; differs between any two
    std::function<void(const absl::Status&)> on_condition;  // hears of every change of Condition, on the commit thread
    std::function<absl::StatusOr<CopyState>()> fill;        // as in ReplicaOptions, on the commit thread
  };

  // Answers are called on `tasks`, which must outlive Stop.
  Committer(std::shared_ptr<Database> database, FeedLog& feed, TaskPool& tasks, Options options);
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // The published state.
  std::shared_ptr<ReadView> Latest();

  // As Store::Commit.
  void Commit(Transaction transaction, std::function<void(CommitResult)> done);

  // OK, or why the shared log could not be used when last tried: UNAVAILABLE, or DATA_LOSS where it lacks something
  // that was acknowledged.
  absl::Status Condition();

  // Since the shared log was last heard of.
  absl::Duration Silence() const;
  // Groups decided again because another replica was quicker, and times the copy was made anew.
  uint64_t overtaken_count() const { return overtaken_count_; }
  uint64_t filling_count() const { return filling_count_; }

  // Finishes what was admitted, and refuses with UNAVAILABLE what comes later.
  void Stop();

 private:
  struct Answer {
    PendingCommit commit;  // with its transaction, so that freeing it is the pool's work too
    CommitResult result;
  };
  using Answers = std::vector<Answer>;

  void Run();
  void CommitAll(std::vector<PendingCommit> group);
  // Decides on all and makes the outcome durable. False where another replica was quicker: to be tried again.
  bool Try(Answers& answers);
  bool TryWithLog(Answers& answers);
  // Applies what other replicas have appended. True where the record after `expected` was among it.
  absl::StatusOr<bool> CatchUp(const LogPlace& expected);
  absl::Status Adopt(const LogRecord& record);
  // Makes the group durable in the shared log, and visible. True where it is done with, false where another replica
  // was quicker.
  absl::StatusOr<bool> Append();
  // Makes the copy anew. What was under way has an unknown outcome: never OK.
  absl::Status FillAnew();
  // True where the log was heard of so lately that a decision may rest on the copy.
  bool IsCurrent() const;
  void SetCondition(const absl::Status& condition);

  // Writes the group and publishes the state after it, or stops the committer for good.
  absl::Status WriteAndPublish();
  void Publish(std::shared_ptr<ReadView> view);
  // Reads the counters that `transaction` adds to into the cache, so that the commit thread need not.
  void WarmCounters(const Transaction& transaction);

  const std::shared_ptr<Database> database_;
  FeedLog& feed_;
  TaskPool& tasks_;
  const Options options_;
  CommitQueue queue_;
  // The commit thread's own.
  CommitGroup group_;
  CopyState copy_;
  bool is_copy_whole_ = true;       // not while it is made anew
  int64_t next_filling_nanos_ = 0;  // of the steady clock
  uint64_t record_count_ = 0;

  std::atomic<uint64_t> overtaken_count_ = 0;
  std::atomic<uint64_t> filling_count_ = 0;
  std::atomic<bool> has_failed_ = false;
  std::atomic<bool> must_look_ = false;
  std::atomic<int64_t> heard_nanos_ = 0;  // when the log was last heard of
  std::mutex condition_mutex_;
  absl::Status condition_;  // guarded by condition_mutex_
  std::mutex view_mutex_;
  std::shared_ptr<ReadView> view_;  // guarded by view_mutex_
  std::thread thread_;
};

}  // namespace zhuxiao::store
