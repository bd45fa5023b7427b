#include "tests/support/redis_process.h"

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <set>

namespace zhuxiao::testing {
namespace {

std::string TextOf(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
  if (reply.type != REDIS_REPLY_ARRAY) return reply.str == nullptr ? "" : std::string(reply.str, reply.len);
  std::string text;
  for (size_t i = 0; i < reply.elements; ++i) text += (i == 0 ? "" : "\n") + TextOf(*reply.element[i]);
  return text;
}

}  // namespace

int FreePort() {
  // Ports given out before, which nobody may have taken yet.
  static std::set<int>& given = *new std::set<int>;
  while (true) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    const bool is_bound = bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                          getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    close(listener);
    if (!is_bound) return 0;
    if (given.insert(ntohs(address.sin_port)).second) return ntohs(address.sin_port);
  }
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
