// The store of one replica among several: a copy of the rows on RocksDB, and a shared log that makes commits durable
// and orders them. Reads come from the copy, at its speed and without asking anybody; a snapshot trails what other
// replicas commit by the moment the log takes to tell, but no commit and no refusal ever rests on an outdated one.
//
// While the log cannot be reached, reads go on and commits answer UNAVAILABLE. Where it lacks what was acknowledged,
// commits answer DATA_LOSS, within a second, until it has it again.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "services/store/shared_log.h"
#include "services/store/store.h"
#include "services/store/task_pool.h"

namespace zhuxiao::store {

class Committer;
class Database;
class FeedLog;

struct ReplicaOptions {
  // As in RocksDbStoreOptions.
  size_t queue_capacity = 4096;
  size_t thread_count = 2;
  // Of this replica's records; no other replica, now or later, has the same.
  std::string author;
  // Hears of every change of Condition, on a thread that must not be kept.
  std::function<void(const absl::Status&)> on_condition;
};

// Thread-safe.
class ReplicaStore final : public Store {
 public:
  // `database` is a copy of the store that `log` leads to, at `place`.
  static absl::StatusOr<std::unique_ptr<ReplicaStore>> Open(std::unique_ptr<SharedLog> log,
                                                            std::shared_ptr<Database> database, LogPlace place,
                                                            ReplicaOptions options);
  ~ReplicaStore() override;

  std::shared_ptr<Snapshot> Latest() override;
  void Commit(Transaction transaction, std::function<void(CommitResult)> done) override;
  absl::StatusOr<std::vector<FeedEntry>> ReadFeed(Position after, size_t limit) override;
  Position FeedEnd() override;
  bool WaitFeed(Position after, absl::Time deadline) override;
  void Schedule(std::function<void()> task) override;

  // OK, or why commits are refused now: UNAVAILABLE or DATA_LOSS.
  absl::Status Condition();

 private:
  ReplicaStore(std::unique_ptr<SharedLog> log, std::shared_ptr<Database> database, LogPlace place,
               std::unique_ptr<FeedLog> feed, ReplicaOptions options);

  std::unique_ptr<SharedLog> log_;
  std::unique_ptr<FeedLog> feed_;
  std::unique_ptr<TaskPool> tasks_;
  std::unique_ptr<Committer> committer_;
};

}  // namespace zhuxiao::store
