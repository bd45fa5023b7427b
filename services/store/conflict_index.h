// Which keys changed lately, and when: what a commit's reads are validated against. Kept in memory only, because
// no transaction outlives the process.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "services/store/store.h"

namespace zhuxiao::store {

// Versions number the published states. Not thread-safe: it belongs to the commit thread.
class ConflictIndex {
 public:
  // Keys remembered at most. About 150 bytes each; ten seconds of commits at full speed. A transaction that is
  // older than what is remembered is told to run again.
  static constexpr size_t kMaxEntries = 500'000;

  explicit ConflictIndex(size_t max_entries = kMaxEntries) : max_entries_(max_entries) {}

  // Notes that `key` changes in `version`. Versions never decrease from call to call.
  void Change(std::string_view key, uint64_t version);

  // Takes back every change noted in `version`, the newest: its group was not written after all. Requires that nothing
  // was trimmed since the first of them.
  void Undo(uint64_t version);

  // Forgets every change: the state `version` may differ from all before it in everything.
  void Forget(uint64_t version);

  // True where a key or range that `transaction` read, from the state `since`, changed after it, or where that is
  // not known any more. Ranges cost a look at every change after `since`: they are read by few, and never for long.
  bool IsOutdated(const Transaction& transaction, uint64_t since) const;

  // Forgets changes up to `version`: no live transaction is older. Also enforces the limit.
  void Trim(uint64_t version);

  size_t size() const { return last_change_.size(); }

 private:
  struct LogEntry {
    std::string key;
    uint64_t hash;
    uint64_t version;
    uint64_t previous;  // the key's change before, 0 where none is remembered
  };

  bool HasChangedInside(const Transaction::Range& range, uint64_t since) const;
  void ForgetOldest();

  const size_t max_entries_;
  // By the key's hash: two keys of one hash, once in 2^64, are taken for one, and a transaction runs once more.
  absl::flat_hash_map<uint64_t, uint64_t> last_change_;
  // Every change once, oldest first. An entry whose version is not its key's last any more is passed over.
  std::deque<LogEntry> log_;
  // States before this one cannot be validated any more.
  uint64_t floor_ = 0;
};

}  // namespace zhuxiao::store
