#include "services/round/runner.h"

#include <utility>

#include "absl/time/time.h"
#include "services/base/errors.h"
#include "services/base/steady.h"

namespace zhuxiao::round {
namespace {

// How long to leave rounds alone after work on one failed.
constexpr absl::Duration kRest = absl::Seconds(2);

}  // namespace

Runner::Runner(const Surroundings& around, std::function<void(const std::string&, const absl::Status&)> tell)
    : around_(around), tell_(std::move(tell)), thread_([this] { Loop(); }) {}

Runner::~Runner() {
  is_stopping_ = true;
  {
    absl::MutexLock lock(&mutex_);
    is_driven_ = true;
  }
  thread_.join();
}

void Runner::Drive(const store::Lease& lease) {
  std::string computing;
  {
    absl::MutexLock lock(&mutex_);
    lease_ = lease;
    is_driven_ = true;
    computing = computing_;
  }
  if (computing.empty()) return;
  const auto round = GetRound(*around_.store.Latest(), computing);
  if (round.ok() && round->state() == v1::ROUND_STATE_CANCELLED) is_cancelled_ = true;
}

void Runner::Rest() {
  absl::MutexLock lock(&mutex_);
  lease_.reset();
}

absl::Status Runner::Guard(store::Transaction& transaction) {
  std::optional<store::Lease> lease;
  {
    absl::MutexLock lock(&mutex_);
    lease = lease_;
  }
  if (lease) return store::CheckLease(transaction, *lease);
  return base::MakeError(absl::StatusCode::kAborted, base::ErrorReason::ERROR_REASON_CONFLICT,
                         "another process works on rounds");
}

void Runner::Loop() {
  Work work(around_, {.guard = [this](store::Transaction& transaction) { return Guard(transaction); },
                      .is_stopped = [this] { return is_stopping_ || is_cancelled_; },
                      .tell = tell_});
  int64_t not_before_nanos = 0;  // of the steady clock
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&is_driven_));
      is_driven_ = false;
    }
    if (is_stopping_) return;
    if (base::SteadyNanos() < not_before_nanos) continue;
    auto ids = Work::NotOver(around_.store);
    if (!ids.ok()) tell_("", ids.status());
    for (const std::string& id : ids.value_or(std::vector<std::string>())) {
      if (is_stopping_) return;
      is_cancelled_ = false;
      {
        absl::MutexLock lock(&mutex_);
        computing_ = id;
      }
      const absl::Status worked = work.Advance(id);
      {
        absl::MutexLock lock(&mutex_);
        computing_.clear();
      }
      if (worked.ok() || absl::IsCancelled(worked)) continue;
      tell_(id, worked);
      not_before_nanos = base::SteadyNanos() + absl::ToInt64Nanoseconds(kRest);
    }
  }
}

}  // namespace zhuxiao::round
