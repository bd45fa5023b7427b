// The commit thread's loop and the way into it.
#include "services/store/committer.h"

#include <algorithm>
#include <utility>

#include "services/base/errors.h"
#include "services/base/strings.h"

namespace zhuxiao::store {
namespace {

// The queue holds a fraction of a second of work, so a caller who waits that long finds room.
constexpr absl::Duration kRetryAfter = absl::Milliseconds(200);

// Answers are handed to the pool in portions, so that its threads share a large group.
constexpr size_t kAnswersPerTask = 32;

struct Answer {
  PendingCommit commit;  // with its transaction, so that freeing it is the pool's work too
  CommitResult result;
};

absl::Status Unavailable(std::string_view message) {
  return base::MakeError(absl::StatusCode::kUnavailable, base::ErrorReason::ERROR_REASON_UNAVAILABLE, message);
}

const ReadView* ViewOf(const Transaction& transaction, const Database& database) {
  const auto* view = dynamic_cast<const ReadView*>(&transaction.snapshot());
  return view != nullptr && view->IsOf(database) ? view : nullptr;
}

}  // namespace

Committer::Committer(std::shared_ptr<Database> database, FeedLog& feed, TaskPool& tasks, size_t queue_capacity,
                     bool sync)
    : database_(std::move(database)),
      feed_(feed),
      tasks_(tasks),
      sync_(sync),
      queue_(queue_capacity),
      group_(*database_),
      view_(std::make_shared<ReadView>(database_, 0, feed_.End())),
      thread_([this] { Run(); }) {}

Committer::~Committer() { Stop(); }

void Committer::Stop() {
  queue_.Close();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<ReadView> Committer::Latest() {
  const std::lock_guard lock(view_mutex_);
  return view_;
}

void Committer::Publish(std::shared_ptr<ReadView> view) {
  // The old view is dropped after the lock is.
  const std::lock_guard lock(view_mutex_);
  view_.swap(view);
}

void Committer::WarmCounters(const Transaction& transaction) {
  std::shared_ptr<ReadView> view;
  for (const Transaction::AddOperation& add : transaction.adds()) {
    if (database_->cache().Contains(add.key)) continue;
    if (view == nullptr) view = Latest();
    // Only a hint: where it fails, the commit thread reads the row itself and reports.
    view->Get(add.key).IgnoreError();
  }
}

void Committer::Commit(Transaction transaction, std::function<void(CommitResult)> done) {
  const ReadView* view = ViewOf(transaction, *database_);
  if (view == nullptr) return done({absl::InvalidArgumentError("the transaction belongs to another store")});
  if (absl::Status status = transaction.CheckLimits(); !status.ok()) return done({status});
  if (transaction.is_read_only() && view == Latest().get()) return done({absl::OkStatus(), {}, view->position()});
  if (has_failed_) return done({Unavailable("the store met a write error and takes no commits until it is reopened")});

  WarmCounters(transaction);
  PendingCommit pending{std::move(transaction), std::move(done), 0};
  pending.bytes = pending.transaction.ByteCount();
  switch (queue_.Push(pending)) {
    case CommitQueue::Admission::kAdmitted:
      return;
    case CommitQueue::Admission::kFull:
      return pending.done({base::Overloaded("too many commits are waiting", kRetryAfter)});
    case CommitQueue::Admission::kClosed:
      return pending.done({Unavailable("the store is closing")});
  }
}

void Committer::Run() {
  std::vector<PendingCommit> group;
  while (queue_.TakeGroup(group)) CommitAll(std::exchange(group, {}));
}

absl::Status Committer::WriteAndPublish() {
  const rocksdb::Status written = group_.Write(sync_);
  if (!written.ok()) {
    has_failed_ = true;
    return Unavailable(base::StrCat("the outcome is unknown after a write error: ", written.ToString()));
  }
  // In this order: whoever sees an event of the feed, or an answer, sees its state.
  group_.UpdateCache();
  Publish(std::make_shared<ReadView>(database_, Latest()->version() + 1, group_.feed_end()));
  feed_.Publish(group_.TakeEvents());
  return absl::OkStatus();
}

void Committer::CommitAll(std::vector<PendingCommit> group) {
  const auto answers = std::make_shared<std::vector<Answer>>();
  answers->reserve(group.size());
  const std::shared_ptr<ReadView> latest = Latest();
  group_.Begin(latest->version() + 1, latest->position());
  for (PendingCommit& commit : group) {
    CommitResult result;
    if (has_failed_) {
      result.status = Unavailable("the store met a write error before this commit was tried");
    } else {
      result = group_.Apply(commit.transaction, ViewOf(commit.transaction, *database_)->version());
    }
    answers->push_back({std::move(commit), std::move(result)});
  }
  if (!group_.is_empty()) {
    if (absl::Status status = WriteAndPublish(); !status.ok()) {
      for (Answer& answer : *answers) answer.result = {status};
    }
  }
  for (size_t begin = 0; begin < answers->size(); begin += kAnswersPerTask) {
    tasks_.Post([answers, begin, end = std::min(begin + kAnswersPerTask, answers->size())] {
      for (size_t i = begin; i < end; ++i) (*answers)[i].commit.done(std::move((*answers)[i].result));
    });
  }
  group_.Trim(database_->live().OldestOr(Latest()->version()));
}

}  // namespace zhuxiao::store
