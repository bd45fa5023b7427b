// What a second server on one Redis adds: reads (pages of 20 listings) and PlaceOrder of one server and of two, in
// turns. Servers that share a machine's cores cannot show it by themselves, so each gets a fixed part of a core (a
// cgroup; takes root), which a second server therefore adds; the load and Redis have the rest. Beside it stands the
// processor time of all servers a call, which must not grow where the second is to help. Prints JSON.
//   replica_bench [seconds per measurement = 3] [hundredths of a core for each server = 30] [calls in flight = 64]
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
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

// Measurements of one server and of two alternate this often, so that a drift of the machine's speed meets both.
constexpr int kTurns = 3;

// A part of a core for one process; does nothing where cgroups (version 1) cannot be made.
class CpuPart {
 public:
  CpuPart(pid_t pid, int hundredths) : path_("/sys/fs/cgroup/cpu/zhuxiao-bench-" + std::to_string(pid)) {
    std::error_code error;
    if (!std::filesystem::create_directory(path_, error)) return;
    std::ofstream(path_ + "/cpu.cfs_period_us") << kPeriodUs;
    std::ofstream(path_ + "/cpu.cfs_quota_us") << kPeriodUs * hundredths / 100;
    is_limited_ = static_cast<bool>(std::ofstream(path_ + "/cgroup.procs") << pid << std::flush);
  }
  // The process has ended.
  ~CpuPart() {
    std::error_code error;
    std::filesystem::remove(path_, error);
  }
  CpuPart(const CpuPart&) = delete;
  CpuPart& operator=(const CpuPart&) = delete;

  bool is_limited() const { return is_limited_; }

 private:
  // Short, so that a server does not stand still for long.
  static constexpr int kPeriodUs = 10'000;

  const std::string path_;
  bool is_limited_ = false;
};

struct Measured {
  std::vector<double> per_s;
  double cpu_s = 0;
  int64_t calls = 0;

  double Median() {
    std::sort(per_s.begin(), per_s.end());
    return per_s[per_s.size() / 2];
  }
  double CpuUs() const { return cpu_s * 1e6 / static_cast<double>(calls); }
};

class Bench {
 public:
  Bench(double seconds, int hundredths, int in_flight) : seconds_(seconds), in_flight_(in_flight) {
    std::vector<int> ports;
    for (int i = 0; i < 2; ++i) {
      const std::string data = directory_.path() + "/" + std::to_string(i);
      std::filesystem::create_directory(data);
      servers_.push_back(std::make_unique<Daemon>(
          DaemonOptions{.data = data, .store = redis_.url(), .tokens = directory_.path() + "/tokens"}));
      ports.push_back(servers_.back()->port());
    }
    load_ = std::make_unique<TradeLoad>(directory_.path() + "/tokens", ports);
    for (const auto& server : servers_) parts_.push_back(std::make_unique<CpuPart>(server->pid(), hundredths));
    std::printf("{\"core_of_each\": %s, \"in_flight\": %d, \"seconds_each\": %.1f, \"runs\": [\n",
                parts_.front()->is_limited() ? std::to_string(hundredths / 100.0).c_str() : "null", in_flight, seconds);
  }

  // Ends the servers; the load is left to the end of the process.
  void Stop() {
    servers_.clear();
    parts_.clear();
    std::filesystem::remove_all(directory_.path());
  }

  void Compare(const char* call, const StartCall& start, const char* end) {
    Measured one;
    Measured two;
    for (int turn = 0; turn < kTurns; ++turn) {
      Measure(1, start, one);
      Measure(2, start, two);
    }
    const double ratio = two.Median() / one.Median();
    std::printf(
        "  {\"call\": \"%s\", \"one_per_s\": %.0f, \"two_per_s\": %.0f, \"ratio\": %.2f, \"one_cpu_us\": %.1f, "
        "\"two_cpu_us\": %.1f}%s\n",
        call, one.Median(), two.Median(), ratio, one.CpuUs(), two.CpuUs(), end);
    std::fflush(stdout);
  }

  TradeLoad& load() { return *load_; }

 private:
  void Measure(int servers, const StartCall& start, Measured& measured) {
    load_->UseServers(servers);
    std::make_shared<ClosedLoop>(in_flight_, start)->Run(seconds_ / 4);
    const double cpu_begin = CpuSeconds();
    const Figures figures = std::make_shared<ClosedLoop>(in_flight_, start)->Run(seconds_);
    measured.cpu_s += CpuSeconds() - cpu_begin;
    measured.calls += figures.calls;
    measured.per_s.push_back(figures.calls_per_s);
  }

  double CpuSeconds() const {
    double seconds = 0;
    for (const auto& server : servers_) seconds += server->CpuSeconds();
    return seconds;
  }

  const double seconds_;
  const int in_flight_;
  ScratchDirectory directory_;
  RedisServer redis_;
  std::vector<std::unique_ptr<Daemon>> servers_;
  std::vector<std::unique_ptr<CpuPart>> parts_;
  std::unique_ptr<TradeLoad> load_;
};

}  // namespace
}  // namespace zhuxiao::bench

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const double seconds = argc > 1 ? std::atof(argv[1]) : 3.0;
  const int hundredths = argc > 2 ? std::atoi(argv[2]) : 30;
  const int in_flight = argc > 3 ? std::atoi(argv[3]) : 64;
  auto* const bench = new zhuxiao::bench::Bench(seconds, hundredths, in_flight);
  auto& load = bench->load();
  bench->Compare(
      "list_listings_page_of_20", [&load](auto&&... args) { load.ListPage(args...); }, ",");
  bench->Compare(
      "place_order_spread", [&load](auto&&... args) { load.PlaceSpread(args...); }, "");
  std::printf("]}\n");
  bench->Stop();
  std::fflush(nullptr);
  std::_Exit(0);
}
