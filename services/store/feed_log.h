// The event feed in RocksDB: one row an event, numbered without gaps, with the newest kept in memory for followers.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "services/store/database.h"
#include "services/store/store.h"

namespace zhuxiao::store {

// Thread-safe; Publish belongs to the commit thread.
class FeedLog {
 public:
  // An embedded store never loses commits, so its epoch never changes.
  static constexpr uint64_t kEpoch = 1;
  // Kept in memory: several seconds of commits, for followers that lag a little.
  static constexpr size_t kTailEvents = 20'000;
  static constexpr size_t kTailBytes = 4 << 20;

  // Reads where the feed ends from `database`.
  static absl::StatusOr<std::unique_ptr<FeedLog>> Open(std::shared_ptr<Database> database);

  // The row key of an event in the system family.
  static std::string RowKey(uint64_t sequence);
  // True for those rows of the system family that are events.
  static bool IsEvent(std::string_view row_key);

  // The sequence of the newest event in `database`, 0 where there is none.
  static absl::StatusOr<uint64_t> ReadEnd(Database& database);

  // Shows `entries`, which are durable and follow the end, to readers.
  void Publish(std::vector<FeedEntry> entries);

  // Shows all events up to `end`, at or after the end so far, which were written to the database in another way.
  void ExtendTo(uint64_t end);

  absl::StatusOr<std::vector<FeedEntry>> Read(Position after, size_t limit);
  Position End();
  bool Wait(Position after, absl::Time deadline);

 private:
  FeedLog(std::shared_ptr<Database> database, uint64_t end) : database_(std::move(database)), end_(end) {}

  absl::StatusOr<std::vector<FeedEntry>> ReadRows(uint64_t after, uint64_t end, size_t limit);

  const std::shared_ptr<Database> database_;
  std::mutex mutex_;  // guards all below
  std::condition_variable has_grown_;
  uint64_t end_;
  std::deque<FeedEntry> tail_;  // ends at end_
  size_t tail_bytes_ = 0;
};

}  // namespace zhuxiao::store
