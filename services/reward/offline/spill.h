// Lines on their way from the input to where they are settled: spilled to unnamed temporary files by partition, so
// that only one partition a thread is in memory at a time, whatever the size of the input.
#pragma once

#include <cstdint>
#include <memory>
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

// One file without a name in `directory` for each partition. Thread-safe.
class Spill {
 public:
  static absl::StatusOr<std::unique_ptr<Spill>> Create(size_t partitions, const std::string& directory);
  Spill() = default;  // of no partitions
  ~Spill();
  Spill(const Spill&) = delete;
  Spill& operator=(const Spill&) = delete;

  size_t partitions() const { return files_.size(); }
  absl::Status Append(size_t partition, std::string_view bytes);
  // All bytes of a partition, which is emptied.
  absl::StatusOr<std::string> Take(size_t partition);

 private:
  struct File {
    int fd = -1;
    absl::Mutex mutex;
    int64_t size ABSL_GUARDED_BY(mutex) = 0;
  };
  std::vector<std::unique_ptr<File>> files_;
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
