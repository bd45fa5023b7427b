// What the stores on RocksDB have in common: reads come from the database's published state, commits go through one
// committer, events come from the feed's log. What makes a commit durable is the committer's affair.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "services/store/store.h"

namespace zhuxiao::store {

class Committer;
class FeedLog;
class SharedLog;
class TaskPool;

// Thread-safe.
class CommittingStore : public Store {
 public:
  ~CommittingStore() override;

  std::shared_ptr<Snapshot> Latest() override;
  void Commit(Transaction transaction, std::function<void(CommitResult)> done) override;
  absl::StatusOr<std::vector<FeedEntry>> ReadFeed(Position after, size_t limit) override;
  Position FeedEnd() override;
  bool WaitFeed(Position after, absl::Time deadline) override;
  void Schedule(std::function<void()> task) override;

 protected:
  // In the order in which each uses those before it.
  struct Parts {
    Parts();
    Parts(Parts&&) noexcept;
    ~Parts();

    std::unique_ptr<SharedLog> log;  // none in an embedded store
    std::unique_ptr<FeedLog> feed;
    std::unique_ptr<TaskPool> tasks;
    std::unique_ptr<Committer> committer;
  };

  // All but the log must be there.
  explicit CommittingStore(Parts parts);

  Committer& committer() { return *parts_.committer; }

 private:
  Parts parts_;
};

}  // namespace zhuxiao::store
