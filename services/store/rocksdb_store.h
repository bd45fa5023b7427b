// The store on RocksDB, embedded: the default of an installation on one machine.
//
// Transactions wait in a bounded queue for one commit thread, which validates them in order against an index of recent
// changes, writes all that wait in one synced batch, and publishes the new state at once. RocksDB's own
// OptimisticTransactionDB is not used: it misses keys that appear in a range scanned.
//
// After a write error every commit answers UNAVAILABLE until the store is opened anew: what the disk holds is not
// known before the log has been replayed. Reads go on.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "services/store/committing_store.h"

namespace zhuxiao::store {

struct RocksDbStoreOptions {
  std::string directory;
  bool create_if_missing = true;
  // Off, an acknowledged commit survives the death of the process but not of the machine: for measurements.
  bool sync = true;
  // Commits that may wait; beyond it Commit answers RESOURCE_EXHAUSTED. Some tenths of a second of work.
  size_t queue_capacity = 4096;
  size_t row_cache_bytes = 64 << 20;
  size_t block_cache_bytes = 64 << 20;
  // Threads that call `done` and run scheduled bodies.
  size_t thread_count = 2;
};

// Thread-safe. One process, and one object in it, may have a directory open; the directory stays locked until the
// last snapshot is dropped too.
class RocksDbStore final : public CommittingStore {
 public:
  // FAILED_PRECONDITION where the directory is open elsewhere or a newer program wrote it; NOT_FOUND where it holds no
  // database and create_if_missing is off; DATA_LOSS where it is damaged; UNAVAILABLE on other I/O errors.
  static absl::StatusOr<std::unique_ptr<RocksDbStore>> Open(const RocksDbStoreOptions& options);

 private:
  explicit RocksDbStore(Parts parts) : CommittingStore(std::move(parts)) {}
};

}  // namespace zhuxiao::store
