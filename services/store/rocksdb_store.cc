// Puts the parts of the RocksDB store together.
#include "services/store/rocksdb_store.h"

#include <algorithm>
#include <utility>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/store/committer.h"
#include "services/store/database.h"
#include "services/store/feed_log.h"
#include "services/store/task_pool.h"

namespace zhuxiao::store {

absl::StatusOr<std::unique_ptr<RocksDbStore>> RocksDbStore::Open(const RocksDbStoreOptions& options) {
  absl::StatusOr<std::shared_ptr<Database>> database = Database::Open(options);
  if (!database.ok()) return database.status();
  absl::StatusOr<std::string> place = (*database)->Place();
  if (!place.ok()) return place.status();
  if (!place->empty()) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED,
                           base::StrCat(options.directory,
                                        " is a replica's copy of a shared store, which goes on "
                                        "without it; make a store of it with zhuxiaod store copy"));
  }
  absl::StatusOr<std::unique_ptr<FeedLog>> feed = FeedLog::Open(*database);
  if (!feed.ok()) return feed.status();
  Parts parts;
  parts.feed = *std::move(feed);
  parts.tasks = std::make_unique<TaskPool>(std::max<size_t>(1, options.thread_count));
  parts.committer =
      std::make_unique<Committer>(*std::move(database), *parts.feed, *parts.tasks,
                                  Committer::Options{.queue_capacity = options.queue_capacity, .sync = options.sync});
  return std::unique_ptr<RocksDbStore>(new RocksDbStore(std::move(parts)));
}

}  // namespace zhuxiao::store
