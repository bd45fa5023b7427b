// The commit thread's loop and the way into it.
#include "services/store/committer.h"

#include <algorithm>
#include <utility>

#include "services/base/errors.h"
#include "services/base/steady.h"
#include "services/base/strings.h"

namespace zhuxiao::store {
namespace {

// The queue holds a fraction of a second of work, so a caller who waits that long finds room.
constexpr absl::Duration kRetryAfter = absl::Milliseconds(200);

// Answers are handed to the pool in portions, so that its threads share a large group.
constexpr size_t kAnswersPerTask = 32;

// A refusal is decided on a copy no older than this; the log is looked at five times as often.
constexpr absl::Duration kMaxCopyAge = absl::Seconds(1);

// A filling that failed, of a damaged store for example, is not begun again at once: it reads all rows.
constexpr absl::Duration kFillingPause = absl::Seconds(10);

// Times one group may be overtaken by other replicas. Each time another got on; so many in a row mean overload.
constexpr int kMaxTries = 100;

using base::Unavailable;

// What a commit may answer where the log could not be read.
absl::Status AsCondition(const absl::Status& status) {
  if (status.ok() || absl::IsDataLoss(status) || absl::IsUnavailable(status)) return status;
  return Unavailable(base::StrCat(status.message()));
}

const ReadView* ViewOf(const Transaction& transaction, const Database& database) {
  const auto* view = dynamic_cast<const ReadView*>(&transaction.snapshot());
  return view != nullptr && view->IsOf(database) ? view : nullptr;
}

}  // namespace

Committer::Committer(std::shared_ptr<Database> database, FeedLog& feed, TaskPool& tasks, Options options)
    : database_(std::move(database)),
      feed_(feed),
      tasks_(tasks),
      options_(std::move(options)),
      queue_(options_.queue_capacity),
      group_(*database_),
      copy_(options_.state),
      heard_nanos_(base::SteadyNanos()),
      view_(std::make_shared<ReadView>(database_, 0, feed_.End())),
      thread_([this] { Run(); }) {
  if (options_.log == nullptr) return;
  options_.log->Watch([this] {
    must_look_ = true;
    queue_.Wake();
  });
}

Committer::~Committer() { Stop(); }

void Committer::Stop() {
  if (!thread_.joinable()) return;
  if (options_.log != nullptr) options_.log->Unwatch();
  queue_.Close();
  thread_.join();
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

absl::Status Committer::Condition() {
  const std::lock_guard lock(condition_mutex_);
  return condition_;
}

void Committer::SetCondition(const absl::Status& condition) {
  if (condition.ok()) heard_nanos_ = base::SteadyNanos();
  {
    const std::lock_guard lock(condition_mutex_);
    if (condition == condition_) return;
    condition_ = condition;
  }
  if (options_.on_condition) options_.on_condition(condition);
}

bool Committer::IsCurrent() const { return options_.log == nullptr || Silence() < kMaxCopyAge; }

absl::Duration Committer::Silence() const { return absl::Nanoseconds(base::SteadyNanos() - heard_nanos_.load()); }

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
  if (transaction.is_read_only() && view == Latest().get() && IsCurrent()) {
    return done({absl::OkStatus(), {}, view->position()});
  }
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
  while (queue_.TakeGroup(group)) {
    // How it went is the condition's; a commit that needs the log meets the same trouble and answers it.
    if (must_look_.exchange(false) && !has_failed_) CatchUp(copy_.place).IgnoreError();
    if (!group.empty()) CommitAll(std::exchange(group, {}));
  }
}

absl::Status Committer::WriteAndPublish() {
  const rocksdb::Status written = group_.Write(options_.sync, options_.log == nullptr ? "" : copy_.ToRow());
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

absl::Status Committer::Adopt(const LogRecord& record) {
  const std::shared_ptr<ReadView> latest = Latest();
  group_.Begin(latest->version() + 1, latest->position());
  absl::StatusOr<ContentSum> sum = group_.Load(record.body, *copy_.sum);
  if (!sum.ok()) {
    group_.Discard();
    return sum.status();
  }
  copy_ = {record.place, *sum};
  const absl::Status status = WriteAndPublish();
  group_.Trim(database_->live().OldestOr(Latest()->version()));
  return status;
}

absl::Status Committer::FillAnew() {
  if (base::SteadyNanos() < next_filling_nanos_) return Condition();
  is_copy_whole_ = false;
  SetCondition(Unavailable("this replica was away for too long: its copy is being made anew"));
  absl::StatusOr<CopyState> state = options_.fill();
  absl::StatusOr<uint64_t> end = 0;
  if (state.ok()) end = FeedLog::ReadEnd(*database_);
  if (!state.ok() || !end.ok()) {
    next_filling_nanos_ = base::SteadyNanos() + absl::ToInt64Nanoseconds(kFillingPause);
    SetCondition(AsCondition(state.ok() ? end.status() : state.status()));
    return Condition();
  }
  // In this order, as after a group.
  const uint64_t version = Latest()->version() + 1;
  database_->cache().Clear(version);
  group_.Forget(version);
  Publish(std::make_shared<ReadView>(database_, version, Position{FeedLog::kEpoch, *end}));
  feed_.ExtendTo(*end);
  copy_ = *std::move(state);
  is_copy_whole_ = true;
  ++filling_count_;
  SetCondition(absl::OkStatus());
  return Unavailable("the outcome is unknown: this replica was away for too long, and its copy was made anew");
}

absl::StatusOr<bool> Committer::CatchUp(const LogPlace& expected) {
  bool is_expected_there = false;
  if (!is_copy_whole_) return FillAnew();
  while (true) {
    absl::StatusOr<std::vector<LogRecord>> records = options_.log->ReadAfter(copy_.place);
    if (absl::IsNotFound(records.status()) && options_.fill) return FillAnew();
    const absl::Status condition = AsCondition(records.status());
    SetCondition(condition);
    if (!condition.ok()) return condition;
    if (records->empty()) return is_expected_there;
    for (const LogRecord& record : *records) {
      if (record.place == expected) is_expected_there = true;
      if (absl::Status status = Adopt(record); !status.ok()) {
        SetCondition(status);
        return status;
      }
    }
  }
}

absl::StatusOr<bool> Committer::Append() {
  absl::StatusOr<ContentSum> sum = group_.SumAfter(*copy_.sum);
  if (!sum.ok()) {
    group_.Discard();
    return sum.status();
  }
  LogRecord record;
  record.body = group_.ToBody(base::StrCat(options_.author, "-", ++record_count_), *sum);
  record.place = copy_.place.After(record.body);
  AppendResult appended = options_.log->Append(copy_.place, record);
  if (appended.outcome == AppendOutcome::kAppended) {
    SetCondition(absl::OkStatus());
    copy_ = {record.place, *sum};
    if (absl::Status status = WriteAndPublish(); !status.ok()) return status;
    return true;
  }
  group_.Discard();
  if (appended.outcome == AppendOutcome::kOvertaken) {
    ++overtaken_count_;
    return CatchUp(record.place);
  }
  SetCondition(appended.status);
  return appended.status;
}

bool Committer::TryWithLog(Answers& answers) {
  absl::StatusOr<bool> is_done = true;
  if (!is_copy_whole_) {
    group_.Discard();
    is_done = FillAnew();
  } else if (!group_.is_empty()) {
    is_done = Append();
  } else if (!IsCurrent()) {
    // Nothing but refusals and reads: they are true where the copy is current.
    const uint64_t version = copy_.place.version;
    is_done = CatchUp(copy_.place);
    if (is_done.ok()) is_done = copy_.place.version == version;
  }
  if (is_done.ok()) return *is_done;
  const absl::Status& status = is_done.status();
  for (Answer& answer : answers) answer.result = {status};
  return true;
}

bool Committer::Try(Answers& answers) {
  const std::shared_ptr<ReadView> latest = Latest();
  group_.Begin(latest->version() + 1, latest->position());
  for (Answer& answer : answers) {
    if (has_failed_) {
      answer.result = {Unavailable("the store met a write error before this commit was tried")};
    } else {
      const Transaction& transaction = answer.commit.transaction;
      answer.result = group_.Apply(transaction, ViewOf(transaction, *database_)->version());
    }
  }
  if (has_failed_) return true;
  if (options_.log != nullptr) return TryWithLog(answers);
  if (group_.is_empty()) return true;
  if (absl::Status status = WriteAndPublish(); !status.ok()) {
    for (Answer& answer : answers) answer.result = {status};
  }
  return true;
}

void Committer::CommitAll(std::vector<PendingCommit> group) {
  const auto answers = std::make_shared<Answers>();
  answers->reserve(group.size());
  for (PendingCommit& commit : group) answers->push_back({std::move(commit), {}});
  int tries = 1;
  while (!Try(*answers)) {
    if (++tries <= kMaxTries) continue;
    for (Answer& answer : *answers) answer.result = {base::Overloaded("other replicas kept committing", kRetryAfter)};
    break;
  }
  for (size_t begin = 0; begin < answers->size(); begin += kAnswersPerTask) {
    tasks_.Post([answers, begin, end = std::min(begin + kAnswersPerTask, answers->size())] {
      for (size_t i = begin; i < end; ++i) (*answers)[i].commit.done(std::move((*answers)[i].result));
    });
  }
  group_.Trim(database_->live().OldestOr(Latest()->version()));
}

}  // namespace zhuxiao::store
