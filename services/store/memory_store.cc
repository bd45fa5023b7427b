// The model store. Every row is the list of the versions some snapshot may still read, so that a snapshot is a number
// and validation is a look at the last version.
#include "services/store/memory_store.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/store/counter.h"
#include "services/store/limits.h"
#include "services/store/wait.h"

namespace zhuxiao::store {
namespace {

// Versions of one row, oldest first; nullopt is a deletion.
using History = std::vector<std::pair<uint64_t, std::optional<std::string>>>;
using Rows = std::map<std::string, History, std::less<>>;

const std::optional<std::string>* At(const History& history, uint64_t version) {
  for (auto it = history.rbegin(); it != history.rend(); ++it) {
    if (it->first <= version) return &it->second;
  }
  return nullptr;
}

// Drops the versions before the one a snapshot of version `oldest` reads.
void DropBefore(History& history, uint64_t oldest) {
  const auto later = std::ranges::find_if(history, [oldest](const auto& change) { return change.first > oldest; });
  if (later - history.begin() > 1) history.erase(history.begin(), later - 1);
}

bool IsInRange(std::string_view key, std::string_view end) { return end.empty() || key < end; }

}  // namespace

class MemoryStore::State {
 public:
  std::mutex mutex;  // guards all below; the private functions are called under it
  std::condition_variable has_grown;
  Rows rows;
  std::vector<FeedEntry> feed;
  uint64_t version = 0;
  std::multiset<uint64_t> snapshots;  // versions that are still read

  Position FeedEnd() { return {1, feed.size()}; }
  CommitResult Commit(const Transaction& transaction);

 private:
  bool IsOutdated(const Transaction& transaction, uint64_t since);
  // The values after the transaction's writes and Adds, or why it may not commit.
  absl::Status Resolve(const Transaction& transaction, std::map<std::string, std::optional<std::string>>& changes,
                       std::vector<std::string>& broken_keys);
  // Writes and forgets what no snapshot reads any more: a scan of deadlines must not walk over all that ever passed.
  void Apply(std::map<std::string, std::optional<std::string>> changes);

  std::deque<std::pair<uint64_t, std::string>> deletions_;  // versions and keys, oldest first
};

class MemoryStore::View final : public Snapshot {
 public:
  // Called under the state's lock.
  View(std::shared_ptr<State> state, uint64_t version, Position position)
      : state_(std::move(state)), version_(version), position_(position) {
    state_->snapshots.insert(version_);
  }
  ~View() override {
    const std::lock_guard lock(state_->mutex);
    state_->snapshots.erase(state_->snapshots.find(version_));
  }

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override {
    const std::lock_guard lock(state_->mutex);
    const auto row = state_->rows.find(key);
    if (row == state_->rows.end()) return std::optional<std::string>();
    const std::optional<std::string>* value = At(row->second, version_);
    return value ? *value : std::nullopt;
  }

  absl::StatusOr<std::vector<KeyValue>> Scan(std::string_view begin, std::string_view end, size_t limit) override {
    if (absl::Status status = CheckReadLimit(limit); !status.ok()) return status;
    const std::lock_guard lock(state_->mutex);
    std::vector<KeyValue> found;
    for (auto row = state_->rows.lower_bound(begin); row != state_->rows.end() && IsInRange(row->first, end); ++row) {
      if (found.size() == limit) break;
      const std::optional<std::string>* value = At(row->second, version_);
      if (value && value->has_value()) found.push_back({row->first, **value});
    }
    return found;
  }

  Position position() const override { return position_; }
  uint64_t version() const { return version_; }

