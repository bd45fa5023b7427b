// The store on three Redis servers with sentinels: primaries are killed and put to sleep, replicas are killed, and
// nothing acknowledged is lost. ZHUXIAO_FAILOVERS sets how often each is done (20 by default).
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>

#include "absl/time/clock.h"
#include "services/store/redis_store.h"
#include "tests/conformance/store_suite.h"
#include "tests/fault/redis_cluster.h"
#include "tests/support/eventually.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::store {
namespace {

using testing::Eventually;
using testing::RedisCluster;

class RedisQuorumTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(cluster_.Start());
    ASSERT_TRUE(Eventually([this] { return cluster_.IsWhole(); }));
  }

  std::unique_ptr<ReplicaStore> Open(const std::string& name) {
    const std::string directory = replicas_.path() + "/" + name;
    std::filesystem::create_directories(directory);
    return OpenRedisStore({.url = cluster_.Url(), .directory = directory}).value();
  }

  ScratchDirectory replicas_;
  RedisCluster cluster_;
};

absl::Status CommitNumbered(Store& store, const std::string& writer, int64_t number) {
  return RunTransaction(store, [&](Transaction& transaction) {
    transaction.Put(base::StrCat("all/", writer, "/", number), "there");
    transaction.Append(base::StrCat(writer, " ", number));
    return transaction.Add("total", 0, 1, {});
  });
}

// What is done to a cluster.
struct FaultKind {
  const char* name;
  bool is_of_a_replica;
  bool is_death;
};

constexpr FaultKind kFaultKinds[] = {
    {"primary killed", false, true}, {"primary asleep", false, false}, {"replica killed", true, true}};
constexpr int kFaultsOfAKind = 20;
constexpr int kWriters = 4;
// What counts is what is under way when a fault strikes, not how much was done before.
constexpr absl::Duration kWriterPause = absl::Milliseconds(2);
// To ask six servers; they take seconds to agree.
constexpr absl::Duration kSentinelPause = absl::Milliseconds(100);

// A cluster of its own that one kind of fault is done to, again and again, under writers on two replicas of the store.
class Failovers {
 public:
  explicit Failovers(const FaultKind& kind) : kind_(kind) {}

  void Run(int faults) {
    ASSERT_TRUE(cluster_.Start());
    ASSERT_TRUE(IsSoonWhole());
    const auto first = Open("first");
    const auto second = Open("second");
    std::vector<std::thread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&, i] { Write(i % 2 == 0 ? *first : *second, i); });
    }
    for (int i = 0; i < faults && !::testing::Test::HasFailure(); ++i) Strike();
    is_over_ = true;
    for (std::thread& writer : writers) writer.join();
    ExpectAllIsThere(faults);
  }

 private:
  std::unique_ptr<ReplicaStore> Open(const std::string& name) const {
    const std::string directory = base::StrCat(replicas_.path(), "/", name);
    std::filesystem::create_directories(directory);
    return OpenRedisStore({.url = cluster_.Url(), .directory = directory}).value();
  }

  void Write(Store& store, int writer) {
    for (int64_t number = 0; !is_over_; ++number) {
      const absl::Status status = CommitNumbered(store, base::StrCat("w", writer), number);
      if (status.ok()) {
        acknowledged_[writer].insert(number);
        ++acknowledged_count_;
      } else {
        ++unknown_count_;
        if (absl::IsDataLoss(status)) ++losses_;
      }
      absl::SleepFor(kWriterPause);
    }
  }

  void Strike() {
    absl::SleepFor(absl::Milliseconds(300));
    const int primary = cluster_.Primary(0);
    ASSERT_GE(primary, 0);
    testing::RedisProcess& struck =
        cluster_.server(kind_.is_of_a_replica ? (primary + 1) % RedisCluster::kMachines : primary);
    kind_.is_death ? struck.Kill() : struck.Freeze();
    const auto has_another = [&] { return cluster_.Primary(0) >= 0 && cluster_.Primary(0) != primary; };
    if (!kind_.is_of_a_replica) {
      EXPECT_TRUE(Eventually(has_another, testing::kPatience, kSentinelPause)) << kind_.name << ": no failover";
    }
    const int64_t before = acknowledged_count_;
    EXPECT_TRUE(Eventually([&] { return acknowledged_count_ > before + 10; })) << kind_.name << ": no commits after it";
    if (kind_.is_death) {
      ASSERT_TRUE(struck.StartAgain());
    } else {
      struck.Thaw();
    }
    // The sentinels make it a replica of the new primary.
    EXPECT_TRUE(IsSoonWhole()) << kind_.name << ": it does not come back";
  }

  bool IsSoonWhole() const {
    return Eventually([this] { return cluster_.IsWhole(); }, testing::kPatience, kSentinelPause);
  }

  void ExpectAllIsThere(int faults) const {
    EXPECT_EQ(losses_, 0) << kind_.name;
    const auto fresh = Open("fresh");
    int64_t missing = 0;
    for (int i = 0; i < kWriters; ++i) {
      for (const int64_t number : acknowledged_[i]) {
        missing += ValueOf(*fresh, base::StrCat("all/w", i, "/", number)) != "there";
      }
    }
    EXPECT_EQ(missing, 0) << kind_.name << ": acknowledged, then lost";
    EXPECT_EQ(fresh->FeedEnd().sequence, CounterOf(*fresh, "total")) << kind_.name << ": every commit once, whole";
    std::printf("%s %d times: %lld commits acknowledged, %lld lost, %lld answers unknown\n", kind_.name, faults,
                static_cast<long long>(acknowledged_count_), static_cast<long long>(missing),
                static_cast<long long>(unknown_count_));
  }

  const FaultKind& kind_;
  ScratchDirectory replicas_;
  RedisCluster cluster_;
  std::atomic<bool> is_over_ = false;
  std::set<int64_t> acknowledged_[kWriters];
  std::atomic<int64_t> acknowledged_count_ = 0;
  std::atomic<int64_t> unknown_count_ = 0;
  std::atomic<int> losses_ = 0;
};

// Most of a failover is waiting for the sentinels, so the kinds are done beside each other.
TEST(RedisFailoverTest, NothingAcknowledgedIsLost) {
  const char* const text = std::getenv("ZHUXIAO_FAILOVERS");
  const int faults = text == nullptr ? kFaultsOfAKind : std::atoi(text);
  std::vector<std::thread> threads;
  for (const FaultKind& kind : kFaultKinds) {
    threads.emplace_back([&kind, faults] { Failovers(kind).Run(faults); });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(RedisQuorumTest, WhatNoReplicaHasIsNotAcknowledged) {
  const auto store = Open("a");
  ASSERT_TRUE(CommitNumbered(*store, "w", 1).ok());
  // Without replicas the sentinels have nobody to promote; the primary alone takes the write and keeps it.
  for (const int replica : {1, 2}) cluster_.server(replica).Freeze();
  EXPECT_TRUE(absl::IsUnavailable(CommitNumbered(*store, "w", 2)));
  EXPECT_EQ(ValueOf(*store, "all/w/2"), "(none)") << "nor is it shown";
  for (const int replica : {1, 2}) cluster_.server(replica).Thaw();
  EXPECT_TRUE(Eventually([&] { return ValueOf(*store, "all/w/2") == "there"; })) << "then a replica has it";
  EXPECT_EQ(CounterOf(*store, "total"), 2) << "once";
}

}  // namespace
}  // namespace zhuxiao::store
