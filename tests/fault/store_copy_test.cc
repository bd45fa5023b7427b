// Copies of whole stores: under commits, to Redis and back, and from a replica's copy after a disaster.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "services/store/copy_store.h"
#include "services/store/redis_store.h"
#include "services/store/rocksdb_store.h"
#include "tests/conformance/store_suite.h"
#include "tests/support/redis_process.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::store {
namespace {

// Writes as much in rows, a counter and events, all in one commit, so that a torn copy shows.
absl::Status CommitThrice(Store& store, int64_t number) {
  return RunTransaction(store, [number](Transaction& transaction) {
    transaction.Put("last", base::StrCat(number));
    transaction.Put(base::StrCat("row/", number), std::string(2'000, 'v'));
    if (number % 3 == 0) transaction.Delete(base::StrCat("row/", number / 2));
    transaction.Append(base::StrCat(number, std::string(500, 'e')));
    return transaction.Add("count", 0, 1, {});
  });
}

std::unique_ptr<RocksDbStore> OpenAt(const std::string& directory) {
  return RocksDbStore::Open({.directory = directory}).value();
}

TEST(StoreCopy, ARunningStoreIsCopiedWhole) {
  ScratchDirectory data;
  const auto store = OpenAt(data.path());
  std::atomic<bool> is_over = false;
  std::atomic<int64_t> acknowledged = 0;
  std::thread writer([&] {
    for (int64_t number = 1; !is_over; ++number) {
      ASSERT_TRUE(CommitThrice(*store, number).ok());
      acknowledged = number;
    }
  });
  int64_t last = 0;
  for (int i = 0; i < 8; ++i) {
    ScratchDirectory backup;
    const int64_t before = acknowledged;
    const auto still = OpenStill(data.path());
    ASSERT_TRUE(still.ok()) << still.status();
    const auto restored = OpenAt(backup.path());
    const auto copied = CopyStore(*still, *restored);
    ASSERT_TRUE(copied.ok()) << copied.status();
    last = CounterOf(*restored, "count");
    EXPECT_GE(last, before) << "what was acknowledged before is in the copy";
    EXPECT_EQ(copied->event_count, last) << "rows and feed are of one state";
    EXPECT_EQ(ValueOf(*restored, "last"), base::StrCat(last));
    EXPECT_TRUE(CheckWhole(*restored).ok());
  }
  is_over = true;
  writer.join();
  EXPECT_GT(last, 0);
}

TEST(StoreCopy, ComesBackFromRedisTheSame) {
  ScratchDirectory data;
  ScratchDirectory redis_data;
  ScratchDirectory replica;
  ScratchDirectory again;
  testing::RedisProcess redis(redis_data.path());
  ASSERT_TRUE(redis.Start());
  const auto original = OpenAt(data.path());
  for (int64_t number = 1; number <= 300; ++number) ASSERT_TRUE(CommitThrice(*original, number).ok());
  const StoreDigest digest = DigestOf(Still(*original)).value();
  EXPECT_EQ(digest.event_count, 300);
  {
    const auto shared = OpenRedisStore({.url = redis.url(), .directory = replica.path()}).value();
    EXPECT_EQ(CopyStore(Still(*original), *shared).value(), digest);
    EXPECT_TRUE(absl::IsFailedPrecondition(CopyStore(Still(*original), *shared).status())) << "not onto another";
  }
  const auto shared = OpenRedisStore({.url = redis.url(), .directory = replica.path()}).value();
  const auto back = OpenAt(again.path());
  EXPECT_EQ(CopyStore(Still(*shared), *back).value(), digest);
  ASSERT_TRUE(CommitThrice(*shared, 301).ok());
  EXPECT_NE(DigestOf(Still(*shared)).value(), digest) << "one commit more shows";
}

TEST(StoreCopy, AReplicaRestoresWhatRedisLost) {
  ScratchDirectory redis_data;
  ScratchDirectory replica;
  ScratchDirectory fresh;
  testing::RedisProcess redis(redis_data.path());
  ASSERT_TRUE(redis.Start());
  {
    const auto shared = OpenRedisStore({.url = redis.url(), .directory = replica.path()}).value();
    for (int64_t number = 1; number <= 50; ++number) ASSERT_TRUE(CommitThrice(*shared, number).ok());
  }
  redis.Ask({"FLUSHALL"});
  const StillStore copy = OpenStill(replica.path()).value();
  const auto restored = OpenRedisStore({.url = redis.url(), .directory = fresh.path()}).value();
  ASSERT_TRUE(CopyStore(copy, *restored).ok());
  EXPECT_EQ(CounterOf(*restored, "count"), 50);
  EXPECT_EQ(restored->FeedEnd().sequence, 50);
}

TEST(StoreCopy, AnUnfinishedCopyIsNotServed) {
  ScratchDirectory data;
  const auto store = OpenAt(data.path());
  PutNow(*store, "row", "there");
  StillStore broken = Still(*store);
  ScratchDirectory target;
  {
    const auto to = OpenAt(target.path());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(CommitThrice(*store, i).ok());
    broken.rows = store->Latest();
    int reads = 0;
    broken.read_feed = [&](Position after, size_t limit) -> absl::StatusOr<std::vector<FeedEntry>> {
      if (++reads > 1) return absl::UnavailableError("gone");
      return store->ReadFeed(after, limit);
    };
    EXPECT_TRUE(absl::IsUnavailable(CopyStore(broken, *to).status()));
    EXPECT_TRUE(absl::IsFailedPrecondition(CheckWhole(*to)));
  }
  EXPECT_TRUE(absl::IsNotFound(OpenStill(target.path() + "/nothing").status()));
}

}  // namespace
}  // namespace zhuxiao::store
