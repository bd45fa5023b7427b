// A zhuxiaod of a benchmark's own, and how a benchmark ends where it cannot go on.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace zhuxiao::bench {

template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::cerr << "benchmark: " << value.status() << std::endl;
    std::exit(1);
  }
  return *std::move(value);
}

// Another program of the build.
inline std::string ProgramPath(const std::string& name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

// A zhuxiaod process on a directory of its own, ended by its pid.
class Daemon {
 public:
  explicit Daemon(const std::string& data) {
    const std::string binary = ProgramPath("zhuxiaod");
    const std::string store = "rocksdb:" + data;
    const std::string port_file = data + "/ports";
    const auto begin = std::chrono::steady_clock::now();
    pid_ = fork();
    if (pid_ == 0) {
      execl(binary.c_str(), binary.c_str(), "--store", store.c_str(), "--port", "0", "--port-file", port_file.c_str(),
            "--log-level", "error", nullptr);
      _exit(127);
    }
    while (!std::filesystem::exists(port_file)) {
      if (waitpid(pid_, nullptr, WNOHANG) != 0) {
        std::cerr << "benchmark: zhuxiaod did not start" << std::endl;
        std::exit(1);
      }
      usleep(500);
    }
    start_s_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::ifstream(port_file) >> port_;
  }
  ~Daemon() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }

  int port() const { return port_; }
  double start_s() const { return start_s_; }

  // Processor time spent so far, in seconds.
  double CpuSeconds() const {
    clockid_t clock = 0;
    timespec spent = {};
    if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &spent) != 0) return 0;
    return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
  }

  // Resident memory, MiB.
  int64_t ResidentMib() const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string word; status >> word;) {
      int64_t kib = 0;
      if (word == "VmRSS:" && status >> kib) return kib / 1024;
    }
    return 0;
  }

 private:
  pid_t pid_ = 0;
  int port_ = 0;
  double start_s_ = 0;
};

}  // namespace zhuxiao::bench
