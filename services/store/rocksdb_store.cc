// Puts the parts of the RocksDB store together.
#include "services/store/rocksdb_store.h"

#include <algorithm>
#include <utility>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/store/committer.h"
#include "services/store/database.h"
#include "services/store/feed_log.h"

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
  return std::unique_ptr<RocksDbStore>(new RocksDbStore(options, *std::move(database), *std::move(feed)));
}

RocksDbStore::RocksDbStore(const RocksDbStoreOptions& options, std::shared_ptr<Database> database,
                           std::unique_ptr<FeedLog> feed)
    : feed_(std::move(feed)),
      tasks_(std::make_unique<TaskPool>(std::max<size_t>(1, options.thread_count))),
      committer_(std::make_unique<Committer>(
          std::move(database), *feed_, *tasks_,
          Committer::Options{.queue_capacity = options.queue_capacity, .sync = options.sync})) {}

RocksDbStore::~RocksDbStore() {
  // Answers still to be called may schedule bodies, and those may commit: they meet a stopped committer.
  committer_->Stop();
  tasks_.reset();
}

std::shared_ptr<Snapshot> RocksDbStore::Latest() { return committer_->Latest(); }

void RocksDbStore::Commit(Transaction transaction, std::function<void(CommitResult)> done) {
  committer_->Commit(std::move(transaction), std::move(done));
}

absl::StatusOr<std::vector<FeedEntry>> RocksDbStore::ReadFeed(Position after, size_t limit) {
  return feed_->Read(after, limit);
}

Position RocksDbStore::FeedEnd() { return feed_->End(); }

bool RocksDbStore::WaitFeed(Position after, absl::Time deadline) { return feed_->Wait(after, deadline); }

void RocksDbStore::Schedule(std::function<void()> task) { tasks_->Post(std::move(task)); }

}  // namespace zhuxiao::store
