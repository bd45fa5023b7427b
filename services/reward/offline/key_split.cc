// Which partition an order belongs to.
#include "services/reward/offline/key_split.h"

#include "services/reward/offline/csv_cells.h"

namespace zhuxiao::reward::offline {
namespace {

// Places in the file that are looked at, and how much of each: some 20,000 rows, so that with 256 partitions each is
// within about a third of its due.
constexpr int64_t kSamplePlaces = 1'000;
constexpr int64_t kSampleBytes = 4'096;

}  // namespace

absl::StatusOr<KeySplit> KeySplit::Sample(const BlockReader& input, const SaleColumns& columns) {
  KeySplit split;
  const int64_t wanted = std::clamp<int64_t>(input.size() / kPartitionBytes, 1, kMaxPartitions);
  if (wanted == 1) return split;
  std::vector<std::string> orders;
  for (int64_t i = 0; i < kSamplePlaces; ++i) {
    const auto bytes = input.ReadAt((input.size() - kSampleBytes) / kSamplePlaces * i, kSampleBytes);
    if (!bytes.ok()) return bytes.status();
    // Begins and ends in the midst of a row. Inside quotes the rows are none, which does no harm but to the balance.
    const size_t begin = bytes->find('\n') + 1;
    const size_t end = bytes->rfind('\n') + 1;
    CsvCutter cutter(std::string_view(*bytes).substr(begin, end - begin), 1);
    while (cutter.Next()) {
      const auto key = columns.KeyOf(cutter.cells());
      if (key) orders.push_back(std::string(OrderPart(offline::KeyOf(key->first, key->second, ""))));
    }
  }
  std::sort(orders.begin(), orders.end());
  for (int64_t i = 1; i < wanted && !orders.empty(); ++i) {
    const std::string& order = orders[orders.size() * static_cast<size_t>(i) / static_cast<size_t>(wanted)];
    if (!split.texts_.empty() && split.texts_.back() == order) continue;
    split.texts_.push_back(order);
    split.begins_.push_back(Bound(split.texts_.back()));
  }
  return split;
}

}  // namespace zhuxiao::reward::offline
