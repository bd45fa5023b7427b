// The store of one replica among several: a copy of the rows on RocksDB, and a shared log that makes commits durable
// and orders them. Reads come from the copy, at its speed and without asking anybody; a snapshot trails what other
// replicas commit by the moment the log takes to tell, but no commit and no refusal ever rests on an outdated one.
//
// While the log cannot be reached, reads go on and commits answer UNAVAILABLE. Where it lacks what was acknowledged,
// commits answer DATA_LOSS, within a second, until it has it again. Where the replica was away for so long that the log
// has forgotten what it missed, its copy is made anew; until that is done, reads show the old state.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "services/store/committing_store.h"
#include "services/store/shared_log.h"

namespace zhuxiao::store {

class Database;

struct ReplicaOptions {
  // As in RocksDbStoreOptions.
  size_t queue_capacity = 4096;
  size_t thread_count = 2;
  // Of this replica's records; no other replica, now or later, has the same.
  std::string author;
  // Hears of every change of Condition, on a thread that must not be kept.
  std::function<void(const absl::Status&)> on_condition;
  // Makes the copy anew, as FillRedisCopy, where the replica was away for longer than the log reaches back. Without it
  // such a replica stays UNAVAILABLE.
  std::function<absl::StatusOr<CopyState>()> fill;
  // How often the shared log waited in vain for a second machine to acknowledge; 0 where it is not set.
  std::function<uint64_t()> unreplicated;
};

// What a replica has been through since its start.
struct ReplicaCounts {
  uint64_t overtaken = 0;     // groups of commits decided again because another replica was quicker
  uint64_t filled = 0;        // times the copy was made anew while it ran
  uint64_t unreplicated = 0;  // as in ReplicaOptions
  absl::Duration silence;     // since the shared log was last heard of; looked at several times a second
};

// Thread-safe.
class ReplicaStore final : public CommittingStore {
 public:
  // `database` is a copy of the store that `log` leads to, in `state`, whose sum is there.
  static absl::StatusOr<std::unique_ptr<ReplicaStore>> Open(std::unique_ptr<SharedLog> log,
                                                            std::shared_ptr<Database> database, CopyState state,
                                                            ReplicaOptions options);

  // OK, or why commits are refused now: UNAVAILABLE or DATA_LOSS.
  absl::Status Condition();

  ReplicaCounts Counts();

 private:
  ReplicaStore(Parts parts, std::function<uint64_t()> unreplicated)
      : CommittingStore(std::move(parts)), unreplicated_(std::move(unreplicated)) {}

  const std::function<uint64_t()> unreplicated_;
};

}  // namespace zhuxiao::store
