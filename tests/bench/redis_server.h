// A Redis of a benchmark's own, set up to lose nothing (AOF, synced always).
#pragma once

#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/bench/daemon.h"
#include "tests/support/redis_process.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::bench {

class RedisServer {
 public:
  RedisServer() { Expect(process_.Start()); }

  std::string url() const { return process_.url(); }
  double CpuSeconds() const { return CpuSecondsOf(pid_); }

  // Ends it at once, as a crash does, and brings it back.
  void Restart() {
    process_.Kill();
    Expect(process_.StartAgain());
  }

  // The answer to a command as text.
  std::string Ask(const std::vector<std::string>& command) const { return process_.Ask(command); }

 private:
  void Expect(bool has_started) {
    if (!has_started) {
      std::cerr << "benchmark: redis-server did not start" << std::endl;
      std::exit(1);
    }
    constexpr char kField[] = "process_id:";
    const std::string info = process_.Ask({"INFO", "server"});
    pid_ = std::atoi(info.c_str() + info.find(kField) + sizeof(kField) - 1);
  }

  ScratchDirectory directory_;
  testing::RedisProcess process_{directory_.path()};
  pid_t pid_ = 0;
};

}  // namespace zhuxiao::bench
