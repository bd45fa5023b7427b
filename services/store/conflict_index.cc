// The index of recent changes: an ordered map with a queue of iterators into it, so that trimming looks nothing up.
#include "services/store/conflict_index.h"

#include <algorithm>

namespace zhuxiao::store {

void ConflictIndex::Change(std::string_view key, uint64_t version) {
  auto change = last_change_.lower_bound(key);
  if (change == last_change_.end() || change->first != key) {
    change = last_change_.emplace_hint(change, key, 0);
  } else if (change->second == version) {
    return;
  }
  log_.push_back({change, version, change->second});
  change->second = version;
}

void ConflictIndex::Undo(uint64_t version) {
  for (; !log_.empty() && log_.back().version == version; log_.pop_back()) {
    const LogEntry& newest = log_.back();
    if (newest.previous == 0) {
      last_change_.erase(newest.change);
    } else {
      newest.change->second = newest.previous;
    }
  }
}

void ConflictIndex::Forget(uint64_t version) {
  log_.clear();
  last_change_.clear();
  floor_ = version;
}

bool ConflictIndex::IsOutdated(const Transaction& transaction, uint64_t since) const {
  if (transaction.read_keys().empty() && transaction.read_ranges().empty()) return false;
  if (since < floor_) return true;
  for (const std::string& key : transaction.read_keys()) {
    const auto change = last_change_.find(key);
    if (change != last_change_.end() && change->second > since) return true;
  }
  for (const Transaction::Range& range : transaction.read_ranges()) {
    auto change = last_change_.lower_bound(range.begin);
    for (; change != last_change_.end() && (range.end.empty() || change->first < range.end); ++change) {
      if (change->second > since) return true;
    }
  }
  return false;
}

void ConflictIndex::ForgetOldest() {
  const LogEntry oldest = log_.front();
  log_.pop_front();
  if (oldest.change->second != oldest.version) return;
  last_change_.erase(oldest.change);
  floor_ = std::max(floor_, oldest.version);
}

void ConflictIndex::Trim(uint64_t version) {
  while (!log_.empty() && log_.front().version <= version) ForgetOldest();
  while (log_.size() > max_entries_) ForgetOldest();
}

}  // namespace zhuxiao::store
