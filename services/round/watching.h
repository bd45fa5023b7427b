// Watches of rounds: how long one lasts, and how many a caller may have.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/base/caller.h"
#include "services/round/round.h"
#include "services/store/store.h"

namespace zhuxiao::round {

// The longest a watch lasts: a round at rest may stay so for days, and who still wants to know watches again. A
// clearing of the whole nation and its settling take less.
inline constexpr double kLongestWatchSeconds = 30 * 60;

// CANCELLED, where the caller of a stream went away.
absl::Status Gone();

// Watches at once: each costs a thread, which sleeps most of the time.
inline constexpr size_t kMaxWatches = 64;

// Watches of one caller at once: a person looks at the rounds of a region or two, in a few windows.
inline constexpr int kMaxWatchesOfCaller = 4;

// The other side of a watch.
struct WatchSide {
  // Sends what is seen and waits until the next may follow; false where the caller went away.
  std::function<bool(const v1::WatchRoundResponse&)> send;
  // True once the caller went away.
  std::function<bool()> is_gone;
  // Seconds since any fixed point.
  std::function<double()> now_seconds;
};

// Sends the round whenever it changed, until it has come to what the request waits for, or for kLongestWatchSeconds:
// the last answer says so then. NOT_FOUND; CANCELLED where the caller went away.
absl::Status Watch(store::Store& store, const v1::WatchRoundRequest& request, const WatchSide& side);

// Counts watches by caller: those of one organisation together, whatever its tokens. Thread-safe.
class WatchCount {
  struct Counts {
    absl::Mutex mutex;
    absl::flat_hash_map<std::string, int> by_caller ABSL_GUARDED_BY(mutex);
  };

 public:
  // A watch that counts as long as the object lives, which may be longer than the count.
  class Place {
   public:
    Place(std::shared_ptr<Counts> counts, std::string caller)
        : counts_(std::move(counts)), caller_(std::move(caller)) {}
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    const std::shared_ptr<Counts> counts_;
    const std::string caller_;
  };

  // RESOURCE_EXHAUSTED with RetryInfo where the caller has as many as it may.
  absl::StatusOr<std::shared_ptr<Place>> Begin(const base::Caller& caller);

 private:
  const std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace zhuxiao::round
