#include "services/store/redis_link.h"

#include <poll.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "services/base/errors.h"
#include "services/base/strings.h"

namespace zhuxiao::store {
namespace {

using base::Unavailable;

// Errors of a server that passes: loading, a replica, a full disk, too few replicas, a long script.
bool IsPassing(std::string_view error) {
  for (const char* prefix : {"LOADING", "READONLY", "MASTERDOWN", "MISCONF", "NOREPLICAS", "BUSY", "OOM", "TRYAGAIN"}) {
    if (error.starts_with(prefix)) return true;
  }
  return false;
}

// The primary as one sentinel knows it.
absl::StatusOr<RedisAddress> AskSentinel(const RedisAddress& sentinel, const std::string& name) {
  // A sentinel answers at once or is of no use now.
  auto link = RedisLink::ConnectTo(sentinel, absl::Milliseconds(500));
  if (!link.ok()) return link.status();
  auto reply = (*link)->Call({"SENTINEL", "get-master-addr-by-name", name});
  if (!reply.ok()) return reply.status();
  RedisAddress address;
  if ((*reply)->type != REDIS_REPLY_ARRAY || (*reply)->elements != 2 ||
      !absl::SimpleAtoi(base::View(TextOf(*(*reply)->element[1])), &address.port)) {
    return Unavailable(base::StrCat("the sentinel at ", sentinel.ToString(), " knows no primary called ", name));
  }
  address.host = TextOf(*(*reply)->element[0]);
  return address;
}

absl::StatusOr<RedisAddress> FindPrimary(const RedisTarget& target) {
  if (!target.is_quorum()) return target.addresses.front();
  absl::Status last;
  for (const RedisAddress& sentinel : target.addresses) {
    absl::StatusOr<RedisAddress> found = AskSentinel(sentinel, target.primary_name);
    if (found.ok()) return found;
    last = found.status();
  }
  return last;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisLink>> RedisLink::ConnectTo(const RedisAddress& address, absl::Duration timeout) {
  redisContext* context = redisConnectWithTimeout(address.host.c_str(), address.port, absl::ToTimeval(timeout));
  if (context == nullptr) return Unavailable("out of memory for a connection to Redis");
  std::unique_ptr<RedisLink> link(new RedisLink(address, context));
  if (context->err != 0) return link->Broken();
  redisSetTimeout(context, absl::ToTimeval(timeout));
  redisEnableKeepAlive(context);
  return link;
}

absl::StatusOr<std::unique_ptr<RedisLink>> RedisLink::Connect(const RedisTarget& target, const std::string& password) {
  absl::StatusOr<RedisAddress> address = FindPrimary(target);
  if (!address.ok()) return address.status();
  absl::StatusOr<std::unique_ptr<RedisLink>> link = ConnectTo(*address, kTimeout);
  if (!link.ok()) return link;
  if (!password.empty()) {
    if (auto reply = (*link)->Call({"AUTH", password}); !reply.ok()) return reply.status();
  }
  if (auto reply = (*link)->Call({"SELECT", base::StrCat(target.database)}); !reply.ok()) return reply.status();
  auto role = (*link)->Call({"ROLE"});
  if (!role.ok()) return role.status();
  if ((*role)->type != REDIS_REPLY_ARRAY || (*role)->elements == 0 || TextOf(*(*role)->element[0]) != "master") {
    return Unavailable(base::StrCat("the Redis at ", address->ToString(), " is not a primary now"));
  }
  return link;
}

absl::Status RedisLink::Broken() const {
  return Unavailable(base::StrCat("Redis at ", address_.ToString(), ": ", std::string_view(context_->errstr)));
}

void RedisLink::Send(const Command& command) {
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string_view word : command) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  redisAppendCommandArgv(context_.get(), static_cast<int>(command.size()), texts.data(), sizes.data());
}

absl::StatusOr<RedisReply> RedisLink::Receive() {
  void* received = nullptr;
  if (redisGetReply(context_.get(), &received) != REDIS_OK || received == nullptr) return Broken();
  RedisReply reply(static_cast<redisReply*>(received));
  if (reply->type != REDIS_REPLY_ERROR) return reply;
  const std::string message = base::StrCat("Redis at ", address_.ToString(), ": ", TextOf(*reply));
  return IsPassing(TextOf(*reply)) ? Unavailable(message) : absl::FailedPreconditionError(message);
}

absl::StatusOr<RedisReply> RedisLink::Call(const Command& command) {
  Send(command);
  return Receive();
}

absl::StatusOr<std::pair<RedisReply, RedisReply>> RedisLink::CallBoth(const Command& first, const Command& second) {
  Send(first);
  Send(second);
  absl::StatusOr<RedisReply> first_reply = Receive();
  if (!first_reply.ok() && context_->err != 0) return first_reply.status();
  absl::StatusOr<RedisReply> second_reply = Receive();
  if (!first_reply.ok()) return first_reply.status();
  if (!second_reply.ok()) return second_reply.status();
  return std::pair(*std::move(first_reply), *std::move(second_reply));
}

absl::StatusOr<RedisReply> RedisLink::NextMessage(int wake_fd, absl::Duration timeout) {
  void* received = nullptr;
  if (redisGetReplyFromReader(context_.get(), &received) != REDIS_OK) return Broken();
  if (received != nullptr) return RedisReply(static_cast<redisReply*>(received));
  pollfd fds[] = {{context_->fd, POLLIN, 0}, {wake_fd, POLLIN, 0}};
  if (poll(fds, 2, static_cast<int>(absl::ToInt64Milliseconds(timeout))) <= 0 || fds[0].revents == 0) return nullptr;
  if (redisBufferRead(context_.get()) != REDIS_OK) return Broken();
  if (redisGetReplyFromReader(context_.get(), &received) != REDIS_OK) return Broken();
  return RedisReply(static_cast<redisReply*>(received));
}

}  // namespace zhuxiao::store
