// A store that fails on purpose in front of a real one: for tests of what callers do when a commit's outcome is
// unknown.
#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "services/store/store.h"

namespace zhuxiao::store {

// What becomes of a commit.
enum class CommitFault {
  kNone,
  kLostAnswer,   // committed, but the caller hears UNAVAILABLE
  kLostRequest,  // not committed, and the caller hears UNAVAILABLE
  kConflict,     // not committed, and the caller hears ABORTED
};

// Thread-safe as far as `choose` is. Forwards everything else to `store`, which must outlive it.
class FaultStore : public Store {
 public:
  // `choose` is asked once a commit, with its number from 0 on.
  FaultStore(Store& store, std::function<CommitFault(int)> choose) : store_(store), choose_(std::move(choose)) {}

  void Commit(Transaction transaction, std::function<void(CommitResult)> done) override {
    switch (choose_(count_++)) {
      case CommitFault::kNone:
        return store_.Commit(std::move(transaction), std::move(done));
      case CommitFault::kLostAnswer:
        return store_.Commit(std::move(transaction), [done = std::move(done)](CommitResult) {
          done({absl::UnavailableError("the answer was lost")});
        });
      case CommitFault::kLostRequest:
        return done({absl::UnavailableError("the request was lost")});
      case CommitFault::kConflict:
        return done({absl::AbortedError("a conflict was pretended")});
    }
  }

  std::shared_ptr<Snapshot> Latest() override { return store_.Latest(); }
  absl::StatusOr<std::vector<FeedEntry>> ReadFeed(Position after, size_t limit) override {
    return store_.ReadFeed(after, limit);
  }
  Position FeedEnd() override { return store_.FeedEnd(); }
  bool WaitFeed(Position after, absl::Time deadline) override { return store_.WaitFeed(after, deadline); }
  void Schedule(std::function<void()> task) override { store_.Schedule(std::move(task)); }

  int commit_count() const { return count_; }

 private:
  Store& store_;
  const std::function<CommitFault(int)> choose_;
  std::atomic<int> count_ = 0;
};

}  // namespace zhuxiao::store
