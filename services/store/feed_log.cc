// The feed's rows and its tail in memory.
#include "services/store/feed_log.h"

#include <algorithm>
#include <utility>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/store/keys.h"
#include "services/store/limits.h"
#include "services/store/wait.h"

namespace zhuxiao::store {
namespace {

constexpr std::string_view kPrefix = "event/";

// The sequence of an event's row key, or -1.
int64_t SequenceOf(std::string_view key) {
  return key.starts_with(kPrefix) ? ParseOrderedNumber(key.substr(kPrefix.size())) : -1;
}

}  // namespace

std::string FeedLog::RowKey(uint64_t sequence) {
  return base::StrCat(kPrefix, OrderedNumber(static_cast<int64_t>(sequence)));
}

bool FeedLog::IsEvent(std::string_view row_key) { return row_key.starts_with(kPrefix); }

absl::StatusOr<uint64_t> FeedLog::ReadEnd(Database& database) {
  const std::unique_ptr<rocksdb::Iterator> it(database.db().NewIterator({}, database.system()));
  it->SeekForPrev(PrefixEnd(kPrefix));
  if (!it->status().ok()) return FromRocksDb(it->status(), "finding the feed's end");
  return it->Valid() ? std::max<int64_t>(0, SequenceOf(FromSlice(it->key()))) : 0;
}

absl::StatusOr<std::unique_ptr<FeedLog>> FeedLog::Open(std::shared_ptr<Database> database) {
  absl::StatusOr<uint64_t> end = ReadEnd(*database);
  if (!end.ok()) return end.status();
  return std::unique_ptr<FeedLog>(new FeedLog(std::move(database), *end));
}

void FeedLog::ExtendTo(uint64_t end) {
  const std::lock_guard lock(mutex_);
  end_ = end;
  tail_.clear();
  tail_bytes_ = 0;
  has_grown_.notify_all();
}

void FeedLog::Publish(std::vector<FeedEntry> entries) {
  if (entries.empty()) return;
  const std::lock_guard lock(mutex_);
  end_ = entries.back().position.sequence;
  for (FeedEntry& entry : entries) {
    tail_bytes_ += entry.payload.size();
    tail_.push_back(std::move(entry));
  }
  while (tail_.size() > kTailEvents || tail_bytes_ > kTailBytes) {
    tail_bytes_ -= tail_.front().payload.size();
    tail_.pop_front();
  }
  has_grown_.notify_all();
}

Position FeedLog::End() {
  const std::lock_guard lock(mutex_);
  return {kEpoch, end_};
}

bool FeedLog::Wait(Position after, absl::Time deadline) {
  std::unique_lock lock(mutex_);
  return WaitUntil(has_grown_, lock, deadline, [&] { return end_ > 0 && Position{kEpoch, end_} > after; });
}

absl::StatusOr<std::vector<FeedEntry>> FeedLog::Read(Position after, size_t limit) {
  if (absl::Status status = CheckReadLimit(limit); !status.ok()) return status;
  if (after.epoch > kEpoch) return std::vector<FeedEntry>();
  const uint64_t start = after.epoch < kEpoch ? 0 : after.sequence;
  uint64_t end = 0;
  {
    const std::lock_guard lock(mutex_);
    end = end_;
    if (start >= end_) return std::vector<FeedEntry>();
    const uint64_t tail_start = end_ - tail_.size();
    if (start >= tail_start) {
      std::vector<FeedEntry> entries;
      size_t bytes = 0;
      for (auto it = tail_.begin() + (start - tail_start); it != tail_.end() && entries.size() < limit; ++it) {
        bytes += it->payload.size();
        if (!entries.empty() && bytes > kMaxFeedBytes) break;
        entries.push_back(*it);
      }
      return entries;
    }
  }
  return ReadRows(start, end, limit);
}

absl::StatusOr<std::vector<FeedEntry>> FeedLog::ReadRows(uint64_t after, uint64_t end, size_t limit) {
  std::vector<FeedEntry> entries;
  size_t bytes = 0;
  const std::unique_ptr<rocksdb::Iterator> it(database_->db().NewIterator({}, database_->system()));
  it->Seek(RowKey(after + 1));
  for (uint64_t sequence = after + 1; sequence <= end && entries.size() < limit; ++sequence, it->Next()) {
    if (!it->status().ok()) return FromRocksDb(it->status(), "reading the feed");
    if (!it->Valid() || SequenceOf(FromSlice(it->key())) != static_cast<int64_t>(sequence)) {
      return base::DataLoss(base::StrCat("the feed lacks event ", sequence));
    }
    bytes += it->value().size();
    if (!entries.empty() && bytes > kMaxFeedBytes) break;
    entries.push_back({{kEpoch, sequence}, it->value().ToString()});
  }
  return entries;
}

}  // namespace zhuxiao::store
