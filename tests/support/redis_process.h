// A redis-server (or sentinel) in a process of its own, on a free port, which a test starts, kills, stops and starts
// again over the same data.
#pragma once

#include <signal.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/child_process.h"

namespace zhuxiao::testing {

// A port nobody listens on, which no other test and no passing connection gets while this process lives; 0 where there
// is none. Thread-safe.
int FreePort();

// Not thread-safe.
class RedisProcess {
 public:
  using Settings = std::vector<std::pair<std::string, std::string>>;

  // `directory` holds the data and outlives the process.
  explicit RedisProcess(std::string directory, Site site = {})
      : directory_(std::move(directory)), site_(std::move(site)), port_(FreePort()) {}

  // Starts it as a store needs it, but for `settings`, and waits until it serves. False where it ends or never serves.
  bool Start(const Settings& settings = {});

  // Starts it over what a death left. One in the middle of a write leaves a part of a command at the end of the
  // append-only file, acknowledged to nobody, which Redis refuses to load: it is cut off, as an operator would.
  bool StartAgain();

  // Starts a sentinel that watches `primary` as "zhuxiao" and takes it for dead after `down_ms`.
  bool StartSentinel(const RedisProcess& primary, int quorum, int down_ms);

  // True where it has ended by itself, within a minute.
  bool HasGivenUp() { return process_.WaitForEnd() != -1; }

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
  const Site& site() const { return site_; }
  bool is_running() const { return process_.is_running(); }
  // HOST:PORT, for other servers and clients.
  std::string address() const { return site_.address + ":" + std::to_string(port_); }
  std::string url() const { return "redis://" + address(); }
  const std::string& directory() const { return directory_; }

 private:
  std::string Bind() const;
  bool Launch(std::vector<std::string> arguments);

  const std::string directory_;
  const Site site_;
  const int port_;
  ChildProcess process_;
};

}  // namespace zhuxiao::testing
