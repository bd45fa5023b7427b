// The row cache. What keeps it right: a value read from the database enters only if no change of its row can have
// been published since the state it was read in.
#include "services/store/row_cache.h"

#include <algorithm>

#include "services/base/strings.h"
#include "services/store/key_hash.h"

namespace zhuxiao::store {
RowCache::RowCache(size_t capacity_bytes) : shard_capacity_bytes_(capacity_bytes / kShards) {}

std::optional<std::string> RowCache::Find(std::string_view key, uint64_t version) {
  Shard& shard = shards_[HashOfKey(key) % kShards];
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.index.find(base::View(key));
  if (found == shard.index.end() || found->second->version > version) return std::nullopt;
  shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
  return found->second->value;
}

bool RowCache::Contains(std::string_view key) {
  Shard& shard = shards_[HashOfKey(key) % kShards];
  const std::lock_guard lock(shard.mutex);
  return shard.index.contains(base::View(key));
}

void RowCache::Offer(std::string_view key, std::string_view value, uint64_t version) {
  const size_t hash = HashOfKey(key);
  Shard& shard = shards_[hash % kShards];
  const std::lock_guard lock(shard.mutex);
  if (shard.last_change[ChangeSlot(hash)] > version || shard.index.contains(base::View(key))) return;
  shard.Insert(key, value, version, shard_capacity_bytes_);
}

void RowCache::Update(std::string_view key, std::optional<std::string_view> value, uint64_t version) {
  const size_t hash = HashOfKey(key);
  Shard& shard = shards_[hash % kShards];
  const std::lock_guard lock(shard.mutex);
  shard.last_change[ChangeSlot(hash)] = version;
  const auto found = shard.index.find(base::View(key));
  if (found == shard.index.end()) return;
  if (value.has_value()) {
    shard.Replace(found->second, *value, version, shard_capacity_bytes_);
  } else {
    shard.Erase(found->second);
  }
}

void RowCache::Store(std::string_view key, std::string_view value, uint64_t version) {
  const size_t hash = HashOfKey(key);
  Shard& shard = shards_[hash % kShards];
  const std::lock_guard lock(shard.mutex);
  shard.last_change[ChangeSlot(hash)] = version;
  const auto found = shard.index.find(base::View(key));
  if (found == shard.index.end()) {
    shard.Insert(key, value, version, shard_capacity_bytes_);
  } else {
    shard.Replace(found->second, value, version, shard_capacity_bytes_);
  }
}

void RowCache::Clear(uint64_t version) {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    shard.index.clear();
    shard.entries.clear();
    shard.bytes = 0;
    shard.last_change.fill(version);
  }
}

void RowCache::Shard::Insert(std::string_view key, std::string_view value, uint64_t version, size_t capacity_bytes) {
  entries.push_front({std::string(key), std::string(value), version});
  index.emplace(base::View(entries.front().key), entries.begin());
  bytes += Charge(entries.front());
  Shrink(capacity_bytes);
}

void RowCache::Shard::Erase(Entries::iterator entry) {
  bytes -= Charge(*entry);
  index.erase(base::View(entry->key));
  entries.erase(entry);
}

void RowCache::Shard::Replace(Entries::iterator entry, std::string_view value, uint64_t version,
                              size_t capacity_bytes) {
  bytes -= Charge(*entry);
  entry->value.assign(value);
  entry->version = version;
  bytes += Charge(*entry);
  entries.splice(entries.begin(), entries, entry);
  Shrink(capacity_bytes);
}

void RowCache::Shard::Shrink(size_t capacity_bytes) {
  while (bytes > capacity_bytes) Erase(std::prev(entries.end()));
}

}  // namespace zhuxiao::store
