// A zhuxiaod in a process of its own, which a test starts, kills and starts again over the same data.
#pragma once

#include <atomic>
#include <string>
#include <utility>

#include "tests/support/child_process.h"

namespace zhuxiao::testing {

// port() and life() may be read by any thread; the rest belongs to one.
class ServerProcess {
 public:
  // `directory` holds the data, or the copy of a replica of `shared_store`, and outlives the process. `services` are
  // those it serves, by the names --services takes.
  explicit ServerProcess(std::string directory, std::string shared_store = "", Site site = {},
                         std::string services = "all")
      : directory_(std::move(directory)),
        shared_store_(std::move(shared_store)),
        site_(std::move(site)),
        services_(std::move(services)) {}

  // Starts the server and waits until it serves. False where it ends, or does not serve for a minute.
  bool Start();

  // Ends it as an operator does: SIGTERM, and waits until it has drained. False where it did not end well.
  bool Stop();

  // Ends it as a power cut of the process would: SIGKILL, no warning. No effect where it is not running.
  void Kill();

  // SIGSTOP and SIGCONT.
  void Freeze() const { process_.Freeze(); }
  void Thaw() const { process_.Thaw(); }

  // Where it listens; 0 while it does not serve.
  int port() const { return port_; }

  // Counts the starts, so that a client knows an old connection from a new one.
  int life() const { return life_; }

  const std::string& directory() const { return directory_; }

 private:
  bool ReadPort();

  const std::string directory_;
  const std::string shared_store_;
  const Site site_;
  const std::string services_;
  ChildProcess process_;
  std::atomic<int> port_ = 0;
  std::atomic<int> life_ = 0;
};

}  // namespace zhuxiao::testing
