// Puts the parts of a replica's store together.
#include "services/store/replica_store.h"

#include <algorithm>
#include <utility>

#include "services/store/committer.h"
#include "services/store/database.h"
#include "services/store/feed_log.h"
#include "services/store/task_pool.h"

namespace zhuxiao::store {

absl::StatusOr<std::unique_ptr<ReplicaStore>> ReplicaStore::Open(std::unique_ptr<SharedLog> log,
                                                                 std::shared_ptr<Database> database, CopyState state,
                                                                 ReplicaOptions options) {
  absl::StatusOr<std::unique_ptr<FeedLog>> feed = FeedLog::Open(database);
  if (!feed.ok()) return feed.status();
  Parts parts;
  parts.log = std::move(log);
  parts.feed = *std::move(feed);
  parts.tasks = std::make_unique<TaskPool>(std::max<size_t>(1, options.thread_count));
  // The shared log makes a commit durable; the copy's own log only spares a restart the filling.
  parts.committer = std::make_unique<Committer>(std::move(database), *parts.feed, *parts.tasks,
                                                Committer::Options{.queue_capacity = options.queue_capacity,
                                                                   .sync = false,
                                                                   .log = parts.log.get(),
                                                                   .state = std::move(state),
                                                                   .author = std::move(options.author),
                                                                   .on_condition = std::move(options.on_condition),
                                                                   .fill = std::move(options.fill)});
  return std::unique_ptr<ReplicaStore>(new ReplicaStore(std::move(parts), std::move(options.unreplicated)));
}

absl::Status ReplicaStore::Condition() { return committer().Condition(); }

ReplicaCounts ReplicaStore::Counts() {
  return {.overtaken = committer().overtaken_count(),
          .filled = committer().filling_count(),
          .unreplicated = unreplicated_ ? unreplicated_() : 0,
          .silence = committer().Silence()};
}

}  // namespace zhuxiao::store
