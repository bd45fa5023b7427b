// What computing rewards offline costs, for one size of feed and for ten times that, and how the cost grows. Prints one
// JSON object; it judges nothing.
//   reward_bench [lines] [directory]     100,000 lines in the directory for temporary files by default
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "services/reward/engine/policy_file.h"
#include "services/reward/offline/compute.h"
#include "services/reward/offline/designation_file.h"
#include "tests/bench/sales_feed.h"

namespace zhuxiao {
namespace {

constexpr uint64_t kSeed = 20'200'220;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Cost {
  double wall_s = 0;
  double cpu_s = 0;
  double peak_mib = 0;
};

// In a process of its own, so that its peak of memory is its own too.
Cost CostOf(const std::string& sales, const std::string& lists, const std::string& out) {
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    const auto reading = reward::engine::ReadPolicy(ReadFile(ZHUXIAO_SHANXI_POLICY));
    reward::offline::FaultList faults;
    const auto designations = reward::offline::ReadDesignations(ReadFile(lists), lists, faults);
    const auto computed = reward::offline::Compute(
        reading.policy, designations,
        {.sales_path = sales, .out_directory = out, .threads = std::max(1U, std::thread::hardware_concurrency())},
        faults);
    _exit(computed.ok() ? 0 : 1);
  }
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child || status != 0) std::abort();
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
          seconds(usage.ru_utime) + seconds(usage.ru_stime), static_cast<double>(usage.ru_maxrss) / 1024};
}

int Main(int argc, char** argv) {
  const int64_t lines = argc > 1 ? std::atoll(argv[1]) : 100'000;
  const std::string parent = argc > 2 ? argv[2] : std::filesystem::temp_directory_path().string();
  std::string directory = parent + "/reward_bench.XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) return 1;
  const std::string lists = directory + "/designations.csv";
  const std::string sales = directory + "/sales.csv";
  if (!WriteDesignations(lists)) return 1;
  std::printf("{\n");
  double first_cpu_s = 0;
  for (const int64_t size : {lines, lines * 10}) {
    if (!WriteSalesFeed(sales, size, kSeed)) return 1;
    const Cost cost = CostOf(sales, lists, directory + "/out");
    std::printf("  \"lines_%lld\": {\"wall_s\": %.2f, \"cpu_s\": %.2f, \"peak_mib\": %.0f},\n",
                static_cast<long long>(size), cost.wall_s, cost.cpu_s, cost.peak_mib);
    if (size != lines) std::printf("  \"cpu_ratio_for_ten_times_the_lines\": %.2f\n}\n", cost.cpu_s / first_cpu_s);
    first_cpu_s = cost.cpu_s;
  }
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace zhuxiao

int main(int argc, char** argv) { return zhuxiao::Main(argc, argv); }
