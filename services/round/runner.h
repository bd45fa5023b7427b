// The thread that works on rounds, beside those that serve calls.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "services/round/work.h"
#include "services/store/lease.h"

namespace zhuxiao::round {

// Works on every round that is not over, one after another, while it is driven: of several processes on one store only
// the one that holds the lease drives its runner, and each transaction commits only under that lease. Thread-safe.
class Runner {
 public:
  // `around` outlives the runner. `tell` hears of work that failed, from the runner's thread.
  Runner(const Surroundings& around, std::function<void(const std::string& round_id, const absl::Status&)> tell);
  // Stops soon, within a phase of a computation.
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Looks for work under `lease`. Called again and again while the lease is held; ends a computation whose round was
  // cancelled meanwhile.
  void Drive(const store::Lease& lease);
  // The lease is not held any more: work under way stops at its next transaction.
  void Rest();

 private:
  void Loop();
  absl::Status Guard(store::Transaction& transaction);

  const Surroundings around_;
  const std::function<void(const std::string&, const absl::Status&)> tell_;

  absl::Mutex mutex_;
  std::optional<store::Lease> lease_ ABSL_GUARDED_BY(mutex_);
  bool is_driven_ ABSL_GUARDED_BY(mutex_) = false;
  std::string computing_ ABSL_GUARDED_BY(mutex_);  // the round worked on; empty where none is
  std::atomic<bool> is_cancelled_ = false;         // the round worked on was cancelled
  std::atomic<bool> is_stopping_ = false;
  std::thread thread_;
};

}  // namespace zhuxiao::round
