// The retry loop, as one shared object that lives from the first attempt to the final answer.
#include "services/store/run_transaction.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "services/base/errors.h"

namespace zhuxiao::store {
namespace {

class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(Store& store, TransactionBody body, TransactionDone done, RetryPolicy policy)
      : store_(store), body_(std::move(body)), done_(std::move(done)), policy_(policy) {}

  void Attempt() {
    ++attempt_;
    Transaction transaction(store_.Latest());
    for (const std::string& key : broken_keys_) transaction.Distrust(key);
    absl::Status refusal = body_(transaction);
    if (!refusal.ok()) transaction.ClearWrites();
    store_.Commit(std::move(transaction), [self = shared_from_this(), refusal](CommitResult result) {
      self->Conclude(refusal, std::move(result));
    });
  }

 private:
  void Conclude(const absl::Status& refusal, CommitResult result) {
    const bool is_outdated = absl::IsAborted(result.status);
    if (!is_outdated && !absl::IsOutOfRange(result.status)) {
      done_(result.status.ok() ? refusal : result.status, result.position);
      return;
    }
    if (attempt_ >= policy_.max_attempts) {
      done_(base::MakeError(absl::StatusCode::kAborted, base::ErrorReason::ERROR_REASON_CONFLICT,
                            "other commits kept changing what this one read"),
            Position());
      return;
    }
    // Broken bounds are kept over the attempts: a key that broke once is worth a read each time.
    for (std::string& key : result.broken_keys) broken_keys_.push_back(std::move(key));
    store_.Schedule([self = shared_from_this()] { self->Attempt(); });
  }

  Store& store_;
  const TransactionBody body_;
  const TransactionDone done_;
  const RetryPolicy policy_;
  int attempt_ = 0;
  std::vector<std::string> broken_keys_;
};

}  // namespace

void RunTransaction(Store& store, TransactionBody body, TransactionDone done, RetryPolicy policy) {
  std::make_shared<Run>(store, std::move(body), std::move(done), policy)->Attempt();
}

absl::Status RunTransaction(Store& store, const TransactionBody& body, RetryPolicy policy) {
  // Shared with the callback, which may still be leaving the lock when this function returns.
  struct Outcome {
    std::mutex mutex;
    std::condition_variable is_over;
    std::optional<absl::Status> status;
  };
  const auto outcome = std::make_shared<Outcome>();
  RunTransaction(
      store, body,
      [outcome](absl::Status status, Position) {
        const std::lock_guard lock(outcome->mutex);
        outcome->status = std::move(status);
        outcome->is_over.notify_one();
      },
      policy);
  std::unique_lock lock(outcome->mutex);
  outcome->is_over.wait(lock, [&outcome] { return outcome->status.has_value(); });
  return *outcome->status;
}

}  // namespace zhuxiao::store
