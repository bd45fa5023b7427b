// The shared log in Redis, with the rows and the feed it has led to, so that a new replica need not read it from its
// beginning. Everything is written by one function of redis_function.lua, which compares the log's end before it
// writes.
//
// Level single: a commit is durable because the server syncs its append-only file before it answers. Level quorum:
// besides, a replica of the server has acknowledged it (WAIT 1), so it survives the loss of either. A server that was
// rolled back all the same does not contain the places its readers have reached, and they refuse it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "services/store/redis_link.h"
#include "services/store/shared_log.h"

namespace zhuxiao::store {

class RedisLog final : public SharedLog {
 public:
  // The format of the data this program writes and the newest it reads.
  static constexpr int64_t kFormat = 1;
  // How often a replica looks at the log though nothing seems to happen.
  static constexpr absl::Duration kLookInterval = absl::Milliseconds(200);
  // How long an append is tried again after the server was last heard of: a restart or a failover passes unnoticed.
  static constexpr absl::Duration kPatience = absl::Seconds(5);

  // Connects and checks the server. FAILED_PRECONDITION where its settings would lose commits or a newer program wrote
  // the data; UNAVAILABLE where it does not answer. Each append of this program leaves at most `max_log_bytes` of log.
  static absl::StatusOr<std::unique_ptr<RedisLog>> Open(RedisTarget target, std::string password, std::string author,
                                                        size_t max_log_bytes = kMaxLogBytes);
  ~RedisLog() override;

  AppendResult Append(const LogPlace& place, const LogRecord& record) override;
  absl::StatusOr<std::vector<LogRecord>> ReadAfter(const LogPlace& place) override;
  void Watch(std::function<void()> look) override;
  void Unwatch() override;

  // Waits in vain for a replica of the server to acknowledge, so far. Thread-safe.
  uint64_t unreplicated_count() const { return unreplicated_count_; }

  // Where the log ends. Makes an empty store where the database has none.
  absl::StatusOr<LogPlace> End();
  // The oldest record that the log still has, or nullopt where it has none. Whether its body is what was appended,
  // only the hash before it could tell.
  absl::StatusOr<std::optional<LogRecord>> Oldest();

  // Visits what the log has led to, in no order, more than once maybe; what changes meanwhile is shown before or after
  // the change. `visit` takes a key and a value; of the feed the key is the event's sequence. UNAVAILABLE once Unwatch
  // was called, too.
  enum class Part { kRows, kFeed };
  absl::Status Visit(Part part, const std::function<absl::Status(std::string_view, std::string_view)>& visit);

 private:
  RedisLog(RedisTarget target, std::string password, std::string author, size_t max_log_bytes);

  // A connection whose server was checked and has the functions.
  absl::StatusOr<RedisLink*> Link();
  absl::Status LoadFunctions(RedisLink& link);
  absl::Status CheckFormat(RedisLink& link);
  absl::StatusOr<int64_t> TryAppend(const LogPlace& place, const LogRecord& record);
  // Level quorum: OK once a replica has acknowledged all that was written.
  absl::Status AwaitReplica();
  // Calls on Link() and drops the link where it broke.
  absl::StatusOr<RedisReply> Call(const RedisLink::Command& command);
  absl::Status Drop(const absl::Status& status);
  void WatchUntilStopped(const std::function<void()>& look);
  void FollowMessages(RedisLink& link, const std::function<void()>& look);

  const RedisTarget target_;
  const std::string password_;
  const std::string author_;
  const size_t max_log_bytes_;
  std::unique_ptr<RedisLink> link_;
  int64_t heard_nanos_ = 0;  // of the steady clock, when the server last answered
  std::atomic<uint64_t> unreplicated_count_ = 0;
  std::atomic<bool> is_stopping_ = false;
  int stop_fd_ = -1;
  std::thread watcher_;
};

}  // namespace zhuxiao::store
