// Stores with one seeded bug each, in front of a right one: to show that the conformance checks notice.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/store/store.h"

namespace zhuxiao::store {

// Forwards to another store; bugs override what they break.
class SeededStore : public Store {
 public:
  explicit SeededStore(std::shared_ptr<Store> store) : store_(std::move(store)) {}

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
  std::shared_ptr<Store> store_;
};

// What a rewritten transaction leaves out or changes.
struct Rewrite {
  std::function<bool(std::string_view)> keeps_write = [](std::string_view) { return true; };
  std::function<Bounds(Bounds)> bounds = [](Bounds b) { return b; };
  int add_times = 1;
  bool keeps_reads = true;
  bool keeps_ranges = true;
  size_t dropped_events = 0;  // from the end
};

// Commits a copy of each transaction, rewritten, over the same snapshot.
class RewritingStore final : public SeededStore {
 public:
  RewritingStore(std::shared_ptr<Store> store, Rewrite rewrite)
      : SeededStore(std::move(store)), rewrite_(std::move(rewrite)) {}

  void Commit(Transaction transaction, std::function<void(CommitResult)> done) override;

 private:
  const Rewrite rewrite_;
};

// Bounds one too wide, and the request record not kept.
Bounds OneTooHigh(Bounds bounds);
Bounds OneTooLow(Bounds bounds);
bool IsNoRequestRecord(std::string_view key);

struct SeededBug {
  std::string name;
  std::string caught_by;  // a check of the conformance suite
  std::function<std::unique_ptr<Store>(std::unique_ptr<Store>)> seed;
};

// Every seeded bug, one at least for each promise of the contract.
std::vector<SeededBug> SeededBugs();

}  // namespace zhuxiao::store
