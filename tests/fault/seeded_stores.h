// Stores with one seeded bug each, in front of a right one: to show that the conformance checks notice.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/store/store.h"

namespace zhuxiao::store {

// Forwards to a store of its own; bugs override what they break.
class SeededStore : public Store {
 public:
  explicit SeededStore(std::unique_ptr<Store> store) : store_(std::move(store)) {}

  std::shared_ptr<Snapshot> Latest() override { return store_->Latest(); }
  void Commit(Transaction transaction, std::function<void(CommitResult)> done) override {
    store_->Commit(std::move(transaction), std::move(done));
  }
  absl::StatusOr<std::vector<FeedEntry>> ReadFeed(Position after, size_t limit) override {
    return store_->ReadFeed(after, limit);
  }
  Position FeedEnd() override { return store_->FeedEnd(); }
  bool WaitFeed(Position after, absl::Time deadline) override { return store_->WaitFeed(after, deadline); }
  void Schedule(std::function<void()> task) override { store_->Schedule(std::move(task)); }

 protected:
  std::unique_ptr<Store> store_;
};

struct SeededBug {
  std::string name;
  std::string caught_by;  // a check of the conformance suite
  std::function<std::unique_ptr<Store>(std::unique_ptr<Store>)> seed;
};

// Every seeded bug, one at least for each promise of the contract.
std::vector<SeededBug> SeededBugs();

}  // namespace zhuxiao::store
