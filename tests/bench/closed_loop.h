// A closed loop of asynchronous calls: keeps a number of them in flight for a while, each starting the next when it
// ends, and says how many there were and how long they took.
#pragma once

#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace zhuxiao::bench {

struct Figures {
  int64_t calls = 0;
  double calls_per_s = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  int64_t failed = 0;  // calls whose `done` said false; they count as calls too
  double cpu_us = 0;   // of this process, a call; steadier than the rate on a busy machine
};

// Starts a call on `lane` (0 .. concurrency - 1) and calls `done` once when it has ended.
using StartCall = std::function<void(int lane, std::function<void(bool is_ok)> done)>;

// Made by std::make_shared: each call under way keeps the loop, so that the last one may still be leaving its callback
// when Run returns.
class ClosedLoop : public std::enable_shared_from_this<ClosedLoop> {
 public:
  ClosedLoop(int concurrency, StartCall start) : start_(std::move(start)), lanes_(concurrency) {}

  Figures Run(double seconds) {
    const auto begin = Clock::now();
    const double cpu_begin = CpuSeconds();
    open_ = static_cast<int>(lanes_.size());
    for (size_t lane = 0; lane < lanes_.size(); ++lane) Next(static_cast<int>(lane));
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    is_over_ = true;
    std::unique_lock lock(mutex_);
    all_ended_.wait(lock, [this] { return open_ == 0; });
    Figures figures = Sum(std::chrono::duration<double>(Clock::now() - begin).count());
    figures.cpu_us = (CpuSeconds() - cpu_begin) * 1e6 / static_cast<double>(figures.calls);
    return figures;
  }

 private:
  using Clock = std::chrono::steady_clock;

  static double CpuSeconds() {
    timespec spent{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
  }

  struct Lane {
    std::vector<double> latencies_ms;
    int64_t failed = 0;
  };

  void Next(int lane) {
    start_(lane, [this, self = shared_from_this(), lane, begin = Clock::now()](bool is_ok) {
      lanes_[lane].latencies_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
      if (!is_ok) ++lanes_[lane].failed;
      if (!is_over_) return Next(lane);
      std::lock_guard lock(mutex_);
      if (--open_ == 0) all_ended_.notify_all();
    });
  }

  Figures Sum(double elapsed_s) const {
    Figures figures;
    std::vector<double> latencies;
    for (const Lane& lane : lanes_) {
      latencies.insert(latencies.end(), lane.latencies_ms.begin(), lane.latencies_ms.end());
      figures.failed += lane.failed;
    }
    std::sort(latencies.begin(), latencies.end());
    figures.calls = static_cast<int64_t>(latencies.size());
    figures.calls_per_s = static_cast<double>(figures.calls) / elapsed_s;
    figures.p50_ms = latencies[latencies.size() / 2];
    figures.p99_ms = latencies[latencies.size() * 99 / 100];
    return figures;
  }

  const StartCall start_;
  std::vector<Lane> lanes_;
  std::atomic<bool> is_over_ = false;
  std::mutex mutex_;
  std::condition_variable all_ended_;
  int open_ = 0;
};

}  // namespace zhuxiao::bench
