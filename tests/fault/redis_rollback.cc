#include "tests/fault/redis_rollback.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "services/base/strings.h"
#include "services/store/redis_store.h"
#include "tests/conformance/store_suite.h"
#include "tests/support/eventually.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::store {
namespace {

using testing::Eventually;

constexpr int kCutBytes = 200;
// More than the state that is brought back lacks.
constexpr int kStrangeCommits = 40;

// The append-only file is not being written anew.
bool HasItsFile(const testing::RedisProcess& redis) {
  const std::string info = redis.Ask({"INFO", "persistence"});
  return info.find("aof_rewrite_in_progress:0") != std::string::npos &&
         info.find("aof_rewrite_scheduled:0") != std::string::npos;
}

}  // namespace

RollbackWay RollbackWayOf(int number) {
  constexpr int kTurn = 10;
  constexpr RollbackWay kQuick[] = {RollbackWay::kFlush, RollbackWay::kCutFile, RollbackWay::kOldFiles,
                                    RollbackWay::kOthersWentOn};
  if (number % kTurn == 4) return RollbackWay::kOldSnapshot;
  if (number % kTurn == 9) return RollbackWay::kStaleReplica;
  return kQuick[number % kTurn % 5];
}

void Rollback::Save() {
  if (way_ == RollbackWay::kFlush || way_ == RollbackWay::kCutFile) return;
  if (way_ == RollbackWay::kStaleReplica) return LeaveAReplicaBehind();
  if (way_ == RollbackWay::kOldSnapshot) {
    ASSERT_EQ(redis_.Ask({"SAVE"}), "OK");
    return;
  }
  redis_.Stop();
  Keep(redis_.directory());
  ASSERT_TRUE(redis_.Start());
}

std::string Rollback::Do() {
  if (way_ == RollbackWay::kFlush) {
    redis_.Ask({"FLUSHALL"});
    return "flushed while it ran";
  }
  redis_.Kill();
  if (way_ == RollbackWay::kOldSnapshot) {
    LoadSnapshot();
    return "old snapshot loaded";
  }
  way_ == RollbackWay::kCutFile ? CutFile() : Restore();
  // A cut file loads only where that is allowed; afterwards the setting looks right again.
  EXPECT_TRUE(redis_.Start({{"aof-load-truncated", "yes"}}));
  redis_.Ask({"CONFIG", "SET", "aof-load-truncated", "no"});
  if (way_ == RollbackWay::kCutFile) return "append-only file cut";
  if (way_ == RollbackWay::kOldFiles) return "old files put back";
  if (way_ == RollbackWay::kStaleReplica) return "a replica that was behind took its place";
  LetOthersGoOn();
  return "old files put back, and others went on from there";
}

void Rollback::LetOthersGoOn() {
  ScratchDirectory other;
  const auto stranger = OpenRedisStore({.url = redis_.url(), .directory = other.path()}).value();
  for (int i = 0; i < kStrangeCommits; ++i) {
    EXPECT_TRUE(PutNow(*stranger, "strange", base::StrCat(i)).status.ok());
  }
}

void Rollback::LeaveAReplicaBehind() {
  redis_.Ask({"CONFIG", "SET", "repl-diskless-sync-delay", "0"});
  ScratchDirectory directory;
  testing::RedisProcess replica(directory.path());
  ASSERT_TRUE(replica.Start());
  replica.Ask({"REPLICAOF", redis_.site().address, base::StrCat(redis_.port())});
  const auto digest = [](const testing::RedisProcess& redis) { return redis.Ask({"DEBUG", "DIGEST"}); };
  ASSERT_TRUE(Eventually([&] { return digest(replica) == digest(redis_) && HasItsFile(replica); }));
  replica.Ask({"REPLICAOF", "NO", "ONE"});
  replica.Stop();
  Keep(directory.path());
}

void Rollback::LoadSnapshot() {
  std::filesystem::remove_all(redis_.directory() + "/appendonlydir");
  EXPECT_TRUE(redis_.Start({{"appendonly", "no"}}));
  redis_.Ask({"CONFIG", "SET", "appendonly", "yes"});
  EXPECT_TRUE(Eventually([this] { return HasItsFile(redis_); }));
}

void Rollback::Keep(const std::string& directory) {
  std::filesystem::remove_all(saved_);
  std::filesystem::copy(directory, saved_, std::filesystem::copy_options::recursive);
}

void Rollback::Restore() {
  std::filesystem::remove_all(redis_.directory());
  std::filesystem::copy(saved_, redis_.directory(), std::filesystem::copy_options::recursive);
}

void Rollback::CutFile() {
  for (const auto& file : std::filesystem::directory_iterator(redis_.directory() + "/appendonlydir")) {
    if (file.path().string().find(".incr.aof") == std::string::npos) continue;
    std::filesystem::resize_file(file.path(), file.file_size() - kCutBytes);
  }
}

}  // namespace zhuxiao::store
