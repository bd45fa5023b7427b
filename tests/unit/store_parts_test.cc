// The parts of the stores that can be wrong on their own: the index of changes, the row cache, the queue, the counting.
#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "absl/synchronization/notification.h"
#include "services/store/commit_queue.h"
#include "services/store/conflict_index.h"
#include "services/store/counted_store.h"
#include "services/store/memory_store.h"
#include "services/store/row_cache.h"
#include "services/store/task_pool.h"

namespace zhuxiao::store {
namespace {

Transaction Reads(const std::vector<std::string>& keys) {
  static MemoryStore store;
  Transaction transaction(store.Latest());
  for (const std::string& key : keys) transaction.Get(key).IgnoreError();
  return transaction;
}

Transaction Scans(const std::string& begin, const std::string& end) {
  Transaction transaction = Reads({});
  transaction.Scan(begin, end, 10).IgnoreError();
  return transaction;
}

TEST(ConflictIndex, ComparesTheLastChangeWithTheStateRead) {
  ConflictIndex index;
  index.Change("a", 3);
  index.Change("a", 5);
  EXPECT_TRUE(index.IsOutdated(Reads({"a"}), 4));
  EXPECT_FALSE(index.IsOutdated(Reads({"a"}), 5)) << "the state contains its own change";
  EXPECT_FALSE(index.IsOutdated(Reads({"b"}), 0));
  EXPECT_TRUE(index.IsOutdated(Scans("", "b"), 4));
  EXPECT_FALSE(index.IsOutdated(Scans("b", ""), 4));
  EXPECT_FALSE(index.IsOutdated(Scans("", "a"), 4)) << "the end is exclusive";
}

TEST(ConflictIndex, ForgetsWhatNoLiveStateNeeds) {
  ConflictIndex index;
  for (uint64_t version = 1; version <= 100; ++version) {
    index.Change("hot", version);
    index.Change("row" + std::to_string(version), version);
  }
  index.Trim(90);
  EXPECT_EQ(index.size(), 11) << "ten rows and the hot one";
  EXPECT_TRUE(index.IsOutdated(Reads({"hot"}), 99));
  EXPECT_TRUE(index.IsOutdated(Reads({"row91"}), 90));
  EXPECT_FALSE(index.IsOutdated(Reads({"row90"}), 90));
  index.Trim(100);
  EXPECT_EQ(index.size(), 0);
}

TEST(ConflictIndex, TakesBackTheNewestVersionAlone) {
  ConflictIndex index;
  index.Change("old", 3);
  index.Change("other", 4);
  index.Change("old", 5);
  index.Change("new", 5);
  index.Change("old", 5);
  index.Undo(5);
  EXPECT_TRUE(index.IsOutdated(Reads({"old"}), 2)) << "the change before it stands again";
  EXPECT_FALSE(index.IsOutdated(Reads({"old"}), 3));
  EXPECT_FALSE(index.IsOutdated(Reads({"new"}), 0));
  EXPECT_TRUE(index.IsOutdated(Reads({"other"}), 3));
  index.Undo(5);
  EXPECT_EQ(index.size(), 2) << "nothing is left to take back";
  index.Trim(4);
  EXPECT_EQ(index.size(), 0) << "what stands again is forgotten in its turn";
}

TEST(ConflictIndex, ForgottenAtOnceEverythingConflicts) {
  ConflictIndex index;
  index.Change("a", 3);
  index.Forget(4);
  EXPECT_TRUE(index.IsOutdated(Reads({"b"}), 3));
  EXPECT_FALSE(index.IsOutdated(Reads({}), 3)) << "who read nothing rests on nothing";
  EXPECT_FALSE(index.IsOutdated(Reads({"a"}), 4));
}

TEST(ConflictIndex, SendsBackWhatIsOlderThanItRemembers) {
  ConflictIndex index(10);
  for (uint64_t version = 1; version <= 20; ++version) index.Change("row" + std::to_string(version), version);
  index.Trim(0);
  EXPECT_EQ(index.size(), 10);
  EXPECT_TRUE(index.IsOutdated(Reads({"never changed"}), 5));
  EXPECT_FALSE(index.IsOutdated(Reads({"never changed"}), 10));
  EXPECT_FALSE(index.IsOutdated(Reads({}), 5)) << "who read nothing cannot be outdated";
}

TEST(RowCache, AnswersOnlyForStatesItsValueIsOf) {
  RowCache cache(1 << 20);
  cache.Store("a", "five", 5);
  EXPECT_EQ(cache.Find("a", 4), std::nullopt);
  EXPECT_EQ(cache.Find("a", 5), "five");
  EXPECT_EQ(cache.Find("a", 6), "five");
  EXPECT_EQ(cache.Find("b", 6), std::nullopt);
}

TEST(RowCache, RefusesOffersOfOvertakenStates) {
  RowCache cache(1 << 20);
  cache.Update("a", "seven", 7);
  EXPECT_FALSE(cache.Contains("a")) << "Update alone caches nothing";
  cache.Offer("a", "old", 6);
  EXPECT_EQ(cache.Find("a", UINT64_MAX), std::nullopt);
  cache.Offer("a", "seven", 7);
  EXPECT_EQ(cache.Find("a", 7), "seven");
  cache.Offer("a", "other", 8);
  EXPECT_EQ(cache.Find("a", 8), "seven") << "what is cached is the newest";
  cache.Update("a", "nine", 9);
  EXPECT_EQ(cache.Find("a", 8), std::nullopt);
  EXPECT_EQ(cache.Find("a", 9), "nine");
  cache.Update("a", std::nullopt, 10);
  EXPECT_EQ(cache.Find("a", UINT64_MAX), std::nullopt);
  cache.Offer("a", "nine", 9);
  EXPECT_FALSE(cache.Contains("a")) << "a deleted row does not come back";
}

TEST(RowCache, ClearedItKnowsNothingAndTakesNothingOlder) {
  RowCache cache(1 << 20);
  cache.Offer("a", "1", 1);
  cache.Clear(2);
  EXPECT_FALSE(cache.Contains("a"));
  cache.Offer("a", "1", 1);
  EXPECT_FALSE(cache.Contains("a"));
  cache.Offer("a", "2", 2);
  EXPECT_EQ(cache.Find("a", 2), "2");
}

TEST(RowCache, StaysWithinItsBytesAndKeepsWhatIsUsed) {
  constexpr size_t kCapacityBytes = 1 << 20;
  RowCache cache(kCapacityBytes);
  cache.Store("used", "value", 1);
  int cached = 0;
  for (int i = 0; i < 5000; ++i) {
    cache.Store("row" + std::to_string(i), std::string(1000, 'v'), 1);
    ASSERT_TRUE(cache.Find("used", 1)) << i;
  }
  for (int i = 0; i < 5000; ++i) cached += cache.Contains("row" + std::to_string(i));
  EXPECT_GT(cached, 500);
  EXPECT_LT(cached, static_cast<int>(kCapacityBytes / 1000));
  cache.Store("huge", std::string(kCapacityBytes, 'v'), 1);
  EXPECT_FALSE(cache.Contains("huge"));
}

TEST(CommitQueue, BoundsNumberAndBytes) {
  CommitQueue queue(3);
  const auto push = [&queue](size_t bytes) {
    PendingCommit pending{Reads({}), [](CommitResult) {}, bytes};
    return queue.Push(pending);
  };
  EXPECT_EQ(push(CommitQueue::kMaxBytes - 1), CommitQueue::Admission::kAdmitted);
  EXPECT_EQ(push(2), CommitQueue::Admission::kFull);
  EXPECT_EQ(push(1), CommitQueue::Admission::kAdmitted);
  EXPECT_EQ(push(0), CommitQueue::Admission::kAdmitted);
  EXPECT_EQ(push(0), CommitQueue::Admission::kFull);
  std::vector<PendingCommit> group;
  ASSERT_TRUE(queue.TakeGroup(group));
  EXPECT_EQ(group.size(), 1) << "the first fills a group's bytes";
  ASSERT_TRUE(queue.TakeGroup(group));
  EXPECT_EQ(group.size(), 2);
  EXPECT_EQ(push(CommitQueue::kMaxBytes), CommitQueue::Admission::kAdmitted) << "room is given back";
  queue.Close();
  EXPECT_EQ(push(0), CommitQueue::Admission::kClosed);
  EXPECT_TRUE(queue.TakeGroup(group)) << "what was admitted is handed out";
  EXPECT_FALSE(queue.TakeGroup(group));
}

TEST(CountedStore, CountsEachEndOfACommitOnce) {
  CountedStore store(std::make_unique<MemoryStore>());
  const auto commit = [&store](Transaction transaction) {
    absl::Notification is_done;
    store.Commit(std::move(transaction), [&is_done](const CommitResult&) { is_done.Notify(); });
    is_done.WaitForNotification();
  };
  Transaction late(store.Latest());
  late.Get("a").IgnoreError();
  late.Put("b", "built on a");
  Transaction first(store.Latest());
  first.Put("a", "1");
  commit(std::move(first));
  commit(std::move(late));
  Transaction beyond(store.Latest());
  beyond.Add("counter", 0, -1, {}).IgnoreError();
  commit(std::move(beyond));
  Transaction too_large(store.Latest());
  too_large.Put("a", std::string(kMaxValueBytes + 1, 'v'));
  commit(std::move(too_large));
  const CommitCounts counts = store.Counts();
  EXPECT_EQ(counts.ok, 1);
  EXPECT_EQ(counts.conflict, 1);
  EXPECT_EQ(counts.bound, 1);
  EXPECT_EQ(counts.refused, 1);
  EXPECT_EQ(counts.unknown, 0);
}

TEST(TaskPool, RunsEverythingBeforeItEnds) {
  std::atomic<int> ran = 0;
  {
    TaskPool pool(3);
    for (int i = 0; i < 100; ++i) {
      pool.Post([&] {
        ++ran;
        pool.Post([&ran] { ++ran; });
      });
    }
  }
  EXPECT_EQ(ran, 200);
}

}  // namespace
}  // namespace zhuxiao::store
