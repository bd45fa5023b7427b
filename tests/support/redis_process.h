// A redis-server (or sentinel) in a process of its own, on a free port of the loopback, which a test starts, kills,
// stops and starts again over the same data.
#pragma once

#include <signal.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/child_process.h"

namespace zhuxiao::testing {

// A port nobody listened on a moment ago.
int FreePort();

// Not thread-safe.
class RedisProcess {
 public:
  using Settings = std::vector<std::pair<std::string, std::string>>;

  // `directory` holds the data and outlives the process.
  explicit RedisProcess(std::string directory) : directory_(std::move(directory)), port_(FreePort()) {}

  // Starts it as a store needs it, but for `settings`, and waits until it serves. False where it ends or never serves.
  bool Start(const Settings& settings = {});

  // Starts a sentinel that watches the primary at `primary_port` as "zhuxiao" and takes it for dead after `down_ms`.
  bool StartSentinel(int primary_port, int quorum, int down_ms);

  // SIGKILL; no effect where it is not running.
  void Kill() { process_.Kill(); }
  // SIGTERM, and waits.
  void Stop() { process_.End(SIGTERM); }
  // SIGSTOP and SIGCONT.
  void Freeze() const { process_.Freeze(); }
  void Thaw() const { process_.Thaw(); }

  // The answer to one command as text, each element of an array on a line; "" where there is none.
  std::string Ask(const std::vector<std::string>& command) const;

  int port() const { return port_; }
  bool is_running() const { return process_.is_running(); }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  const std::string& directory() const { return directory_; }

 private:
  bool Launch(std::vector<std::string> arguments);

  const std::string directory_;
  const int port_;
  ChildProcess process_;
};

}  // namespace zhuxiao::testing
