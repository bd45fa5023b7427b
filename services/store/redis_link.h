// One connection to a Redis server, used by one thread: it sends a command and waits for the answer, for a bounded
// time.
#pragma once

#include <hiredis/hiredis.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/store/redis_target.h"

namespace zhuxiao::store {

struct RedisReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using RedisReply = std::unique_ptr<redisReply, RedisReplyDeleter>;

// The text of a string, status or error reply; empty for others.
inline std::string_view TextOf(const redisReply& reply) {
  return reply.str == nullptr ? std::string_view() : std::string_view(reply.str, reply.len);
}

// Not thread-safe.
class RedisLink {
 public:
  using Command = std::vector<std::string_view>;

  // How long a server may take to answer one command. An append syncs a file, which a busy disk delays.
  static constexpr absl::Duration kTimeout = absl::Seconds(2);

  // Connects to a server, without asking what it is. UNAVAILABLE where it does not answer.
  static absl::StatusOr<std::unique_ptr<RedisLink>> ConnectTo(const RedisAddress& address, absl::Duration timeout);

  // Connects to the primary of `target`, logs in where `password` is not empty and selects the database. UNAVAILABLE
  // where there is no primary now; FAILED_PRECONDITION where the password is refused.
  static absl::StatusOr<std::unique_ptr<RedisLink>> Connect(const RedisTarget& target, const std::string& password);

  // The answer to `command`. UNAVAILABLE where none came in time (whether it was executed is unknown, and the link is
  // of no more use) and where the server cannot execute it now; FAILED_PRECONDITION for every other error of the
  // server.
  absl::StatusOr<RedisReply> Call(const Command& command);

  // The same for two commands sent together; an error of either is the error of both.
  absl::StatusOr<std::pair<RedisReply, RedisReply>> CallBoth(const Command& first, const Command& second);

  // Waits for the next message of a subscription, or until `wake_fd` is readable or `timeout` has passed: then nullptr.
  absl::StatusOr<RedisReply> NextMessage(int wake_fd, absl::Duration timeout);

  const RedisAddress& address() const { return address_; }

 private:
  struct ContextDeleter {
    void operator()(redisContext* context) const { redisFree(context); }
  };

  RedisLink(RedisAddress address, redisContext* context) : address_(std::move(address)), context_(context) {}

  void Send(const Command& command);
  absl::StatusOr<RedisReply> Receive();
  absl::Status Broken() const;

  const RedisAddress address_;
  const std::unique_ptr<redisContext, ContextDeleter> context_;
};

}  // namespace zhuxiao::store
