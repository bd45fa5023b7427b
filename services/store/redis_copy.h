// A replica's copy of the shared store: opened where it is a prefix of the log still, else made anew.
//
// A copy is filled from rows that no hash covers, and a damaged file of Redis may hold wrong ones. So the log, which
// hashes do cover, is played over them as far back as it reaches, and in the end the sum of all rows and events is
// compared with the one that the log's last record tells: damage is mended, or found.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "services/store/database.h"
#include "services/store/redis_log.h"

namespace zhuxiao::store {

struct RedisCopy {
  std::shared_ptr<Database> database;
  CopyState state;  // its sum is there
};

// Opens the copy in options.directory, which may be empty. DATA_LOSS where the log lacks what the copy has, since the
// store was rolled back, and where the store to copy is damaged; FAILED_PRECONDITION where the directory holds an
// embedded store.
absl::StatusOr<RedisCopy> OpenRedisCopy(RedisLog& log, const RocksDbStoreOptions& options);

// Replaces all that `copy` holds by what the log has led to now. Snapshots of the copy taken before stay as they are;
// nobody else may write to it meanwhile. DATA_LOSS where the store is damaged. Cut short, the copy is of no use until
// this, or OpenRedisCopy, has worked.
absl::StatusOr<CopyState> FillRedisCopy(RedisLog& log, Database& copy);

}  // namespace zhuxiao::store
