// Machines that are none: network namespaces joined by a switch, which a test can take off the network and put back,
// while it still reaches what runs there. Takes root; all of it is gone with the test.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace zhuxiao::testing {

// Not thread-safe.
class TestNetwork {
 public:
  // Moves the calling thread, and threads it starts later, to a network of their own, with a switch and `machines`
  // machines. Null, with the reason on standard output, where this is not allowed.
  static std::unique_ptr<TestNetwork> Make(int machines);

  // Where a process runs that is to run on machine 0, 1 …
  Site site(int machine) const;

  // Off: no packet passes between this machine and the others, and nobody is told so.
  void Disconnect(int machine);
  void Connect(int machine);

 private:
  TestNetwork() = default;
  bool AddMachine(int machine);

  std::list<ChildProcess> holders_;  // each keeps a namespace alive
};

}  // namespace zhuxiao::testing
