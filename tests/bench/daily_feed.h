// The feed of a national year, made up event by event as it is read: listings, then contracts that are matched, signed,
// shipped, accepted and settled over days. Nothing is kept, so that a million contracts need no room.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "services/base/clock.h"
#include "services/store/memory_store.h"
#include "services/store/store.h"
#include "zhuxiao/audit/v1/audit.pb.h"

namespace zhuxiao::bench {

struct FeedSize {
  int64_t listings = 300'000;
  int64_t contracts = 1'000'000;
  int days = 365;
  int64_t buyers = 20'000;
};

// Thread-safe once made. The same size gives the same feed. Rows are those of `rows`, which outlives it.
class DailyFeed final : public store::Store {
 public:
  DailyFeed(store::Store& rows, const FeedSize& size);

  std::shared_ptr<store::Snapshot> Latest() override { return rows_.Latest(); }
  void Commit(store::Transaction transaction, std::function<void(store::CommitResult)> done) override {
    rows_.Commit(std::move(transaction), std::move(done));
  }
  absl::StatusOr<std::vector<store::FeedEntry>> ReadFeed(store::Position after, size_t limit) override;
  store::Position FeedEnd() override { return {1, static_cast<uint64_t>(steps_.size())}; }
  bool WaitFeed(store::Position, absl::Time) override { return false; }
  void Schedule(std::function<void()> task) override { rows_.Schedule(std::move(task)); }

  // The position of the last event of the feed's day `day`, from 0.
  store::Position EndOf(int day) const { return {1, day_ends_[static_cast<size_t>(day)]}; }
  // The last day, the rush at year's end, in which contracts are made.
  base::Day DayAt(int day) const { return first_day_ + day; }
  int days() const { return static_cast<int>(day_ends_.size()); }

 private:
  // Who did what: a listing made (0), or the nth step of a contract (1 to 5).
  struct Step {
    uint32_t thing : 28;
    uint32_t kind : 4;
  };

  audit::v1::Event EventOf(const Step& step, int day) const;

  store::Store& rows_;
  const FeedSize size_;
  const base::Day first_day_;
  std::vector<Step> steps_;
  std::vector<uint64_t> day_ends_;
};

// The credit code of a buyer; the organisations of `rows` are these.
std::string BuyerOf(int64_t number);

}  // namespace zhuxiao::bench
