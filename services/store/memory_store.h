// The store as a model: one lock around a map that keeps every version of a row that some snapshot may still read. It
// defines what the other backends must do and serves tests; it is not durable, and it keeps the whole feed in memory,
// so it is not for production.
#pragma once

#include <memory>

#include "services/store/store.h"
#include "services/store/task_pool.h"

namespace zhuxiao::store {

// Thread-safe. `done` of Commit runs on the caller's thread.
class MemoryStore final : public Store {
 public:
  MemoryStore();
  ~MemoryStore() override;

  std::shared_ptr<Snapshot> Latest() override;
  void Commit(Transaction transaction, std::function<void(CommitResult)> done) override;
  absl::StatusOr<std::vector<FeedEntry>> ReadFeed(Position after, size_t limit) override;
  Position FeedEnd() override;
  bool WaitFeed(Position after, absl::Time deadline) override;
  void Schedule(std::function<void()> task) override;

 private:
  class State;
  class View;

  std::shared_ptr<State> state_;
  TaskPool tasks_;
};

}  // namespace zhuxiao::store
