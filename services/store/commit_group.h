// The transactions that share one synced write: validates each against what was committed before it, in the group
// and earlier, and gathers their effects.
#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/store/conflict_index.h"
#include "services/store/content_sum.h"
#include "services/store/counter.h"
#include "services/store/database.h"
#include "services/store/store.h"

namespace zhuxiao::store {

// Not thread-safe: it belongs to the commit thread, which uses one object for group after group.
class CommitGroup {
 public:
  explicit CommitGroup(Database& database) : database_(database) {}

  // Starts a group that will be state `version` and whose events follow `feed_end`.
  void Begin(uint64_t version, Position feed_end);

  // Decides on a transaction whose limits are checked and whose reads are of state `since`. OK means that it is
  // part of the group; durable is it after Write. The transaction must stay as it is until UpdateCache is done, or the
  // group is discarded.
  CommitResult Apply(const Transaction& transaction, uint64_t since);

  bool is_empty() const { return changes_.empty() && events_.empty(); }

  // The sum of all rows and events after the group, where `sum` is that of the database, which may fail to be read.
  absl::StatusOr<ContentSum> SumAfter(ContentSum sum);

  // The group as one body of the shared log, by `author`, after which the sum is `sum`.
  std::string ToBody(std::string_view author, ContentSum sum) const;

  // Makes the group, just begun, what another replica's `body` says, and returns the sum after it; `sum` is that of the
  // database. DATA_LOSS where the body is unreadable. The body must stay until UpdateCache is done.
  absl::StatusOr<ContentSum> Load(std::string_view body, ContentSum sum);

  // Forgets the group: it was not written, and another may take its place.
  void Discard() { index_.Undo(version_); }

  // Forgets all that was noted: the database was filled anew in state `version`.
  void Forget(uint64_t version) { index_.Forget(version); }

  // Writes the group in one batch, with `place` as the copy's place where it is not empty. After a failure nothing may
  // be applied any more.
  rocksdb::Status Write(bool sync, std::string_view place = {});

  // After Write: brings the row cache up to date.
  void UpdateCache();
  // After Write: the events of the group, numbered.
  std::vector<FeedEntry> TakeEvents() { return std::move(events_); }
  Position feed_end() const { return feed_end_; }

  // Forgets what no state since `oldest_live` needs.
  void Trim(uint64_t oldest_live) { index_.Trim(oldest_live); }

 private:
  // What a row becomes. The characters of keys and values are those of the transactions and of the body the group was
  // made of, or of `counter_rows_`.
  struct Change {
    std::optional<std::string_view> value;
    bool is_counter = false;
  };
  using Changes = absl::flat_hash_map<std::string_view, Change>;

  absl::Status ApplyAdds(const Transaction& transaction, std::vector<std::string>& broken_keys);
  // The row in the database and the cache, without the group.
  absl::StatusOr<std::optional<std::string>> Stored(std::string_view key);
  // The counter row as the transaction's Adds find it: over its own writes, the group so far and the database.
  absl::Status LoadCounter(const Transaction& transaction, const std::string& key, CounterFields& fields);

  Database& database_;
  ConflictIndex index_;
  uint64_t version_ = 0;
  Position feed_end_;
  Changes changes_;  // of the group, the last value of each row
  std::deque<std::string> counter_rows_;
  std::vector<const Changes::value_type*> ordered_;
  std::vector<FeedEntry> events_;
  rocksdb::WriteBatch batch_;
  absl::flat_hash_map<std::string_view, CounterFields> counters_;  // of the transaction at hand
};

}  // namespace zhuxiao::store
