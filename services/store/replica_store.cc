// Puts the parts of a replica's store together.
#include "services/store/replica_store.h"

#include <algorithm>
#include <utility>

#include "services/store/committer.h"
#include "services/store/database.h"
#include "services/store/feed_log.h"

namespace zhuxiao::store {

absl::StatusOr<std::unique_ptr<ReplicaStore>> ReplicaStore::Open(std::unique_ptr<SharedLog> log,
                                                                 std::shared_ptr<Database> database, LogPlace place,
                                                                 ReplicaOptions options) {
  absl::StatusOr<std::unique_ptr<FeedLog>> feed = FeedLog::Open(database);
  if (!feed.ok()) return feed.status();
  return std::unique_ptr<ReplicaStore>(
      new ReplicaStore(std::move(log), std::move(database), std::move(place), *std::move(feed), std::move(options)));
}

ReplicaStore::ReplicaStore(std::unique_ptr<SharedLog> log, std::shared_ptr<Database> database, LogPlace place,
                           std::unique_ptr<FeedLog> feed, ReplicaOptions options)
    : log_(std::move(log)),
      feed_(std::move(feed)),
      tasks_(std::make_unique<TaskPool>(std::max<size_t>(1, options.thread_count))),
      // The shared log makes a commit durable; the copy's own log only spares a restart the filling.
      committer_(std::make_unique<Committer>(std::move(database), *feed_, *tasks_,
                                             Committer::Options{.queue_capacity = options.queue_capacity,
                                                                .sync = false,
                                                                .log = log_.get(),
                                                                .place = std::move(place),
                                                                .author = std::move(options.author),
                                                                .on_condition = std::move(options.on_condition)})) {}

ReplicaStore::~ReplicaStore() {
  // Answers still to be called may schedule bodies, and those may commit: they meet a stopped committer.
  committer_->Stop();
  tasks_.reset();
}

std::shared_ptr<Snapshot> ReplicaStore::Latest() { return committer_->Latest(); }

void ReplicaStore::Commit(Transaction transaction, std::function<void(CommitResult)> done) {
  committer_->Commit(std::move(transaction), std::move(done));
}

absl::StatusOr<std::vector<FeedEntry>> ReplicaStore::ReadFeed(Position after, size_t limit) {
  return feed_->Read(after, limit);
}

Position ReplicaStore::FeedEnd() { return feed_->End(); }

bool ReplicaStore::WaitFeed(Position after, absl::Time deadline) { return feed_->Wait(after, deadline); }

void ReplicaStore::Schedule(std::function<void()> task) { tasks_->Post(std::move(task)); }

absl::Status ReplicaStore::Condition() { return committer_->Condition(); }

}  // namespace zhuxiao::store
