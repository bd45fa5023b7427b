// The newest values of rows lately read, in memory: saves the database's lookup on the hot path. An entry is
// always the newest value of its row, or absent; it is used for a read of an older state only if it is old enough.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace zhuxiao::store {

// Thread-safe. Versions number the published states; only the commit thread calls Update and Store, after the
// write is durable and before the new state is published. Least recently used rows make room for new ones.
class RowCache {
 public:
  explicit RowCache(size_t capacity_bytes);

  // The value of `key` in state `version`, or nullopt where the cache cannot tell.
  std::optional<std::string> Find(std::string_view key, uint64_t version);

  // True where some value of `key` is cached.
  bool Contains(std::string_view key);

  // Offers `value`, read in state `version`. Ignored where the row may have changed since.
  void Offer(std::string_view key, std::string_view value, uint64_t version);

  // The row changes to `value` (nullopt: is deleted) in `version`. Update keeps a row that is cached current; Store
  // caches it in any case.
  void Update(std::string_view key, std::optional<std::string_view> value, uint64_t version);
  void Store(std::string_view key, std::string_view value, uint64_t version);

  // All rows may change in `version`.
  void Clear(uint64_t version);

 private:
  struct Entry {
    std::string key;
    std::string value;
    uint64_t version;  // of the last change, or a later one
  };
  using Entries = std::list<Entry>;  // most recently used first

  // Few enough to be cheap when empty, many enough that readers on all cores rarely meet.
  static constexpr size_t kShards = 16;
  // Changes are remembered by a part of the key's hash, so that an Offer from a state just overtaken is refused
  // only if its own row, or one of 1/256 of the shard's, changed.
  static constexpr size_t kChangeSlots = 256;
  // A list node, a hash table slot and the headers of two heap blocks.
  static constexpr size_t kEntryOverheadBytes = 160;

  struct Shard {
    std::mutex mutex;  // guards all below; the functions are called under it
    Entries entries;
    absl::flat_hash_map<absl::string_view, Entries::iterator> index;
    std::array<uint64_t, kChangeSlots> last_change = {};
    size_t bytes = 0;

    void Insert(std::string_view key, std::string_view value, uint64_t version, size_t capacity_bytes);
    void Erase(Entries::iterator entry);
    void Replace(Entries::iterator entry, std::string_view value, uint64_t version, size_t capacity_bytes);
    void Shrink(size_t capacity_bytes);
  };

  static size_t Charge(const Entry& entry) { return entry.key.size() + entry.value.size() + kEntryOverheadBytes; }
  static size_t ChangeSlot(size_t hash) { return hash / kShards % kChangeSlots; }

  const size_t shard_capacity_bytes_;
  std::array<Shard, kShards> shards_;
};

}  // namespace zhuxiao::store
