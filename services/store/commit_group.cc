// Validation and effects of a group of transactions.
#include "services/store/commit_group.h"

#include <algorithm>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/store/feed_log.h"
#include "services/store/shared_log.h"

namespace zhuxiao::store {

void CommitGroup::Begin(uint64_t version, Position feed_end) {
  version_ = version;
  feed_end_ = feed_end;
  // Cleared, a large table gives its memory back; the next group is likely as large.
  const size_t usual_size = changes_.size();
  changes_.clear();
  changes_.reserve(usual_size);
  counter_rows_.clear();
  events_.clear();
  batch_.Clear();
}

CommitResult CommitGroup::Apply(const Transaction& transaction, uint64_t since) {
  CommitResult result;
  if (index_.IsOutdated(transaction, since)) {
    result.status = absl::AbortedError("a row read has changed since");
    return result;
  }
  result.status = ApplyAdds(transaction, result.broken_keys);
  if (!result.status.ok()) return result;

  for (const auto& [key, value] : transaction.writes()) {
    changes_[key] = {.value = value};
    index_.Change(key, version_);
  }
  for (const auto& [key, fields] : counters_) {
    changes_[key] = {.value = counter_rows_.emplace_back(FormatCounter(fields)), .is_counter = true};
    index_.Change(key, version_);
  }
  for (const std::string& event : transaction.events()) {
    ++feed_end_.sequence;
    events_.push_back({feed_end_, event});
  }
  result.position = feed_end_;
  return result;
}

absl::StatusOr<std::optional<std::string>> CommitGroup::Stored(std::string_view key) {
  if (std::optional<std::string> cached = database_.cache().Find(key, UINT64_MAX)) return cached;
  std::string row;
  const rocksdb::Status status = database_.db().Get({}, database_.rows(), ToSlice(key), &row);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return FromRocksDb(status, "reading a row to change");
  return std::optional<std::string>(std::move(row));
}

absl::Status CommitGroup::LoadCounter(const Transaction& transaction, const std::string& key, CounterFields& fields) {
  std::string_view stored;
  absl::StatusOr<std::optional<std::string>> row;
  const auto own = transaction.writes().find(key);
  if (own != transaction.writes().end()) {
    if (own->second) stored = *own->second;
  } else if (const auto change = changes_.find(key); change != changes_.end()) {
    if (change->second.value) stored = *change->second.value;
  } else {
    row = Stored(key);
    if (!row.ok()) return row.status();
    if (*row) stored = **row;
  }
  return ParseCounter(stored, fields) ? absl::OkStatus() : base::DataLoss(base::StrCat("no counter row at ", key));
}

absl::Status CommitGroup::ApplyAdds(const Transaction& transaction, std::vector<std::string>& broken_keys) {
  counters_.clear();
  for (const Transaction::AddOperation& add : transaction.adds()) {
    const auto [counter, is_new] = counters_.try_emplace(add.key);
    if (is_new) {
      if (absl::Status status = LoadCounter(transaction, add.key, counter->second); !status.ok()) return status;
    }
    const AddOutcome outcome = ApplyAdd(add, counter->second);
    if (outcome == AddOutcome::kOverflow) return base::DataLoss(base::StrCat("counter overflow at ", add.key));
    if (outcome == AddOutcome::kOutOfBounds && std::ranges::find(broken_keys, add.key) == broken_keys.end()) {
      broken_keys.push_back(add.key);
    }
  }
  if (broken_keys.empty()) return absl::OkStatus();
  return absl::OutOfRangeError("a bound of a counter would break");
}

absl::StatusOr<ContentSum> CommitGroup::SumAfter(ContentSum sum) {
  for (const auto& [key, change] : changes_) {
    const absl::StatusOr<std::optional<std::string>> before = Stored(key);
    if (!before.ok()) return before.status();
    if (*before) sum.RemoveRow(key, **before);
    if (change.value) sum.AddRow(key, *change.value);
  }
  for (const FeedEntry& event : events_) sum.AddEvent(FeedLog::RowKey(event.position.sequence), event.payload);
  return sum;
}

std::string CommitGroup::ToBody(std::string_view author, ContentSum sum) const {
  LogBody body;
  body.author = author;
  body.sum = sum;
  for (const auto& [key, change] : changes_) {
    if (change.value) {
      body.puts.emplace_back(key);
      body.puts.emplace_back(*change.value);
    } else {
      body.deletes.emplace_back(key);
    }
  }
  std::vector<std::string> sequences;
  sequences.reserve(events_.size());
  for (const FeedEntry& event : events_) {
    sequences.push_back(base::StrCat(event.position.sequence));
    body.events.emplace_back(sequences.back());
    body.events.emplace_back(event.payload);
  }
  return body.Encode();
}

absl::StatusOr<ContentSum> CommitGroup::Load(std::string_view text, ContentSum sum) {
  absl::StatusOr<LogBody> body = LogBody::Decode(text);
  if (!body.ok()) return body.status();
  for (size_t i = 0; i + 1 < body->puts.size(); i += 2) {
    changes_[body->puts[i]].value = body->puts[i + 1];
    index_.Change(body->puts[i], version_);
  }
  for (const std::string_view key : body->deletes) {
    changes_[key].value.reset();
    index_.Change(key, version_);
  }
  for (size_t i = 0; i + 1 < body->events.size(); i += 2) {
    if (body->events[i] != base::StrCat(feed_end_.sequence + 1)) return base::DataLoss("the feed has a gap");
    ++feed_end_.sequence;
    events_.push_back({feed_end_, std::string(body->events[i + 1])});
  }
  if (body->sum) return *body->sum;
  return SumAfter(sum);
}

rocksdb::Status CommitGroup::Write(bool sync, std::string_view place) {
  // In key order, an insertion into RocksDB's skip list finds its place near the one before it of the same run.
  ordered_.clear();
  for (const auto& row : changes_) ordered_.push_back(&row);
  std::ranges::sort(ordered_, {}, [](const Changes::value_type* row) { return row->first; });
  rocksdb::Status status;
  for (const auto* row : ordered_) {
    const auto& [key, change] = *row;
    status = change.value ? batch_.Put(database_.rows(), ToSlice(key), ToSlice(*change.value))
                          : batch_.Delete(database_.rows(), ToSlice(key));
    if (!status.ok()) return status;
  }
  for (const FeedEntry& event : events_) {
    status = batch_.Put(database_.system(), FeedLog::RowKey(event.position.sequence), event.payload);
    if (!status.ok()) return status;
  }
  if (!place.empty()) {
    status = batch_.Put(database_.system(), ToSlice(Database::kPlaceKey), ToSlice(place));
    if (!status.ok()) return status;
  }
  rocksdb::WriteOptions options;
  options.sync = sync;
  return database_.db().Write(options, &batch_);
}

void CommitGroup::UpdateCache() {
  for (const auto& [key, change] : changes_) {
    if (change.is_counter) {
      database_.cache().Store(key, *change.value, version_);
    } else {
      database_.cache().Update(key, change.value, version_);
    }
  }
}

}  // namespace zhuxiao::store
