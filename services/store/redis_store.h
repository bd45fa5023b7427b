// The store on Redis, shared by any number of processes: a ReplicaStore over a RedisLog.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/store/replica_store.h"
#include "services/store/shared_log.h"

namespace zhuxiao::store {

struct RedisStoreOptions {
  std::string url;                                        // of RedisTarget::Parse
  std::string password;                                   // of the servers; empty: none
  std::string directory;                                  // of this replica's copy; one process a directory
  size_t max_log_bytes = SharedLog::kMaxLogBytes;         // what appends of this replica leave of the log
  std::function<void(const absl::Status&)> on_condition;  // as ReplicaOptions
};

// INVALID_ARGUMENT for a wrong url; FAILED_PRECONDITION where the server's settings would lose commits, a newer program
// wrote the data, or the directory is in use; DATA_LOSS where the server lacks what the copy has; UNAVAILABLE where it
// does not answer. The first start in a directory reads all rows.
absl::StatusOr<std::unique_ptr<ReplicaStore>> OpenRedisStore(const RedisStoreOptions& options);

}  // namespace zhuxiao::store
