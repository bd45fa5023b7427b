// Which partition an order belongs to: partitions are ranges of keys, so that their results only need to be put one
// after another to be in order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/reward/offline/block_reader.h"
#include "services/reward/offline/sale_row.h"
#include "services/reward/offline/spill.h"

namespace zhuxiao::reward::offline {

// Input for one partition: settling it takes about as much memory again for each thread.
inline constexpr int64_t kPartitionBytes = 24 << 20;
// Partitions at most: open files and write buffers; files beyond 6 GB get larger partitions.
inline constexpr int64_t kMaxPartitions = 256;

// Immutable; thread-safe.
class KeySplit {
 public:
  // Ranges of about equal size by a sample of the file's rows. How the file is split changes no result.
  static absl::StatusOr<KeySplit> Sample(const BlockReader& input, const SaleColumns& columns);

  size_t count() const { return begins_.size() + 1; }

  // The partition of an OrderPart.
  size_t Of(std::string_view order) const {
    const Bound bound(order);
    return static_cast<size_t>(std::upper_bound(begins_.begin(), begins_.end(), bound, IsBefore) - begins_.begin());
  }

 private:
  // A key with its first bytes as numbers, which tell most keys apart without a look at the text.
  struct Bound {
    explicit Bound(std::string_view key) : first(PrefixOf(key, 0)), second(PrefixOf(key, 8)), text(key) {}
    uint64_t first, second;
    std::string_view text;
  };

  static bool IsBefore(const Bound& a, const Bound& b) {
    if (a.first != b.first) return a.first < b.first;
    return a.second != b.second ? a.second < b.second : a.text < b.text;
  }

  std::deque<std::string> texts_;  // what the bounds refer to
  std::vector<Bound> begins_;      // of all partitions but the first
};

}  // namespace zhuxiao::reward::offline
