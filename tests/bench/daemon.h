// A zhuxiaod of a benchmark's own, and how a benchmark ends where it cannot go on.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

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

// Runs a program to its end, its output unseen; true where it exits with 0.
inline bool RunProgram(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    if (freopen("/dev/null", "w", stdout) == nullptr) _exit(127);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Processor time a process has spent so far, in seconds; 0 where it is gone.
inline double CpuSecondsOf(pid_t pid) {
  clockid_t clock = 0;
  timespec spent = {};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) != 0) return 0;
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

// Where a zhuxiaod keeps its things.
struct DaemonOptions {
  std::string data;    // a directory of its own
  std::string store;   // empty: embedded, in `data`
  std::string tokens;  // file of tokens; empty: in `data`
};

// A zhuxiaod process, ended by its pid.
class Daemon {
 public:
  explicit Daemon(const std::string& data) : Daemon(DaemonOptions{.data = data}) {}

  explicit Daemon(const DaemonOptions& options) {
    const std::string port_file = options.data + "/ports";
    std::filesystem::remove(port_file);
    std::vector<std::string> words = {ProgramPath("zhuxiaod"),
                                      "--store",
                                      options.store.empty() ? "rocksdb:" + options.data : options.store,
                                      "--port",
                                      "0",
                                      "--port-file",
                                      port_file,
                                      "--log-level",
                                      "error",
                                      "--tokens",
                                      options.tokens.empty() ? options.data + "/tokens" : options.tokens};
    if (!options.store.empty()) words.insert(words.end(), {"--data", options.data});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const auto begin = std::chrono::steady_clock::now();
    pid_ = fork();
    if (pid_ == 0) {
      execv(arguments[0], arguments.data());
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
  ~Daemon() { End(SIGTERM); }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Ends it at once, as a crash does.
  void Kill() { End(SIGKILL); }

  pid_t pid() const { return pid_; }
  int port() const { return port_; }
  // From the start of the process until it serves.
  double start_s() const { return start_s_; }
  double CpuSeconds() const { return CpuSecondsOf(pid_); }

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
  void End(int signal) {
    if (pid_ <= 0) return;
    kill(pid_, signal);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

  pid_t pid_ = 0;
  int port_ = 0;
  double start_s_ = 0;
};

}  // namespace zhuxiao::bench
