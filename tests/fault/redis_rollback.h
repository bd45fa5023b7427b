// The ways a Redis comes back with less than it had, done to one that runs.
#pragma once

#include <string>
#include <utility>

#include "tests/support/redis_process.h"

namespace zhuxiao::store {

enum class RollbackWay { kFlush, kCutFile, kOldFiles, kOthersWentOn, kOldSnapshot, kStaleReplica };

// Each in its turn; those that take several starts of Redis are one in ten.
RollbackWay RollbackWayOf(int number);

// Failures are those of GoogleTest. Not thread-safe.
class Rollback {
 public:
  // `redis` runs. `saved` is a directory of the rollback's own, which may be there from an earlier one.
  Rollback(testing::RedisProcess& redis, RollbackWay way, std::string saved)
      : redis_(redis), way_(way), saved_(std::move(saved)) {}

  // Keeps the state of now, which Do brings back.
  void Save();

  // Rolls back; returns what it did.
  std::string Do();

 private:
  void Keep(const std::string& directory);
  void Restore();
  void CutFile();
  // A replica takes all there is, and then hears no more.
  void LeaveAReplicaBehind();
  // As an operator brings back a backup of dump.rdb: loaded without the append-only file, which is then turned on.
  void LoadSnapshot();
  // A replica of ours that knows no other state commits on top.
  void LetOthersGoOn();

  testing::RedisProcess& redis_;
  const RollbackWay way_;
  const std::string saved_;
};

}  // namespace zhuxiao::store
