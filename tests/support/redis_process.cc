#include "tests/support/redis_process.h"

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <random>

#include "absl/base/const_init.h"
#include "absl/synchronization/mutex.h"

namespace zhuxiao::testing {
namespace {

std::string TextOf(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
  if (reply.type != REDIS_REPLY_ARRAY) return reply.str == nullptr ? "" : std::string(reply.str, reply.len);
  std::string text;
  for (size_t i = 0; i < reply.elements; ++i) text += (i == 0 ? "" : "\n") + TextOf(*reply.element[i]);
  return text;
}

// Above what services of a machine usually listen on.
constexpr int kLowestPort = 10'000;
constexpr int kPortTries = 1'000;

// From here on the kernel gives ports to whoever connects somewhere. A server that was killed may find such a port
// taken when it comes back: by a client of another server, or by its own, which then talks to itself.
int LowestPassingPort() {
  int lowest = 32'768;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> lowest;
  return std::max(lowest, kLowestPort + 1);
}

// Keeps `port` from other tests until this process ends; false where one has it.
bool Reserve(int port) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  // In the abstract namespace, where nothing is left behind.
  const std::string text = "zhuxiao-test-port-" + std::to_string(port);
  text.copy(name.sun_path + 1, sizeof(name.sun_path) - 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  const int holder = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (bind(holder, reinterpret_cast<sockaddr*>(&name), size) == 0) return true;
  close(holder);
  return false;
}

bool IsFree(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const bool is_free = bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(listener);
  return is_free;
}

}  // namespace

int FreePort() {
  static absl::Mutex lock(absl::kConstInit);
  const absl::MutexLock guard(&lock);
  static std::mt19937& random = *new std::mt19937(std::random_device{}());
  std::uniform_int_distribution<int> any(kLowestPort, LowestPassingPort() - 1);
  for (int tries = 0; tries < kPortTries; ++tries) {
    const int port = any(random);
    if (Reserve(port) && IsFree(port)) return port;
  }
  return 0;
}

bool RedisProcess::Start(const Settings& settings) {
  std::vector<std::string> arguments = {"redis-server", "--port", std::to_string(port_), "--dir", directory_};
  Settings all = {{"bind", Bind()},
                  {"protected-mode", "no"},
                  {"save", ""},
                  {"appendonly", "yes"},
                  {"appendfsync", "always"},
                  {"aof-load-truncated", "no"},
                  {"maxmemory-policy", "noeviction"},
                  {"loglevel", "warning"},
                  {"databases", "4"},
                  {"enable-debug-command", "yes"}};
  all.insert(all.end(), settings.begin(), settings.end());
  for (const auto& [name, value] : all) {
    arguments.push_back("--" + name);
    arguments.push_back(value);
  }
  return Launch(std::move(arguments));
}

bool RedisProcess::StartAgain() {
  if (Start()) return true;
  const std::string manifest = directory_ + "/appendonlydir/appendonly.aof.manifest";
  const std::string cut = "yes | redis-check-aof --fix " + manifest + " >> " + directory_ + "/redis.log 2>&1";
  return std::system(cut.c_str()) == 0 && Start();
}

// Both addresses of a site have to be listened on; here, the loopback is enough.
std::string RedisProcess::Bind() const { return site_.is_here() ? site_.address : "0.0.0.0"; }

bool RedisProcess::StartSentinel(const RedisProcess& primary, int quorum, int down_ms) {
  const std::string file = directory_ + "/sentinel.conf";
  std::ofstream(file) << "port " << port_ << "\nbind " << Bind() << "\nprotected-mode no\ndir " << directory_
                      << "\nloglevel warning\nsentinel monitor zhuxiao " << primary.site().address << ' '
                      << primary.port() << ' ' << quorum << "\nsentinel down-after-milliseconds zhuxiao " << down_ms
                      << "\nsentinel failover-timeout zhuxiao 3000\nsentinel parallel-syncs zhuxiao 2\n";
  return Launch({"redis-server", file, "--sentinel"});
}

bool RedisProcess::Launch(std::vector<std::string> arguments) {
  return process_.Start({.arguments = std::move(arguments), .log_file = directory_ + "/redis.log", .site = site_},
                        [this] { return Ask({"PING"}) == "PONG"; });
}

std::string RedisProcess::Ask(const std::vector<std::string>& command) const {
  redisContext* context = redisConnectWithTimeout(site_.control_address.c_str(), port_, {2, 0});
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
