// Measures trade end to end against a zhuxiaod of its own on a fresh store, every answer durable (fsync): PlaceOrder
// over spread listings and over one hot listing, pages of ListListings, each as a ratio to the empty echo call of the
// same binary in the same run, and start to serving. Beside each rate stands the server's own processor time a call,
// and those of Redis and of the calling side, which are steadier than the rate where other programs run: what of the
// cores' time is none of them was waited, or others'. Prints JSON.
//   trade_bench [rocksdb|redis] [seconds per measurement = 3] [calls in flight = 1 16 64 256]
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "tests/bench/closed_loop.h"
#include "tests/bench/daemon.h"
#include "tests/bench/redis_server.h"
#include "tests/bench/trade_load.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::bench {
namespace {

// What a closed loop measured, and what the servers spent meanwhile.
struct Measured : Figures {
  double server_cpu_us = 0;  // a call
  double redis_cpu_us = 0;
};

class Bench {
 public:
  Bench(bool is_on_redis, double seconds, std::vector<int> levels) : seconds_(seconds), levels_(std::move(levels)) {
    if (is_on_redis) redis_ = std::make_unique<RedisServer>();
    daemon_ =
        std::make_unique<Daemon>(DaemonOptions{.data = directory_.path(), .store = is_on_redis ? redis_->url() : ""});
    idle_mib_ = daemon_->ResidentMib();
    load_ = std::make_unique<TradeLoad>(directory_.path() + "/tokens", std::vector<int>{daemon_->port()});
  }

  // Ends the servers and removes their data. The load is left to the end of the process: threads of gRPC may still be
  // leaving the last callbacks.
  void Stop() {
    daemon_.reset();
    redis_.reset();
    std::filesystem::remove_all(directory_.path());
  }

  void Run() {
    std::printf("{\"store\": \"%s\", \"start_s\": %.3f, \"idle_rss_mib\": %ld, \"seconds_each\": %.1f, \"runs\": [\n",
                redis_ == nullptr ? "rocksdb" : "redis", daemon_->start_s(), static_cast<long>(idle_mib_), seconds_);
    for (const int concurrency : levels_) {
      // Echo before and after, so that a drift of the machine's speed shows and is halved.
      const Measured before = Measure(concurrency, [this](auto&&... args) { load_->Echo(args...); });
      const Measured spread = Measure(concurrency, [this](auto&&... args) { load_->PlaceSpread(args...); });
      const Measured hot = Measure(concurrency, [this](auto&&... args) { load_->PlaceHot(args...); });
      const Measured list = Measure(concurrency, [this](auto&&... args) { load_->ListPage(args...); });
      const Measured after = Measure(concurrency, [this](auto&&... args) { load_->Echo(args...); });
      const double echo = (before.calls_per_s + after.calls_per_s) / 2;
      Print("echo", concurrency, before, echo, ",");
      Print("place_order_spread", concurrency, spread, echo, ",");
      Print("place_order_hot", concurrency, hot, echo, ",");
      Print("list_listings_page_of_20", concurrency, list, echo, concurrency == levels_.back() ? "" : ",");
      std::fflush(stdout);
    }
    std::printf("], \"rss_mib\": %ld}\n", static_cast<long>(daemon_->ResidentMib()));
  }

 private:
  Measured Measure(int concurrency, const StartCall& start) {
    std::make_shared<ClosedLoop>(concurrency, start)->Run(seconds_ / 4);
    const double cpu_begin = daemon_->CpuSeconds();
    const double redis_begin = RedisCpuSeconds();
    Measured measured{std::make_shared<ClosedLoop>(concurrency, start)->Run(seconds_)};
    const double us_of_one = 1e6 / static_cast<double>(measured.calls);
    measured.server_cpu_us = (daemon_->CpuSeconds() - cpu_begin) * us_of_one;
    measured.redis_cpu_us = (RedisCpuSeconds() - redis_begin) * us_of_one;
    return measured;
  }

  double RedisCpuSeconds() const { return redis_ == nullptr ? 0 : redis_->CpuSeconds(); }

  static void Print(const char* call, int concurrency, const Measured& figures, double echo, const char* end) {
    std::printf(
        "  {\"call\": \"%s\", \"in_flight\": %d, \"per_s\": %.0f, \"of_echo\": %.3f, \"p50_ms\": %.3f, "
        "\"p99_ms\": %.3f, \"server_cpu_us\": %.1f, \"redis_cpu_us\": %.1f, \"client_cpu_us\": %.1f, \"failed\": "
        "%ld}%s\n",
        call, concurrency, figures.calls_per_s, figures.calls_per_s / echo, figures.p50_ms, figures.p99_ms,
        figures.server_cpu_us, figures.redis_cpu_us, figures.cpu_us, static_cast<long>(figures.failed), end);
  }

  const double seconds_;
  const std::vector<int> levels_;
  ScratchDirectory directory_;
  std::unique_ptr<RedisServer> redis_;
  std::unique_ptr<Daemon> daemon_;
  int64_t idle_mib_ = 0;
  std::unique_ptr<TradeLoad> load_;
};

}  // namespace
}  // namespace zhuxiao::bench

int main(int argc, char** argv) {
  // As the server does: the detector costs as much as the locks of gRPC that it watches.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  int next = 1;
  const bool is_on_redis = next < argc && std::string(argv[next]) == "redis";
  if (next < argc && (is_on_redis || std::string(argv[next]) == "rocksdb")) ++next;
  const double seconds = next < argc ? std::atof(argv[next++]) : 3.0;
  std::vector<int> levels;
  for (; next < argc; ++next) levels.push_back(std::atoi(argv[next]));
  if (levels.empty()) levels = {1, 16, 64, 256};
  auto* const bench = new zhuxiao::bench::Bench(is_on_redis, seconds, std::move(levels));
  bench->Run();
  bench->Stop();
  std::fflush(nullptr);
  std::_Exit(0);
}
