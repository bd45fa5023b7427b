// How soon a server serves again after a kill -9 with many orders in its store: places them through PlaceOrder, kills
// the server, and measures from the start of the next one to its first answers: that it serves, and an order placed.
// Then the store is copied to Redis, where the same is measured of a new server, which first makes its copy, of one
// killed, and of one killed together with Redis. Prints JSON.
//   restart_bench [orders = 1000000] [calls in flight = 256]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <iostream>
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
  Bench() {
    StartServer();
    load_ = new TradeLoad(tokens(), {daemon_->port()});
  }

  void Run(int64_t orders, int in_flight) {
    const auto begin = Clock::now();
    int64_t placed = 0;
    while (placed < orders) {
      const Figures figures = std::make_shared<ClosedLoop>(in_flight, [this](auto&&... args) {
                                load_->PlaceSpread(args...);
                              })->Run(kPortionSeconds);
      placed += figures.calls - figures.failed;
    }
    std::printf("{\"orders\": %ld, \"placed_in_s\": %.0f,\n", static_cast<long>(placed), SecondsSince(begin));
    Report("embedded_killed", ",");
    MoveToRedis();
    Report("on_redis_new", ",");
    Report("on_redis_killed", ",");
    const auto down = Clock::now();
    redis_->Restart();
    std::printf(" \"redis_killed\": {\"loads_s\": %.2f, \"rss\": \"%s\"},\n", SecondsSince(down),
                MemoryOfRedis().c_str());
    Report("both_killed", "}");
  }

  void Stop() {
    daemon_.reset();
    redis_.reset();
    std::filesystem::remove_all(directory_.path());
  }

 private:
  // Orders are placed in portions, so that about as many are placed as asked for.
  static constexpr double kPortionSeconds = 1;

  std::string tokens() const { return directory_.path() + "/tokens"; }
  std::string data() const { return directory_.path() + (redis_ == nullptr ? "/embedded" : "/replica"); }

  void StartServer() {
    std::filesystem::create_directories(data());
    daemon_ = std::make_unique<Daemon>(
        DaemonOptions{.data = data(), .store = redis_ == nullptr ? "" : redis_->url(), .tokens = tokens()});
  }

  void MoveToRedis() {
    daemon_.reset();
    const std::string from = "rocksdb:" + data();
    redis_ = std::make_unique<RedisServer>();
    const auto begin = Clock::now();
    if (!RunProgram({ProgramPath("zhuxiaod"), "store", "copy", "--from", from, "--to", redis_->url()})) {
      std::cerr << "benchmark: the store could not be copied" << std::endl;
      std::exit(1);
    }
    std::printf(" \"copied_to_redis_in_s\": %.0f,\n", SecondsSince(begin));
  }

  // Kills the server, where one runs, and starts the next.
  void Report(const char* what, const char* end) {
    if (daemon_ != nullptr) daemon_->Kill();
    const auto begin = Clock::now();
    StartServer();
    load_->MoveTo(daemon_->port());
    std::promise<bool> answered;
    load_->PlaceSpread(0, [&answered](bool is_ok) { answered.set_value(is_ok); });
    const bool is_ok = answered.get_future().get();
    std::printf(
        " \"%s\": {\"serves_s\": %.2f, \"first_order_s\": %.2f, \"is_ok\": %s, \"cpu_s\": %.2f, \"rss_mib\": %ld}%s\n",
        what, daemon_->start_s(), SecondsSince(begin), is_ok ? "true" : "false", daemon_->CpuSeconds(),
        static_cast<long>(daemon_->ResidentMib()), end);
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
  const int64_t orders = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
  const int in_flight = argc > 2 ? std::atoi(argv[2]) : 256;
  auto* const bench = new zhuxiao::bench::Bench;
  bench->Run(orders, in_flight);
  bench->Stop();
  std::fflush(nullptr);
  std::_Exit(0);
}
