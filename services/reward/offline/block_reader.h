// A CSV file in blocks of whole records, so that several threads can parse it at once. Knows of CSV only where a
// record ends: at a line break outside quotes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace zhuxiao::reward::offline {

// A block is read at once and parsed by one thread; a record is the largest thing that must fit memory.
inline constexpr size_t kBlockBytes = 1u << 20;
inline constexpr size_t kMaxRecordBytes = 1u << 20;

struct Block {
  std::string bytes;       // whole records with their line breaks; the last of the file may lack its own
  int64_t first_line = 1;  // of the first record
  int64_t offset = 0;      // of the first byte in the file
};

// Thread-safe.
class BlockReader {
 public:
  // NOT_FOUND where the file cannot be opened. What is no regular file (a pipe) is copied to one in
  // `temporary_directory` first.
  static absl::StatusOr<std::unique_ptr<BlockReader>> Open(const std::string& path,
                                                           const std::string& temporary_directory);
  ~BlockReader();
  BlockReader(const BlockReader&) = delete;
  BlockReader& operator=(const BlockReader&) = delete;

  // The next block; empty bytes at the end. A byte order mark is passed over. INVALID_ARGUMENT where a record is
  // larger than kMaxRecordBytes, most often since a quote is never closed; its line is in the message.
  absl::StatusOr<Block> Next() ABSL_LOCKS_EXCLUDED(mutex_);

  // `size` bytes at `offset`: a record met before.
  absl::StatusOr<std::string> ReadAt(int64_t offset, size_t size) const;

  int64_t size() const { return size_; }

 private:
  BlockReader(int fd, int64_t size) : fd_(fd), size_(size) {}

  const int fd_;
  const int64_t size_;
  absl::Mutex mutex_;
  std::string rest_ ABSL_GUARDED_BY(mutex_);  // the beginning of the next block
  int64_t next_offset_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t next_line_ ABSL_GUARDED_BY(mutex_) = 1;
};

// The length of the longest part of `text` that ends with a line break outside quotes, or 0.
size_t WholeRecords(std::string_view text);

}  // namespace zhuxiao::reward::offline
