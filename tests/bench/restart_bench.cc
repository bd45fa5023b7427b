// How soon a server serves again after a kill -9 with many orders in its store: places them through PlaceOrder, kills
// the server, and measures from the start of the next one to its first answers: that it serves, and an order placed. On
// Redis, Redis itself is killed too, and the server again while Redis stays. Prints JSON.
//   restart_bench [rocksdb|redis] [orders = 1000000] [calls in flight = 256]
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "tests/bench/closed_loop.h"
#include "tests/bench/daemon.h"
#include "tests/bench/redis_server.h"
#include "tests/bench/trade_load.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::bench {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

class Bench {
 public:
  explicit Bench(bool is_on_redis) {
    if (is_on_redis) redis_ = std::make_unique<RedisServer>();
    StartServer();
    load_ = new TradeLoad(tokens(), {daemon_->port()});
  }

  void Run(int64_t orders, int in_flight) {
    const auto begin = Clock::now();
    std::atomic<int64_t> placed = 0;
    while (placed < orders) {
      // In portions of a few seconds.
      const Figures figures =
          std::make_shared<ClosedLoop>(in_flight, [this](auto&&... args) { load_->PlaceSpread(args...); })->Run(5);
      placed += figures.calls - figures.failed;
    }
    std::printf("{\"store\": \"%s\", \"orders\": %ld, \"placed_in_s\": %.0f, \"rss_mib\": %ld,\n",
                redis_ == nullptr ? "rocksdb" : "redis", static_cast<long>(placed), SecondsSince(begin),
                static_cast<long>(daemon_->ResidentMib()));
    std::fflush(stdout);
    Report("server_killed", ",");
    if (redis_ != nullptr) {
      const auto down = Clock::now();
      redis_->Restart();
      std::printf(" \"redis_killed\": {\"redis_loads_s\": %.2f, \"rss_mb\": \"%s\"},\n", SecondsSince(down),
                  MemoryOfRedis().c_str());
      Report("server_killed_after_redis", ",");
    }
    std::printf(" \"rss_mib\": %ld}\n", static_cast<long>(daemon_->ResidentMib()));
  }

  void Stop() {
    daemon_.reset();
    redis_.reset();
    std::filesystem::remove_all(directory_.path());
  }

 private:
  std::string tokens() const { return directory_.path() + "/tokens"; }

  void StartServer() {
    daemon_ = std::make_unique<Daemon>(
        DaemonOptions{.data = directory_.path(), .store = redis_ == nullptr ? "" : redis_->url()});
  }

  void Report(const char* what, const char* end) {
    daemon_->Kill();
    const auto begin = Clock::now();
    StartServer();
    load_->MoveTo(daemon_->port());
    std::promise<bool> answered;
    load_->PlaceSpread(0, [&answered](bool is_ok) { answered.set_value(is_ok); });
    const bool is_ok = answered.get_future().get();
    std::printf(" \"%s\": {\"serves_s\": %.2f, \"first_order_s\": %.2f, \"is_ok\": %s}%s\n", what, daemon_->start_s(),
                SecondsSince(begin), is_ok ? "true" : "false", end);
    std::fflush(stdout);
  }

  std::string MemoryOfRedis() const {
    constexpr char kField[] = "used_memory_rss_human:";
    const std::string info = redis_->Ask({"INFO", "memory"});
    const size_t at = info.find(kField) + sizeof(kField) - 1;
    return info.substr(at, info.find('\r', at) - at);
  }

  ScratchDirectory directory_;
  std::unique_ptr<RedisServer> redis_;
  std::unique_ptr<Daemon> daemon_;
  // Left to the end of the process: threads of gRPC may still be leaving the last callbacks.
  TradeLoad* load_ = nullptr;
};

}  // namespace
}  // namespace zhuxiao::bench

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  int next = 1;
  const bool is_on_redis = next < argc && std::string(argv[next]) == "redis";
  if (next < argc && (is_on_redis || std::string(argv[next]) == "rocksdb")) ++next;
  const int64_t orders = next < argc ? std::atoll(argv[next++]) : 1'000'000;
  const int in_flight = next < argc ? std::atoi(argv[next++]) : 256;
  auto* const bench = new zhuxiao::bench::Bench(is_on_redis);
  bench->Run(orders, in_flight);
  bench->Stop();
  std::fflush(nullptr);
  std::_Exit(0);
}
