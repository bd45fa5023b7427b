// The seeded bugs. Most rewrite the transaction on its way to the right store behind them.
#include "tests/fault/seeded_stores.h"

#include <mutex>

namespace zhuxiao::store {
namespace {

// Says OK at once and commits only when the next commit comes: what acknowledging before the sync amounts to.
class EarlyAnswerStore final : public SeededStore {
 public:
  using SeededStore::SeededStore;

  void Commit(Transaction transaction, std::function<void(CommitResult)> done) override {
    {
      const std::lock_guard lock(mutex_);
      if (held_ != nullptr) store_->Commit(std::move(*held_), [](CommitResult) {});
      held_ = std::make_unique<Transaction>(std::move(transaction));
    }
    done({absl::OkStatus(), {}, store_->FeedEnd()});
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<Transaction> held_;
};

// Answers read-only commits without validating them.
class TrustingStore final : public SeededStore {
 public:
  using SeededStore::SeededStore;

  void Commit(Transaction transaction, std::function<void(CommitResult)> done) override {
    if (transaction.is_read_only()) {
      done({absl::OkStatus(), {}, transaction.snapshot().position()});
    } else {
      store_->Commit(std::move(transaction), std::move(done));
    }
  }
};

// Calls back once too often.
class TwiceAnsweringStore final : public SeededStore {
 public:
  using SeededStore::SeededStore;

  void Commit(Transaction transaction, std::function<void(CommitResult)> done) override {
    store_->Commit(std::move(transaction), [done = std::move(done)](CommitResult result) {
      done(result);
      done(result);
    });
  }
};

// Lets the follower's next position skip an event at the edge of a page.
class SkippingFeedStore final : public SeededStore {
 public:
  using SeededStore::SeededStore;

  absl::StatusOr<std::vector<FeedEntry>> ReadFeed(Position after, size_t limit) override {
    if (after.sequence > 0) ++after.sequence;
    return store_->ReadFeed(after, limit);
  }
};

// Writes the request record in a commit of its own, after the effect's, once there is time for it.
class LateRecordStore final : public SeededStore {
 public:
  explicit LateRecordStore(std::shared_ptr<Store> store)
      : SeededStore(store), without_(std::move(store), {.keeps_write = IsNoRequestRecord}) {}

  void Commit(Transaction transaction, std::function<void(CommitResult)> done) override {
    auto records = std::make_unique<Transaction>(store_->Latest());
    for (const auto& [key, value] : transaction.writes()) {
      if (!IsNoRequestRecord(key) && value) records->Put(key, *value);
    }
    without_.Commit(std::move(transaction), std::move(done));
    const std::lock_guard lock(mutex_);
    if (late_ != nullptr) store_->Commit(std::move(*late_), [](CommitResult) {});
    late_ = std::move(records);
  }

 private:
  RewritingStore without_;
  std::mutex mutex_;
  std::unique_ptr<Transaction> late_;  // guarded by mutex_
};

SeededBug Rewriting(std::string name, std::string caught_by, Rewrite rewrite) {
  return {std::move(name), std::move(caught_by),
          [rewrite = std::move(rewrite)](std::unique_ptr<Store> store) -> std::unique_ptr<Store> {
            return std::make_unique<RewritingStore>(std::move(store), rewrite);
          }};
}

template <typename Bug>
SeededBug Seeding(std::string name, std::string caught_by) {
  return {std::move(name), std::move(caught_by), [](std::unique_ptr<Store> store) -> std::unique_ptr<Store> {
            return std::make_unique<Bug>(std::move(store));
          }};
}

}  // namespace

void RewritingStore::Commit(Transaction transaction, std::function<void(CommitResult)> done) {
  const auto original = std::make_shared<Transaction>(std::move(transaction));
  // The snapshot lives as long as the original, which the callback holds.
  const std::shared_ptr<Snapshot> snapshot(original, const_cast<Snapshot*>(&original->snapshot()));
  Transaction copy(snapshot);
  if (rewrite_.keeps_reads) {
    for (const std::string& key : original->read_keys()) copy.Get(key).IgnoreError();
  }
  if (rewrite_.keeps_ranges) {
    for (const Transaction::Range& range : original->read_ranges()) {
      copy.Scan(range.begin, range.end, kMaxScanRows).IgnoreError();
    }
  }
  for (const auto& [key, value] : original->writes()) {
    if (!rewrite_.keeps_write(key)) continue;
    if (value) {
      copy.Put(key, *value);
    } else {
      copy.Delete(key);
    }
  }
  for (const Transaction::AddOperation& add : original->adds()) {
    for (int i = 0; i < rewrite_.add_times; ++i) {
      copy.Add(add.key, add.field, add.delta, rewrite_.bounds(add.bounds)).IgnoreError();
    }
  }
  for (size_t i = 0; i + rewrite_.dropped_events < original->events().size(); ++i) copy.Append(original->events()[i]);
  store_->Commit(std::move(copy), [original, done = std::move(done)](CommitResult result) { done(result); });
}

Bounds OneTooHigh(Bounds bounds) { return {bounds.min, bounds.max < INT64_MAX ? bounds.max + 1 : bounds.max}; }
Bounds OneTooLow(Bounds bounds) { return {bounds.min > INT64_MIN ? bounds.min - 1 : bounds.min, bounds.max}; }
bool IsNoRequestRecord(std::string_view key) { return !key.starts_with("request/"); }

std::vector<SeededBug> SeededBugs() {
  return {
      Seeding<EarlyAnswerStore>("acknowledges before it commits", "CommittedValuesAreRead"),
      Rewriting("loses the request record", "SameRequestSameBytes", {.keeps_write = IsNoRequestRecord}),
      Seeding<LateRecordStore>("writes the request record after its commit", "UnknownOutcomesHappenOnce"),
      Rewriting("does not check the fence of a lease", "FencesStopOldHolders", {.keeps_reads = false}),
      Rewriting("does not validate keys read", "ChangedReadAborts", {.keeps_reads = false}),
      Rewriting("does not validate ranges scanned", "PhantomsAbort", {.keeps_ranges = false}),
      Rewriting("does not validate ranges scanned, under threads", "CommitOrderExplainsEveryRead",
                {.keeps_ranges = false}),
      Rewriting("bounds off by one above", "BoundsAreExact", {.bounds = OneTooHigh}),
      Rewriting("bounds off by one below", "HotCounterSellsExactlyItsStock", {.bounds = OneTooLow}),
      Rewriting("adds twice", "AddsDoNotConflict", {.add_times = 2}),
      Rewriting("drops the last event of a commit", "EventsAreNumberedWithoutGaps", {.dropped_events = 1}),
      Seeding<SkippingFeedStore>("skips an event at the edge of a page", "FollowersSeeEveryEventAndItsState"),
      Seeding<TrustingStore>("does not validate refusals", "RefusalsRestOnValidReads"),
      Seeding<TwiceAnsweringStore>("answers twice", "EveryCommitIsAnsweredOnce"),
  };
}

}  // namespace zhuxiao::store
