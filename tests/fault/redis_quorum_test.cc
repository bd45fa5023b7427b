// The store on three Redis servers with sentinels: primaries are killed and put to sleep, replicas are killed, and
// nothing acknowledged is lost. ZHUXIAO_FAILOVERS sets how often in all (9 by default).
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

TEST_F(RedisQuorumTest, NothingAcknowledgedIsLostInFailovers) {
  constexpr int kWriters = 4;
  const char* const text = std::getenv("ZHUXIAO_FAILOVERS");
  const int faults = text == nullptr ? 9 : std::atoi(text);
  const auto first = Open("first");
  const auto second = Open("second");
  std::atomic<bool> is_over = false;
  std::vector<std::set<int64_t>> acknowledged(kWriters);
  std::atomic<int64_t> acknowledged_count = 0;
  std::atomic<int64_t> unknown_count = 0;
  std::atomic<int> losses = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i) {
    threads.emplace_back([&, i] {
      for (int64_t number = 0; !is_over; ++number) {
        const absl::Status status = CommitNumbered(i % 2 == 0 ? *first : *second, base::StrCat("w", i), number);
        if (status.ok()) {
          acknowledged[i].insert(number);
          ++acknowledged_count;
        } else {
          ++unknown_count;
          if (absl::IsDataLoss(status)) ++losses;
        }
      }
    });
  }
  for (int i = 0; i < faults; ++i) {
    absl::SleepFor(absl::Milliseconds(300));
    const int primary = cluster_.Primary(0);
    ASSERT_GE(primary, 0);
    // The primary killed, the primary asleep, a replica killed.
    const bool is_replica = i % 3 == 2;
    const bool is_killed = i % 3 != 1;
    testing::RedisProcess& struck = cluster_.server(is_replica ? (primary + 1) % RedisCluster::kMachines : primary);
    is_killed ? struck.Kill() : struck.Freeze();
    const auto has_another = [&] { return cluster_.Primary(0) >= 0 && cluster_.Primary(0) != primary; };
    if (!is_replica) {
      EXPECT_TRUE(Eventually(has_another)) << "no failover";
    }
    const int64_t before = acknowledged_count;
    EXPECT_TRUE(Eventually([&] { return acknowledged_count > before + 10; })) << "no commits after a fault";
    if (is_killed) {
      ASSERT_TRUE(struck.StartAgain());
    } else {
      struck.Thaw();
    }
    // The sentinels make it a replica of the new primary.
    EXPECT_TRUE(Eventually([&] { return cluster_.IsWhole(); }));
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(losses, 0);
  const auto fresh = Open("fresh");
  int64_t missing = 0;
  for (int i = 0; i < kWriters; ++i) {
    for (const int64_t number : acknowledged[i]) {
      missing += ValueOf(*fresh, base::StrCat("all/w", i, "/", number)) != "there";
    }
  }
  EXPECT_EQ(missing, 0) << "acknowledged, then lost";
  EXPECT_EQ(fresh->FeedEnd().sequence, CounterOf(*fresh, "total")) << "every commit once, whole";
  std::printf("%d faults of three kinds, %lld commits acknowledged, %lld lost, %lld answers unknown\n", faults,
              static_cast<long long>(acknowledged_count), static_cast<long long>(missing),
              static_cast<long long>(unknown_count));
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
