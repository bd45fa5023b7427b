// A replica's copy of the shared store: opened where it is a prefix of the log still, else made anew.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "services/store/database.h"
#include "services/store/redis_log.h"

namespace zhuxiao::store {

struct RedisCopy {
  std::shared_ptr<Database> database;
  LogPlace place;  // in the log
};

// Opens the copy in options.directory, which may be empty. DATA_LOSS where the log lacks what the copy has: the store
// was rolled back; FAILED_PRECONDITION where the directory holds an embedded store.
absl::StatusOr<RedisCopy> OpenRedisCopy(RedisLog& log, const RocksDbStoreOptions& options);

}  // namespace zhuxiao::store