 private:
  std::shared_ptr<State> state_;
  uint64_t version_;
  Position position_;
};

bool MemoryStore::State::IsOutdated(const Transaction& transaction, uint64_t since) {
  const auto has_changed = [since](const History& history) { return history.back().first > since; };
  for (const std::string& key : transaction.read_keys()) {
    const auto row = rows.find(key);
    if (row != rows.end() && has_changed(row->second)) return true;
  }
  for (const Transaction::Range& range : transaction.read_ranges()) {
    for (auto row = rows.lower_bound(range.begin); row != rows.end() && IsInRange(row->first, range.end); ++row) {
      if (has_changed(row->second)) return true;
    }
  }
  return false;
}

absl::Status MemoryStore::State::Resolve(const Transaction& transaction,
                                         std::map<std::string, std::optional<std::string>>& changes,
                                         std::vector<std::string>& broken_keys) {
  changes.insert(transaction.writes().begin(), transaction.writes().end());
  for (const Transaction::AddOperation& add : transaction.adds()) {
    const auto row = rows.find(add.key);
    const std::optional<std::string> stored = row == rows.end() ? std::nullopt : row->second.back().second;
    std::optional<std::string>& value = changes.try_emplace(add.key, stored).first->second;
    CounterFields fields;
    if (!ParseCounter(value.value_or(""), fields)) return base::DataLoss(base::StrCat("no counter row at ", add.key));
    const AddOutcome outcome = ApplyAdd(add, fields);
    if (outcome == AddOutcome::kOverflow) return base::DataLoss(base::StrCat("counter overflow at ", add.key));
    if (outcome == AddOutcome::kOutOfBounds && std::ranges::find(broken_keys, add.key) == broken_keys.end()) {
      broken_keys.push_back(add.key);
    }
    value = FormatCounter(fields);
  }
  if (broken_keys.empty()) return absl::OkStatus();
  return absl::OutOfRangeError("a bound of a counter would break");
}

void MemoryStore::State::Apply(std::map<std::string, std::optional<std::string>> changes) {
  ++version;
  const uint64_t oldest = snapshots.empty() ? version : *snapshots.begin();
  for (auto& [key, value] : changes) {
    if (!value) deletions_.emplace_back(version, key);
    History& history = rows[key];
    history.emplace_back(version, std::move(value));
    DropBefore(history, oldest);
  }
  for (; !deletions_.empty() && deletions_.front().first <= oldest; deletions_.pop_front()) {
    const auto row = rows.find(deletions_.front().second);
    const bool is_last = row != rows.end() && row->second.back().first == deletions_.front().first;
    if (is_last) rows.erase(row);
  }
}

CommitResult MemoryStore::State::Commit(const Transaction& transaction) {
  const auto* view = dynamic_cast<const View*>(&transaction.snapshot());
  if (view == nullptr) return {absl::InvalidArgumentError("the transaction belongs to another store")};
  if (absl::Status status = transaction.CheckLimits(); !status.ok()) return {status};

  const std::lock_guard lock(mutex);
  if (IsOutdated(transaction, view->version())) return {absl::AbortedError("a row read has changed since")};
  CommitResult result;
  std::map<std::string, std::optional<std::string>> changes;
  result.status = Resolve(transaction, changes, result.broken_keys);
  if (!result.status.ok()) return result;
  Apply(std::move(changes));
  for (const std::string& event : transaction.events()) feed.push_back({{1, feed.size() + 1}, event});
  has_grown.notify_all();
  result.position = FeedEnd();
  return result;
}

MemoryStore::MemoryStore() : state_(std::make_shared<State>()), tasks_(1) {}
MemoryStore::~MemoryStore() = default;

std::shared_ptr<Snapshot> MemoryStore::Latest() {
  const std::lock_guard lock(state_->mutex);
  return std::make_shared<View>(state_, state_->version, state_->FeedEnd());
}

void MemoryStore::Commit(Transaction transaction, std::function<void(CommitResult)> done) {
  done(state_->Commit(transaction));
}

absl::StatusOr<std::vector<FeedEntry>> MemoryStore::ReadFeed(Position after, size_t limit) {
  if (absl::Status status = CheckReadLimit(limit); !status.ok()) return status;
  const std::lock_guard lock(state_->mutex);
  std::vector<FeedEntry> entries;
  size_t bytes = 0;
  const auto first = std::ranges::upper_bound(state_->feed, after, {}, &FeedEntry::position);
  for (auto entry = first; entry != state_->feed.end(); ++entry) {
    bytes += entry->payload.size();
    if (entries.size() == limit || (!entries.empty() && bytes > kMaxFeedBytes)) break;
    entries.push_back(*entry);
  }
  return entries;
}

Position MemoryStore::FeedEnd() {
  const std::lock_guard lock(state_->mutex);
  return state_->FeedEnd();
}

bool MemoryStore::WaitFeed(Position after, absl::Time deadline) {
  std::unique_lock lock(state_->mutex);
  return WaitUntil(state_->has_grown, lock, deadline,
                   [&] { return !state_->feed.empty() && state_->FeedEnd() > after; });
}

void MemoryStore::Schedule(std::function<void()> task) { tasks_.Post(std::move(task)); }

}  // namespace zhuxiao::store
