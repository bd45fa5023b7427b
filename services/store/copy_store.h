// Copies of whole stores, from any kind to any kind: moving up from the embedded store to Redis and back, and backup
// and restore of the embedded store while it runs. Rows and feed are copied as they are and compared by digest.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/store/store.h"

namespace zhuxiao::store {

// A state of a store that stands still: its rows, and the feed up to the position of that state.
struct StillStore {
  std::shared_ptr<Snapshot> rows;
  std::function<absl::StatusOr<std::vector<FeedEntry>>(Position after, size_t limit)> read_feed;
};

// The newest state of `store`, which outlives the result.
StillStore Still(Store& store);

// The state on disk of the embedded store, or of a replica's copy, in `directory`, which a running server may have open
// and write to meanwhile: it is opened as RocksDB's secondary instance. Every acknowledged commit of before the call is
// in it, and no commit in part. NOT_FOUND, DATA_LOSS and UNAVAILABLE as RocksDbStore::Open.
absl::StatusOr<StillStore> OpenStill(const std::string& directory);

struct StoreDigest {
  int64_t row_count = 0;
  int64_t event_count = 0;
  std::string sha256;  // of all rows in key order and all events, in hexadecimal digits

  bool operator==(const StoreDigest&) const = default;
};

absl::StatusOr<StoreDigest> DigestOf(const StillStore& from);

// Copies `from` into `to`, which holds nothing, and reads it back. FAILED_PRECONDITION where `to` holds something;
// DATA_LOSS where the digests differ. While it lasts, and where it was cut short, CheckWhole(to) fails.
absl::StatusOr<StoreDigest> CopyStore(const StillStore& from, Store& to);

// FAILED_PRECONDITION where `store` is what an unfinished copy left.
absl::Status CheckWhole(Store& store);

}  // namespace zhuxiao::store
