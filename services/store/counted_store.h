// Counts how the commits of any store end, for metrics.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "services/store/store.h"

namespace zhuxiao::store {

// How commits ended since the start.
struct CommitCounts {
  uint64_t ok = 0;
  uint64_t conflict = 0;  // ABORTED: a row read had changed; most are tried again at once
  uint64_t bound = 0;     // OUT_OF_RANGE: a limit, or goods, ran out meanwhile
  uint64_t unknown = 0;   // UNAVAILABLE
  uint64_t refused = 0;   // all others: too large, too many waiting, damaged
};

// The store it is given, counted. Thread-safe.
class CountedStore final : public Store {
 public:
  explicit CountedStore(std::unique_ptr<Store> inner) : inner_(std::move(inner)) {}

  std::shared_ptr<Snapshot> Latest() override { return inner_->Latest(); }
  void Commit(Transaction transaction, std::function<void(CommitResult)> done) override;
  absl::StatusOr<std::vector<FeedEntry>> ReadFeed(Position after, size_t limit) override {
    return inner_->ReadFeed(after, limit);
  }
  Position FeedEnd() override { return inner_->FeedEnd(); }
  bool WaitFeed(Position after, absl::Time deadline) override { return inner_->WaitFeed(after, deadline); }
  void Schedule(std::function<void()> task) override { inner_->Schedule(std::move(task)); }

  CommitCounts Counts() const;

 private:
  void Count(const absl::Status& status);

  std::atomic<uint64_t> ok_ = 0;
  std::atomic<uint64_t> conflict_ = 0;
  std::atomic<uint64_t> bound_ = 0;
  std::atomic<uint64_t> unknown_ = 0;
  std::atomic<uint64_t> refused_ = 0;
  // Goes first: what it still answers then is counted.
  const std::unique_ptr<Store> inner_;
};

}  // namespace zhuxiao::store
