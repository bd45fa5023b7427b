// The index of recent changes: versions by the hashes of keys, which cost no comparisons of texts, and a log of the
// keys themselves for ranges and trimming.
#include "services/store/conflict_index.h"

#include <algorithm>

#include "services/store/key_hash.h"

namespace zhuxiao::store {
namespace {

bool IsInside(std::string_view key, const Transaction::Range& range) {
  return key >= range.begin && (range.end.empty() || key < range.end);
}

}  // namespace

void ConflictIndex::Change(std::string_view key, uint64_t version) {
  const uint64_t hash = HashOfKey(key);
  uint64_t& last = last_change_[hash];
  if (last == version) return;
  log_.push_back({std::string(key), hash, version, last});
  last = version;
}

void ConflictIndex::Undo(uint64_t version) {
  for (; !log_.empty() && log_.back().version == version; log_.pop_back()) {
    const LogEntry& newest = log_.back();
    if (newest.previous == 0) {
      last_change_.erase(newest.hash);
    } else {
      last_change_[newest.hash] = newest.previous;
    }
  }
}

void ConflictIndex::Forget(uint64_t version) {
  log_.clear();
  last_change_.clear();
  floor_ = version;
}

bool ConflictIndex::HasChangedInside(const Transaction::Range& range, uint64_t since) const {
  for (auto entry = log_.rbegin(); entry != log_.rend() && entry->version > since; ++entry) {
    if (IsInside(entry->key, range)) return true;
  }
  return false;
}

bool ConflictIndex::IsOutdated(const Transaction& transaction, uint64_t since) const {
  if (transaction.read_keys().empty() && transaction.read_ranges().empty()) return false;
  if (since < floor_) return true;
  for (const std::string& key : transaction.read_keys()) {
    const auto change = last_change_.find(HashOfKey(key));
    if (change != last_change_.end() && change->second > since) return true;
  }
  return std::any_of(transaction.read_ranges().begin(), transaction.read_ranges().end(),
                     [&](const Transaction::Range& range) { return HasChangedInside(range, since); });
}

void ConflictIndex::ForgetOldest() {
  const LogEntry& oldest = log_.front();
  const auto last = last_change_.find(oldest.hash);
  if (last != last_change_.end() && last->second == oldest.version) {
    last_change_.erase(last);
    floor_ = std::max(floor_, oldest.version);
  }
  log_.pop_front();
}

void ConflictIndex::Trim(uint64_t version) {
  while (!log_.empty() && log_.front().version <= version) ForgetOldest();
  while (log_.size() > max_entries_) ForgetOldest();
}

}  // namespace zhuxiao::store
