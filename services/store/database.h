// The RocksDB database under the store: opening it, its two column families, and what its views share.
#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/store/rocksdb_store.h"
#include "services/store/row_cache.h"

namespace zhuxiao::store {

// The versions some view still shows. Thread-safe.
class LiveVersions {
 public:
  void Add(uint64_t version);
  void Remove(uint64_t version);
  // The oldest, or `otherwise` where there is none.
  uint64_t OldestOr(uint64_t otherwise);

 private:
  std::mutex mutex_;
  std::set<uint64_t> versions_;  // a version has one view
};

// An open database. Thread-safe. Views share its ownership: the directory stays locked until the last is gone.
class Database {
 public:
  // The format of the data this program writes and the newest it reads.
  static constexpr int64_t kFormat = 1;

  // FAILED_PRECONDITION where another process has the directory open or a newer program wrote it; NOT_FOUND where
  // there is no database and create_if_missing is off; DATA_LOSS where it is damaged; UNAVAILABLE on I/O errors.
  static absl::StatusOr<std::shared_ptr<Database>> Open(const RocksDbStoreOptions& options);
  // Opens what is on disk in `directory` for reading, beside the process that may be writing there; it stands still.
  // Its own log goes to `log_directory`.
  static absl::StatusOr<std::shared_ptr<Database>> OpenSecondary(const std::string& directory,
                                                                 const std::string& log_directory);
  ~Database();

  rocksdb::DB& db() { return *db_; }
  // Rows of the product.
  rocksdb::ColumnFamilyHandle* rows() { return rows_; }
  // Rows of the store itself: the format and the feed. A family of its own, so that no key of the product can meet
  // them and a compaction of rows never rewrites the feed.
  rocksdb::ColumnFamilyHandle* system() { return system_; }
  // Where this directory is a replica's copy of a shared store: the place in the shared log that it shows, in the
  // form of LogPlace::ToRow; else empty.
  absl::StatusOr<std::string> Place();
  // Its row in the system family.
  static constexpr std::string_view kPlaceKey = "place";

  // True where this Open made the database.
  bool is_new() const { return is_new_; }

  RowCache& cache() { return cache_; }
  LiveVersions& live() { return live_; }

 private:
  explicit Database(size_t row_cache_bytes) : cache_(row_cache_bytes) {}
  // Takes the families of an open database over.
  static std::shared_ptr<Database> Hold(rocksdb::DB* db, const std::vector<rocksdb::ColumnFamilyHandle*>& families,
                                        size_t row_cache_bytes);
  // The format row, or nullopt where there is none. Refuses a newer one.
  absl::StatusOr<std::optional<int64_t>> ReadFormat();
  absl::Status CheckFormat();

  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* rows_ = nullptr;
  rocksdb::ColumnFamilyHandle* system_ = nullptr;
  bool is_new_ = false;
  RowCache cache_;
  LiveVersions live_;
};

// The product's word for a RocksDB failure: DATA_LOSS for corruption, else UNAVAILABLE.
absl::Status FromRocksDb(const rocksdb::Status& status, std::string_view what);

inline rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view FromSlice(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace zhuxiao::store
