#include "tests/support/redis_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "absl/time/clock.h"

namespace zhuxiao::testing {
namespace {

// Far more than a start takes, so that a machine under load does not fail the test.
constexpr absl::Duration kStartPatience = absl::Seconds(30);
constexpr absl::Duration kPollInterval = absl::Milliseconds(5);

std::string TextOf(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
  if (reply.type != REDIS_REPLY_ARRAY) return reply.str == nullptr ? "" : std::string(reply.str, reply.len);
  std::string text;
  for (size_t i = 0; i < reply.elements; ++i) text += (i == 0 ? "" : "\n") + TextOf(*reply.element[i]);
  return text;
}

}  // namespace

int FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const bool is_bound = bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                        getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(listener);
  return is_bound ? ntohs(address.sin_port) : 0;
}

bool RedisProcess::Start(const Settings& settings) {
  std::vector<std::string> arguments = {"redis-server", "--port", std::to_string(port_), "--dir", directory_};
  Settings all = {{"bind", "127.0.0.1"},          {"save", ""},
                  {"appendonly", "yes"},          {"appendfsync", "always"},
                  {"aof-load-truncated", "no"},   {"maxmemory-policy", "noeviction"},
                  {"loglevel", "warning"},        {"databases", "4"},
                  {"enable-debug-command", "yes"}};
  all.insert(all.end(), settings.begin(), settings.end());
  for (const auto& [name, value] : all) {
    arguments.push_back("--" + name);
    arguments.push_back(value);
  }
  return Launch(std::move(arguments));
}

bool RedisProcess::StartSentinel(int primary_port, int quorum, int down_ms) {
  const std::string file = directory_ + "/sentinel.conf";
  std::ofstream(file) << "port " << port_ << "\nbind 127.0.0.1\ndir " << directory_ << "\nloglevel warning"
                      << "\nsentinel monitor zhuxiao 127.0.0.1 " << primary_port << ' ' << quorum
                      << "\nsentinel down-after-milliseconds zhuxiao " << down_ms
                      << "\nsentinel failover-timeout zhuxiao 3000\nsentinel parallel-syncs zhuxiao 2\n";
  return Launch({"redis-server", file, "--sentinel"});
}

bool RedisProcess::Launch(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    // A test that dies must not leave a server behind.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log = open((directory_ + "/redis.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  for (const absl::Time deadline = absl::Now() + kStartPatience; absl::Now() < deadline;
       absl::SleepFor(kPollInterval)) {
    if (Ask({"PING"}) == "PONG") return true;
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = 0;
      return false;
    }
  }
  return false;
}

void RedisProcess::End(int signal) {
  if (pid_ <= 0) return;
  kill(pid_, signal);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void RedisProcess::Kill() { End(SIGKILL); }
void RedisProcess::Stop() { End(SIGTERM); }
void RedisProcess::Freeze() const { kill(pid_, SIGSTOP); }
void RedisProcess::Thaw() const { kill(pid_, SIGCONT); }

std::string RedisProcess::Ask(const std::vector<std::string>& command) const {
  redisContext* context = redisConnectWithTimeout("127.0.0.1", port_, {2, 0});
  if (context == nullptr) return "";
  std::string text;
  if (context->err == 0) {
    redisSetTimeout(context, {10, 0});
    std::vector<const char*> words;
    std::vector<size_t> sizes;
    for (const std::string& word : command) {
      words.push_back(word.data());
      sizes.push_back(word.size());
    }
    auto* reply = static_cast<redisReply*>(
        redisCommandArgv(context, static_cast<int>(command.size()), words.data(), sizes.data()));
    if (reply != nullptr) {
      text = TextOf(*reply);
      freeReplyObject(reply);
    }
  }
  redisFree(context);
  return text;
}

}  // namespace zhuxiao::testing
