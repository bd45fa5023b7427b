#include "services/store/redis_store.h"

#include <utility>

#include "absl/time/clock.h"
#include "services/base/ids.h"
#include "services/store/redis_copy.h"
#include "services/store/redis_log.h"
#include "services/store/rocksdb_store.h"

namespace zhuxiao::store {

absl::StatusOr<std::unique_ptr<ReplicaStore>> OpenRedisStore(const RedisStoreOptions& options) {
  absl::StatusOr<RedisTarget> target = RedisTarget::Parse(options.url);
  if (!target.ok()) return target.status();
  base::SystemRandom random;
  const std::string author = base::NewId(absl::Now(), random);
  absl::StatusOr<std::unique_ptr<RedisLog>> log =
      RedisLog::Open(*std::move(target), options.password, author, options.max_log_bytes);
  if (!log.ok()) return log.status();
  absl::StatusOr<RedisCopy> copy = OpenRedisCopy(**log, {.directory = options.directory, .sync = false});
  if (!copy.ok()) return copy.status();
  const auto fill = [log = log->get(), database = copy->database] { return FillRedisCopy(*log, *database); };
  const auto unreplicated = [log = log->get()] { return log->unreplicated_count(); };
  return ReplicaStore::Open(
      *std::move(log), std::move(copy->database), std::move(copy->state),
      {.author = author, .on_condition = options.on_condition, .fill = fill, .unreplicated = unreplicated});
}

}  // namespace zhuxiao::store
