// Hashes of keys, for tables in memory: they differ from one process to the next.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/hash/hash.h"

namespace zhuxiao::store {

inline size_t HashOfKey(std::string_view key) { return absl::Hash<std::string_view>()(key); }

}  // namespace zhuxiao::store
