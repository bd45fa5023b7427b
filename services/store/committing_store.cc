#include "services/store/committing_store.h"

#include <utility>

#include "services/store/committer.h"

namespace zhuxiao::store {

CommittingStore::Parts::Parts() = default;
CommittingStore::Parts::Parts(Parts&&) noexcept = default;
CommittingStore::Parts::~Parts() = default;

CommittingStore::CommittingStore(Parts parts) : parts_(std::move(parts)) {}

CommittingStore::~CommittingStore() {
  // Answers still to be called may schedule bodies, and those may commit: they meet a stopped committer.
  parts_.committer->Stop();
  parts_.tasks.reset();
}

std::shared_ptr<Snapshot> CommittingStore::Latest() { return parts_.committer->Latest(); }

void CommittingStore::Commit(Transaction transaction, std::function<void(CommitResult)> done) {
  parts_.committer->Commit(std::move(transaction), std::move(done));
}

absl::StatusOr<std::vector<FeedEntry>> CommittingStore::ReadFeed(Position after, size_t limit) {
  return parts_.feed->Read(after, limit);
}

Position CommittingStore::FeedEnd() { return parts_.feed->End(); }

bool CommittingStore::WaitFeed(Position after, absl::Time deadline) { return parts_.feed->Wait(after, deadline); }

void CommittingStore::Schedule(std::function<void()> task) { parts_.tasks->Post(std::move(task)); }

}  // namespace zhuxiao::store
