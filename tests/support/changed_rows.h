// What changed in a store since somebody looked: a store that notes the rows commits write, and a reader that shows of
// every table these rows alone. For checks that follow books day by day without reading all of them each day.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/store/keys.h"
#include "services/store/store.h"

namespace zhuxiao::testing {

// Forwards everything to `store`, which must outlive it. Thread-safe.
class NotingStore final : public store::Store {
 public:
  explicit NotingStore(store::Store& store) : store_(store) {}

  void Commit(store::Transaction transaction, std::function<void(store::CommitResult)> done) override {
    std::vector<std::string> keys;
    for (const auto& [key, value] : transaction.writes()) keys.push_back(key);
    for (const auto& add : transaction.adds()) keys.push_back(add.key);
    store_.Commit(std::move(transaction), [this, &keys, done = std::move(done)](store::CommitResult result) {
      if (result.status.ok()) Note(keys);
      done(std::move(result));
    });
  }
  std::shared_ptr<store::Snapshot> Latest() override { return store_.Latest(); }
  absl::StatusOr<std::vector<store::FeedEntry>> ReadFeed(store::Position after, size_t limit) override {
    return store_.ReadFeed(after, limit);
  }
  store::Position FeedEnd() override { return store_.FeedEnd(); }
  bool WaitFeed(store::Position after, absl::Time deadline) override { return store_.WaitFeed(after, deadline); }
  void Schedule(std::function<void()> task) override { store_.Schedule(std::move(task)); }

  // Keys written since the last call.
  std::set<std::string> TakeChanged() {
    const std::lock_guard lock(mutex_);
    return std::exchange(changed_, {});
  }

 private:
  void Note(const std::vector<std::string>& keys) {
    const std::lock_guard lock(mutex_);
    for (const std::string& key : keys) {
      changed_.insert(key);
      // A counter is part of the row it belongs to.
      for (const auto& [counters, rows] :
           {std::pair("listing_balance", "listing"), std::pair("quota_spending", "quota")}) {
        const std::string prefix = store::Key(counters, "");
        if (key.starts_with(prefix)) changed_.insert(store::Key(rows, "") + key.substr(prefix.size()));
      }
    }
  }

  store::Store& store_;
  std::mutex mutex_;
  std::set<std::string> changed_;
};

// Scans see the rows of `keys` alone, a Get every row of `reader`. Both must outlive it.
class ChangedRows final : public store::Reader {
 public:
  ChangedRows(store::Reader& reader, const std::set<std::string>& keys) : reader_(reader), keys_(keys) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override { return reader_.Get(key); }

  absl::StatusOr<std::vector<store::KeyValue>> Scan(std::string_view begin, std::string_view end,
                                                    size_t limit) override {
    std::vector<store::KeyValue> rows;
    for (auto key = keys_.lower_bound(std::string(begin)); key != keys_.end() && rows.size() < limit; ++key) {
      if (!end.empty() && *key >= end) break;
      auto value = reader_.Get(*key);
      if (!value.ok()) return value.status();
      if (*value) rows.push_back({*key, **std::move(value)});
    }
    return rows;
  }

 private:
  store::Reader& reader_;
  const std::set<std::string>& keys_;
};

}  // namespace zhuxiao::testing
