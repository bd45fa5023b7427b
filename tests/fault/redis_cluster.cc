#include "tests/fault/redis_cluster.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/support/eventually.h"

namespace zhuxiao::testing {
namespace {

constexpr int kQuorum = 2;
// Longer than servers of a crowded machine are silent for. Where the primary and a replica both seem dead while a
// former primary is back that no sentinel has made a replica yet, Sentinel may promote that one, and what it lacks is
// lost.
constexpr int kDownMs = 3'000;

}  // namespace

bool RedisCluster::Start(const RedisProcess::Settings& settings) {
  for (Node& node : nodes_) {
    if (!node.server.Start(settings)) return false;
  }
  for (int i = 1; i < kMachines; ++i) {
    nodes_[i].server.Ask({"REPLICAOF", nodes_[0].server.site().address, std::to_string(nodes_[0].server.port())});
  }
  const auto follow = [this] { return IsFollowing(1) && IsFollowing(2); };
  if (!Eventually(follow)) return false;
  for (Node& node : nodes_) {
    if (!node.sentinel.StartSentinel(nodes_[0].server, kQuorum, kDownMs)) return false;
  }
  const auto know_each_other = [this] {
    for (const Node& node : nodes_) {
      const std::string replicas = node.sentinel.Ask({"SENTINEL", "REPLICAS", "zhuxiao"});
      if (!node.sentinel.Ask({"SENTINEL", "CKQUORUM", "zhuxiao"}).starts_with("OK 3")) return false;
      for (int i = 1; i < kMachines; ++i) {
        if (replicas.find(nodes_[i].server.address()) == std::string::npos) return false;
      }
    }
    return true;
  };
  return Eventually(know_each_other);
}

std::string RedisCluster::Url() const {
  const auto add = [](std::string* out, const Node& node) { absl::StrAppend(out, node.sentinel.address()); };
  return absl::StrCat("redis+sentinel://", absl::StrJoin(nodes_, ",", add), "/zhuxiao");
}

int RedisCluster::Primary(int asked) const {
  const std::string answer = nodes_[asked].sentinel.Ask({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", "zhuxiao"});
  for (int i = 0; i < kMachines; ++i) {
    const RedisProcess& server = nodes_[i].server;
    if (answer == absl::StrCat(server.site().address, "\n", server.port())) return i;
  }
  return -1;
}

bool RedisCluster::IsFollowing(int machine) const {
  const std::string role = nodes_[machine].server.Ask({"ROLE"});
  return role.starts_with("slave") && role.find("\nconnected\n") != std::string::npos;
}

bool RedisCluster::IsWhole() const {
  const int primary = Primary(0);
  if (primary < 0 || Primary(1) != primary || Primary(2) != primary) return false;
  const std::string port = absl::StrCat("\n", nodes_[primary].server.port(), "\n");
  for (int i = 0; i < kMachines; ++i) {
    if (i != primary && (!IsFollowing(i) || nodes_[i].server.Ask({"ROLE"}).find(port) == std::string::npos))
      return false;
  }
  return nodes_[primary].server.Ask({"ROLE"}).starts_with("master");
}

}  // namespace zhuxiao::testing
