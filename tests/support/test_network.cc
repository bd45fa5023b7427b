#include "tests/support/test_network.h"

#include <sched.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace zhuxiao::testing {
namespace {

using absl::StrCat;

bool Run(const std::string& command) {
  if (std::system((command + " 2>&1").c_str()) == 0) return true;
  std::printf("failed: %s\n", command.c_str());
  return false;
}

std::string NamespaceOf(const std::string& pid) {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/" + pid + "/ns/net", error).string();
}

// Among the machines, and between one and the test.
std::string AddressOf(int machine) { return StrCat("10.77.0.", machine + 1); }
std::string ControlAddressOf(int machine) { return StrCat("10.78.", machine, ".2"); }

}  // namespace

std::unique_ptr<TestNetwork> TestNetwork::Make(int machines) {
  if (unshare(CLONE_NEWNET) != 0) {
    std::printf("no network namespaces: %s\n", std::strerror(errno));
    return nullptr;
  }
  std::unique_ptr<TestNetwork> network(new TestNetwork);
  if (!Run("ip link set lo up && ip link add switch type bridge && ip link set switch up")) return nullptr;
  for (int machine = 0; machine < machines; ++machine) {
    if (!network->AddMachine(machine)) return nullptr;
  }
  return network;
}

bool TestNetwork::AddMachine(int machine) {
  ChildProcess& holder = holders_.emplace_back();
  const bool is_there = holder.Start({.arguments = {"unshare", "-n", "sleep", "infinity"}}, [&holder] {
    const std::string there = NamespaceOf(std::to_string(holder.pid()));
    return !there.empty() && there != NamespaceOf("self");
  });
  if (!is_there) return false;
  const std::string inside = StrCat("nsenter -t ", holder.pid(), " -n ip ");
  return Run(StrCat("ip link add wire", machine, " type veth peer name eth0 netns ", holder.pid())) &&
         Run(StrCat("ip link set wire", machine, " master switch up")) &&
         Run(StrCat("ip link add control", machine, " type veth peer name eth1 netns ", holder.pid())) &&
         Run(StrCat("ip addr add 10.78.", machine, ".1/24 dev control", machine)) &&
         Run(StrCat("ip link set control", machine, " up")) && Run(inside + "link set lo up") &&
         Run(StrCat(inside, "addr add ", AddressOf(machine), "/24 dev eth0")) && Run(inside + "link set eth0 up") &&
         Run(StrCat(inside, "addr add ", ControlAddressOf(machine), "/24 dev eth1")) &&
         Run(inside + "link set eth1 up");
}

Site TestNetwork::site(int machine) const {
  const pid_t pid = std::next(holders_.begin(), machine)->pid();
  return {.enter = {"nsenter", "-t", std::to_string(pid), "-n", "--"},
          .address = AddressOf(machine),
          .control_address = ControlAddressOf(machine)};
}

void TestNetwork::Disconnect(int machine) { Run(StrCat("ip link set wire", machine, " down")); }
void TestNetwork::Connect(int machine) { Run(StrCat("ip link set wire", machine, " up")); }

}  // namespace zhuxiao::testing
