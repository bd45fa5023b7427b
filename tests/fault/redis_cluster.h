// Three Redis servers, one primary, and three sentinels that watch them: one of each on every machine of a network, or
// all here.
#pragma once

#include <string>

#include "tests/support/redis_process.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/test_network.h"

namespace zhuxiao::testing {

// Not thread-safe but for Primary.
class RedisCluster {
 public:
  static constexpr int kMachines = 3;

  RedisCluster() : nodes_{Node({}), Node({}), Node({})} {}
  explicit RedisCluster(const TestNetwork& network)
      : nodes_{Node(network.site(0)), Node(network.site(1)), Node(network.site(2))} {}

  // Machine 0 has the primary. False where anything does not start.
  bool Start(const RedisProcess::Settings& settings = {});

  // For --store.
  std::string Url() const;

  // The machine that has the primary now, as the sentinel of `asked` says; -1 where it does not know.
  int Primary(int asked) const;

  // True once `machine` follows some primary again and has all it has.
  bool IsFollowing(int machine) const;

  // True where all sentinels agree on the primary and the two other machines follow it: no fault is left that would
  // make the next one a second at the same time.
  bool IsWhole() const;

  RedisProcess& server(int machine) { return nodes_[machine].server; }

 private:
  struct Node {
    explicit Node(const Site& site) : server(directories[0].path(), site), sentinel(directories[1].path(), site) {}
    ScratchDirectory directories[2];
    RedisProcess server;
    RedisProcess sentinel;
  };

  Node nodes_[kMachines];
};

}  // namespace zhuxiao::testing
