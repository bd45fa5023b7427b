// Lines on their way from the input to where they are settled, by partition: in little more than their own bytes, and
// beyond a bound in temporary files, so that memory stays the same whatever the size of the input.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/reward/offline/sale_row.h"

namespace zhuxiao::reward::offline {

// What settling needs of a line.
struct LineFacts {
  int64_t amount_fen = 0;
  int64_t parcels = 0;
  int64_t parcel_fee_fen = 0;
  int64_t time_ns = 0;  // by the policy's clock, where its order decides what is paid
  int64_t offset = 0;   // of the record in the input
  int64_t line = 0;     // in the input
  uint32_t record_size = 0;
  uint32_t claimant = 0;  // kNoClaimant where a refund leaves it out
  uint16_t window = 0;
  uint16_t order_size = 0;  // of the OrderPart of the place, once it is a key
  RowKind kind = RowKind::kSale;
  bool is_of_whole_order = false;                            // of a refund that names an order and no line of it
  engine::LineReason reason = engine::LineReason::kInScope;  // of a sale
};
inline constexpr uint32_t kNoClaimant = UINT32_MAX;

// Keys are platform, order number and line number with kKeyBreak between, so that bytes compare as the three texts do.
inline constexpr char kKeyBreak = '\0';
std::string KeyOf(std::string_view platform, std::string_view order_no, std::string_view line_no);
// The same into a string that is used again and again.
void KeyInto(std::string_view platform, std::string_view order_no, std::string_view line_no, std::string& key);
// The key up to and without the last break: the order.
std::string_view OrderPart(std::string_view key);
// Eight bytes of the key from `at` on, zeros beyond its end, as a number that compares as they do.
uint64_t PrefixOf(std::string_view key, size_t at);

struct Line {
  LineFacts facts;
  std::string_view place;  // key of the sale it is, or that it is a refund of (not yet resolved: refund_of as written)
  std::string_view own;    // key of a refund itself; empty for a sale

  std::string_view order() const { return place.substr(0, facts.order_size); }
};

// Bytes that a computation keeps in memory before it begins to write: enough for some ten million lines, so that only
// larger inputs wait for a disk, and all of a computation stays below 1 GB.
inline constexpr int64_t kSpillMemoryBytes = 512 << 20;

// The bytes of each partition, in memory up to `memory_bytes` in all and beyond that in files without a name.
// Thread-safe.
class Spill {
 public:
  // The files, where they are needed, are made in `directory`.
  Spill(size_t partitions, std::string directory, int64_t memory_bytes);
  ~Spill();
  Spill(const Spill&) = delete;
  Spill& operator=(const Spill&) = delete;

  size_t partitions() const { return partitions_.size(); }
  // The order of what is appended to a partition is not kept.
  absl::Status Append(size_t partition, std::string_view bytes);
  // All bytes of a partition, which is emptied.
  absl::StatusOr<std::string> Take(size_t partition);

 private:
  struct Partition {
    absl::Mutex mutex;
    std::vector<std::string> chunks ABSL_GUARDED_BY(mutex);
    int fd ABSL_GUARDED_BY(mutex) = -1;
    int64_t file_size ABSL_GUARDED_BY(mutex) = 0;
  };

  absl::Status AppendToFile(Partition& partition, std::string_view bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(partition.mutex);

  const std::string directory_;
  const int64_t max_memory_bytes_;
  std::deque<Partition> partitions_;
  std::atomic<int64_t> memory_bytes_ = 0;
};

// Gathers one thread's lines and hands them to the spill in pieces. Not thread-safe.
class SpillWriter {
 public:
  explicit SpillWriter(Spill& spill) : spill_(spill), buffers_(spill.partitions()) {}

  absl::Status Write(size_t partition, const LineFacts& facts, std::string_view place, std::string_view own);
  absl::Status Flush();
  int64_t count() const { return count_; }

 private:
  Spill& spill_;
  std::vector<std::string> buffers_;
  int64_t count_ = 0;
};

// The lines in the bytes of a partition, which outlive them.
std::vector<Line> DecodeLines(std::string_view bytes);

}  // namespace zhuxiao::reward::offline
