// Measures durable commits a second of the embedded store, shaped like PlaceOrder: six reads and six writes of 200
// bytes and an event a transaction, spread over many rows or with one counter that all of them add to. Prints JSON.
//   store_bench [seconds per figure] [directory]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <latch>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "services/store/keys.h"
#include "services/store/rocksdb_store.h"
#include "services/store/run_transaction.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::store {
namespace {

constexpr int kRows = 100'000;
constexpr int kReads = 6;
constexpr size_t kValueBytes = 200;

using SteadyClock = std::chrono::steady_clock;

struct Workload {
  std::string name;
  int in_flight;
  bool is_hot;
};

// Processor time of the process so far: less disturbed by what else the machine does than elapsed time is.
double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Figures {
  double cpu_seconds = 0;
  int64_t commits = 0;
  int64_t failures = 0;
  double seconds = 0;
  std::vector<int64_t> latencies_us;

  int64_t Percentile(double share) {
    if (latencies_us.empty()) return 0;
    const auto nth = latencies_us.begin() + static_cast<size_t>(share * static_cast<double>(latencies_us.size() - 1));
    std::nth_element(latencies_us.begin(), nth, latencies_us.end());
    return *nth;
  }
};

void Fill(Store& store) {
  for (int row = 0; row < kRows;) {
    const absl::Status status = RunTransaction(store, [&row](Transaction& transaction) {
      for (int i = 0; i < 1000; ++i, ++row) {
        transaction.Put(Key("row", OrderedNumber(row)), std::string(kValueBytes, 'v'));
        transaction.Put(Key("balance", OrderedNumber(row)), EncodeCounter({1'000'000'000}));
      }
      return absl::OkStatus();
    });
    if (!status.ok()) std::abort();
  }
}

// One of the in-flight callers: starts its next transaction in the callback of the one before.
class Caller {
 public:
  Caller(Store& store, const Workload& workload, int number, SteadyClock::time_point end, std::latch& left)
      : store_(store), workload_(workload), random_(number), number_(number), end_(end), left_(left) {}

  void Next() {
    start_ = SteadyClock::now();
    if (start_ >= end_) {
      left_.count_down();
      return;
    }
    ++turn_;
    RunTransaction(
        store_, [this](Transaction& transaction) { return Body(transaction); },
        [this](absl::Status status, Position) {
          ++(status.ok() ? figures.commits : figures.failures);
          const auto took = std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - start_);
          figures.latencies_us.push_back(took.count());
          Next();
        });
  }

  Figures figures;

 private:
  absl::Status Body(Transaction& transaction) {
    const std::string id = base::StrCat(workload_.name, "-", workload_.in_flight, "-", number_, "-", turn_);
    if (!transaction.Get(Key("request", id)).ok()) return absl::InternalError("no read");
    for (int i = 1; i < kReads; ++i) {
      if (!transaction.Get(Key("row", OrderedNumber(random_() % kRows))).ok()) return absl::InternalError("no read");
    }
    for (const char* table : {"request", "order", "contract", "by_buyer"}) {
      transaction.Put(Key(table, id), std::string(kValueBytes, 'w'));
    }
    for (int i = 0; i < 2; ++i) {
      const int64_t row = i == 0 && workload_.is_hot ? 0 : static_cast<int64_t>(random_() % kRows);
      if (absl::Status status = transaction.Add(Key("balance", OrderedNumber(row)), 0, -1, {}); !status.ok()) {
        return status;
      }
    }
    transaction.Append(std::string(kValueBytes, 'e'));
    return absl::OkStatus();
  }

  Store& store_;
  const Workload& workload_;
  std::mt19937_64 random_;
  const int number_;
  const SteadyClock::time_point end_;
  std::latch& left_;
  SteadyClock::time_point start_;
  int64_t turn_ = 0;
};

Figures Measure(Store& store, const Workload& workload, double seconds) {
  const double cpu_start = CpuSeconds();
  const SteadyClock::time_point start = SteadyClock::now();
  const SteadyClock::time_point end =
      start + std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(seconds));
  std::latch left(workload.in_flight);
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < workload.in_flight; ++i) {
    callers.push_back(std::make_unique<Caller>(store, workload, i, end, left));
  }
  for (const std::unique_ptr<Caller>& caller : callers) store.Schedule([&caller] { caller->Next(); });
  left.wait();
  Figures total;
  total.seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
  total.cpu_seconds = CpuSeconds() - cpu_start;
  for (const std::unique_ptr<Caller>& caller : callers) {
    total.commits += caller->figures.commits;
    total.failures += caller->figures.failures;
    total.latencies_us.insert(total.latencies_us.end(), caller->figures.latencies_us.begin(),
                              caller->figures.latencies_us.end());
  }
  return total;
}

int Main(double seconds, const std::string& directory) {
  absl::StatusOr<std::unique_ptr<RocksDbStore>> store = RocksDbStore::Open({.directory = directory});
  if (!store.ok()) {
    std::fprintf(stderr, "%s\n", store.status().ToString().c_str());
    return 1;
  }
  Fill(**store);
  std::printf("{\"benchmark\": \"store\", \"reads\": %d, \"writes\": 6, \"figures\": [", kReads);
  const char* separator = "";
  for (const bool is_hot : {false, true}) {
    for (const int in_flight : {1, 16, 64, 256}) {
      const Workload workload{is_hot ? "hot" : "spread", in_flight, is_hot};
      Figures figures = Measure(**store, workload, seconds);
      std::printf(
          "%s\n  {\"workload\": \"%s\", \"in_flight\": %d, \"commits_per_s\": %.0f, \"failures\": %lld, "
          "\"p50_us\": %lld, \"p99_us\": %lld, \"cpu_us_per_commit\": %.1f}",
          separator, workload.name.c_str(), in_flight, static_cast<double>(figures.commits) / figures.seconds,
          static_cast<long long>(figures.failures), static_cast<long long>(figures.Percentile(0.5)),
          static_cast<long long>(figures.Percentile(0.99)),
          figures.cpu_seconds * 1e6 / static_cast<double>(std::max<int64_t>(1, figures.commits)));
      std::fflush(stdout);
      separator = ",";
    }
  }
  std::printf("\n]}\n");
  return 0;
}

}  // namespace
}  // namespace zhuxiao::store

int main(int argc, char** argv) {
  const zhuxiao::ScratchDirectory scratch;
  return zhuxiao::store::Main(argc > 1 ? std::atof(argv[1]) : 3.0, argc > 2 ? argv[2] : scratch.path() + "/store");
}
