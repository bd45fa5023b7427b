// The store on Redis across what befalls its server: restarts, wrong settings, newer data, rollbacks, several replicas.
// ZHUXIAO_ROLLBACKS sets how many rollbacks are tried (100 by default).
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "absl/time/clock.h"
#include "services/store/redis_store.h"
#include "services/store/rocksdb_store.h"
#include "tests/conformance/store_suite.h"
#include "tests/fault/redis_rollback.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_process.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/seed.h"
#include "tests/support/tcp_proxy.h"

namespace zhuxiao::store {
namespace {

using testing::Eventually;

class RedisStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(redis_.Start()); }

  std::string DirectoryOf(const std::string& name) const {
    const std::string directory = replicas_.path() + "/" + name;
    std::filesystem::create_directories(directory);
    return directory;
  }

  absl::StatusOr<std::unique_ptr<ReplicaStore>> TryOpen(const std::string& name,
                                                        size_t max_log_bytes = SharedLog::kMaxLogBytes) {
    return OpenRedisStore({.url = redis_.url(), .directory = DirectoryOf(name), .max_log_bytes = max_log_bytes});
  }
  std::unique_ptr<ReplicaStore> Open(const std::string& name) { return TryOpen(name).value(); }

  // Stops the server, lets `change` work on its data directory and starts it again.
  void WhileStopped(const std::function<void()>& change) {
    redis_.Stop();
    change();
    ASSERT_TRUE(redis_.Start());
  }

  std::string RightValue(const std::string& setting) {
    const std::string answer = redis_.Ask({"CONFIG", "GET", setting});
    return answer.substr(answer.find('\n') + 1);
  }

  ScratchDirectory data_;
  ScratchDirectory replicas_;
  testing::RedisProcess redis_{data_.path()};
};

absl::Status CommitNumbered(Store& store, const std::string& writer, int64_t number) {
  return RunTransaction(store, [&](Transaction& transaction) -> absl::Status {
    // A hot row read and written, a row of its own, a counter and an event.
    const std::string seen = ValueOf(transaction, "hot");
    transaction.Put("hot", base::StrCat(seen == "(none)" ? 1 : std::stoll(seen) + 1));
    transaction.Put(base::StrCat("all/", writer, "/", number), "there");
    transaction.Append(base::StrCat(writer, " ", number));
    return transaction.Add("total", 0, 1, {});
  });
}

// All rows and events, to compare replicas.
std::string Everything(Store& store) {
  std::string text = RowsOf(*store.Latest(), "", "", kMaxScanRows);
  const std::vector<FeedEntry> entries = store.ReadFeed({}, kMaxScanRows).value();
  for (const FeedEntry& entry : entries) base::StrAppend(&text, "\n", entry.position.sequence, " ", entry.payload);
  return text;
}

TEST_F(RedisStoreTest, SettingsThatLoseCommitsAreRefused) {
  const std::pair<const char*, const char*> wrong[] = {{"appendonly", "no"},
                                                       {"appendfsync", "everysec"},
                                                       {"no-appendfsync-on-rewrite", "yes"},
                                                       {"aof-load-truncated", "yes"},
                                                       {"maxmemory-policy", "allkeys-lru"}};
  for (const auto& [name, value] : wrong) {
    const std::string right = RightValue(name);
    redis_.Ask({"CONFIG", "SET", name, value});
    const absl::Status status = TryOpen("a").status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << name << ": " << status;
    EXPECT_NE(status.message().find(base::StrCat(name, " is ", value, ": set it to ", right)), std::string::npos)
        << status;
    for (const auto& [other, unused] : wrong) {
      EXPECT_EQ(status.message().find(base::StrCat("\n  ", other, " is")) != std::string::npos,
                std::string(other) == name)
          << status;
    }
    redis_.Ask({"CONFIG", "SET", name, right});
  }
  for (const auto& [name, value] : wrong) redis_.Ask({"CONFIG", "SET", name, value});
  const absl::Status all = TryOpen("a").status();
  for (const auto& [name, value] : wrong) EXPECT_NE(all.message().find(name), std::string::npos) << "all are named";
}

TEST_F(RedisStoreTest, NewerDataAreRefused) {
  Open("a");
  redis_.Ask({"HSET", "{zhuxiao}:head", "format", "2"});
  EXPECT_TRUE(absl::IsFailedPrecondition(TryOpen("b").status())) << "an empty replica";
  EXPECT_TRUE(absl::IsFailedPrecondition(TryOpen("a").status())) << "one with a copy";
}

TEST_F(RedisStoreTest, CopiesAndEmbeddedStoresAreNotMixedUp) {
  std::filesystem::create_directories(replicas_.path() + "/embedded");
  PutNow(*RocksDbStore::Open({.directory = replicas_.path() + "/embedded"}).value(), "a", "1");
  EXPECT_TRUE(absl::IsFailedPrecondition(TryOpen("embedded").status()));
  EXPECT_EQ(ValueOf(*RocksDbStore::Open({.directory = replicas_.path() + "/embedded"}).value(), "a"), "1");
  PutNow(*Open("copy"), "a", "2");
  EXPECT_TRUE(absl::IsFailedPrecondition(RocksDbStore::Open({.directory = replicas_.path() + "/copy"}).status()));
}

TEST_F(RedisStoreTest, ReplicasCommitAsOne) {
  constexpr int kReplicas = 3;
  constexpr int kThreads = 4;
  constexpr int kCommits = 60;
  std::vector<std::unique_ptr<ReplicaStore>> replicas;
  for (int i = 0; i < kReplicas; ++i) replicas.push_back(Open(base::StrCat("r", i)));
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kReplicas * kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int number = 0; number < kCommits; ++number) {
        absl::Status status = absl::AbortedError("not tried");
        while (absl::IsAborted(status)) {
          status = CommitNumbered(*replicas[i % kReplicas], base::StrCat("w", i), number);
        }
        if (!status.ok()) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  const int all = kReplicas * kThreads * kCommits;
  const Position end{1, static_cast<uint64_t>(all)};
  uint64_t overtaken = 0;
  for (const auto& replica : replicas) {
    ASSERT_TRUE(Eventually([&] { return replica->FeedEnd() == end && replica->Latest()->position() == end; }));
    EXPECT_EQ(CounterOf(*replica, "total"), all);
    EXPECT_EQ(ValueOf(*replica, "hot"), base::StrCat(all)) << "no update is lost";
    EXPECT_EQ(Everything(*replica), Everything(*replicas[0]));
    overtaken += replica->Counts().overtaken;
  }
  EXPECT_GT(overtaken, 0) << "the replicas never met";
}

TEST_F(RedisStoreTest, RefusalsDoNotRestOnAnOldCopy) {
  const auto here = Open("here");
  const auto there = Open("there");
  ASSERT_TRUE(PutNow(*here, "a", "there").status.ok());
  ASSERT_TRUE(Eventually([&] { return ValueOf(*there, "a") == "there"; })) << "a commit reaches the other replica";
  Transaction late(there->Latest());
  ValueOf(late, "a");
  late.Put("b", "built on a");
  ASSERT_TRUE(PutNow(*here, "a", "changed").status.ok());
  EXPECT_TRUE(absl::IsAborted(CommitNow(*there, std::move(late)).status)) << "caught at commit, seen or not";
}

TEST_F(RedisStoreTest, NewReplicasAreFilled) {
  const auto first = Open("first");
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(CommitNumbered(*first, "w", i).ok());
  std::atomic<bool> is_over = false;
  std::thread writer([&] {
    for (int i = 200; !is_over; ++i) EXPECT_TRUE(CommitNumbered(*first, "w", i).ok());
  });
  { const auto second = Open("second"); }
  const auto third = Open("third");
  is_over = true;
  writer.join();
  // The log forgets what the second missed.
  ASSERT_TRUE(CommitNumbered(*first, "x", 1).ok());
  ASSERT_TRUE(CommitNumbered(*first, "x", 2).ok());
  ASSERT_TRUE(Eventually([&] { return third->FeedEnd() == first->FeedEnd(); }));
  redis_.Ask({"XTRIM", "{zhuxiao}:log", "MAXLEN", "1"});
  const auto second = Open("second");
  EXPECT_EQ(Everything(*second), Everything(*first)) << "filled anew";
  EXPECT_EQ(Everything(*third), Everything(*first)) << "filled under commits";
}

TEST_F(RedisStoreTest, AReplicaAwayForTooLongMakesItsCopyAnewWhileItRuns) {
  constexpr size_t kLogBytes = 20'000;
  constexpr int kMissed = 200;
  const auto here = TryOpen("here", kLogBytes).value();
  testing::TcpProxy line;
  line.LeadTo(redis_.port());
  std::mutex mutex;
  std::string heard;
  const auto away = OpenRedisStore({.url = base::StrCat("redis://127.0.0.1:", line.port()),
                                    .directory = DirectoryOf("away"),
                                    .on_condition =
                                        [&](const absl::Status& status) {
                                          const std::lock_guard lock(mutex);
                                          base::StrAppend(&heard, status.message(), "\n");
                                        }})
                        .value();
  ASSERT_TRUE(CommitNumbered(*here, "early", 1).ok());
  ASSERT_TRUE(PutNow(*here, "deleted", "there").status.ok());
  ASSERT_TRUE(Eventually([&] { return ValueOf(*away, "deleted") == "there"; }));
  // What is read before, and what is built on it.
  const std::shared_ptr<Snapshot> before = away->Latest();
  const std::string rows_before = RowsOf(*before, "", "", kMaxScanRows);
  const Position end_before = away->FeedEnd();
  EXPECT_EQ(ValueOf(*away, "hot"), "1") << "now cached";
  Transaction late(before);
  ValueOf(late, "hot");
  late.Put("late", "built on what was");

  line.LeadTo(1);
  line.Cut();
  Transaction deletion(here->Latest());
  deletion.Delete("deleted");
  ASSERT_TRUE(CommitNow(*here, std::move(deletion)).status.ok());
  for (int i = 0; i < kMissed; ++i) ASSERT_TRUE(CommitNumbered(*here, "missed", i).ok());
  ASSERT_LT(std::stoi(redis_.Ask({"XLEN", "{zhuxiao}:log"})), kMissed) << "the log has not forgotten anything";
  EXPECT_EQ(ValueOf(*away, "hot"), "1") << "reads go on";
  line.LeadTo(redis_.port());

  ASSERT_TRUE(Eventually([&] { return away->Condition().ok() && away->FeedEnd() == here->FeedEnd(); }))
      << away->Condition();
  {
    const std::lock_guard lock(mutex);
    EXPECT_NE(heard.find("made anew"), std::string::npos) << heard;
  }
  EXPECT_EQ(away->Counts().filled, 1);
  EXPECT_EQ(here->Counts().filled, 0);
  EXPECT_EQ(Everything(*away), Everything(*here));
  EXPECT_EQ(ValueOf(*away, "hot"), base::StrCat(1 + kMissed)) << "not what was cached";
  EXPECT_EQ(ValueOf(*away, "deleted"), "(none)");
  EXPECT_EQ(away->ReadFeed(end_before, kMaxScanRows).value().size(), kMissed) << "followers miss nothing";
  EXPECT_EQ(RowsOf(*before, "", "", kMaxScanRows), rows_before) << "a snapshot stands still";
  EXPECT_TRUE(absl::IsAborted(CommitNow(*away, std::move(late)).status)) << "nothing rests on the old state";
  ASSERT_TRUE(CommitNumbered(*away, "back", 1).ok());
  ASSERT_TRUE(Eventually([&] { return Everything(*here) == Everything(*away); }));
}

TEST_F(RedisStoreTest, CommitsOutliveRestartsOfTheServer) {
  constexpr int kKills = 20;
  constexpr int kWriters = 4;
  const auto store = Open("a");
  std::atomic<bool> is_over = false;
  std::vector<std::set<int64_t>> acknowledged(kWriters);
  std::atomic<int> lost_answers = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i) {
    threads.emplace_back([&, i] {
      for (int64_t number = 0; !is_over; ++number) {
        const absl::Status status = CommitNumbered(*store, base::StrCat("w", i), number);
        if (status.ok()) acknowledged[i].insert(number);
        if (absl::IsUnavailable(status)) ++lost_answers;
      }
    });
  }
  for (int kill = 0; kill < kKills; ++kill) {
    absl::SleepFor(absl::Milliseconds(20 + 7 * kill));
    redis_.Kill();
    ASSERT_TRUE(redis_.StartAgain());
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  const auto fresh = Open("b");
  size_t count = 0;
  for (int i = 0; i < kWriters; ++i) {
    for (const int64_t number : acknowledged[i]) {
      EXPECT_EQ(ValueOf(*fresh, base::StrCat("all/w", i, "/", number)), "there") << "acknowledged, then lost";
    }
    count += acknowledged[i].size();
  }
  EXPECT_GT(count, kKills);
  EXPECT_EQ(Everything(*fresh), Everything(*store));
  EXPECT_EQ(ValueOf(*fresh, "hot"), base::StrCat(CounterOf(*fresh, "total"))) << "every commit once, whole";
  EXPECT_EQ(fresh->FeedEnd().sequence, CounterOf(*fresh, "total"));
  EXPECT_EQ(CounterOf(*fresh, "total"), static_cast<int64_t>(count)) << "restarts within the patience go unnoticed";
  std::printf("%d kills of Redis, %zu commits acknowledged, %d answers lost\n", kKills, count, lost_answers.load());
}

TEST_F(RedisStoreTest, RollbacksAreRefused) {
  const char* const text = std::getenv("ZHUXIAO_ROLLBACKS");
  const int rollbacks = text == nullptr ? 100 : std::atoi(text);
  ScratchDirectory saved;
  std::map<std::string, int> ways;
  absl::Duration slowest;
  for (int number = 0; number < rollbacks; ++number) {
    redis_.Ask({"FLUSHALL"});
    const std::string name = base::StrCat("r", number);
    auto store = Open(name);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(CommitNumbered(*store, "early", i).ok());
    Rollback rollback(redis_, RollbackWayOf(number), saved.path() + "/old");
    rollback.Save();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(CommitNumbered(*store, "late", i).ok());
    const std::string way = rollback.Do();
    ++ways[way];
    const absl::Time begin = absl::Now();
    ASSERT_TRUE(Eventually([&] { return absl::IsDataLoss(store->Condition()); })) << way << ": " << store->Condition();
    slowest = std::max(slowest, absl::Now() - begin);
    const CommitResult refused = PutNow(*store, "on top", "of a hole");
    EXPECT_TRUE(absl::IsDataLoss(refused.status)) << way << ": " << refused.status;
    EXPECT_EQ(CounterOf(*store, "total"), 10) << "the copy still shows what was acknowledged";
    store.reset();
    EXPECT_TRUE(absl::IsDataLoss(TryOpen(name).status())) << way << ", and after a restart of the replica";
  }
  for (const auto& [way, count] : ways) std::printf("%4d %s\n", count, way.c_str());
  std::printf("%d of %d rollbacks refused, the slowest after %s\n", rollbacks, rollbacks,
              absl::FormatDuration(slowest).c_str());
}

// Inverts a random byte of the append-only file.
void Damage(const std::string& directory, std::mt19937_64& random) {
  for (const auto& file : std::filesystem::directory_iterator(directory + "/appendonlydir")) {
    if (file.path().string().find(".incr.aof") == std::string::npos) continue;
    std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(random() % file.file_size());
    bytes.seekg(at);
    const int byte = bytes.get();
    bytes.seekp(at);
    bytes.put(static_cast<char>(~byte));
  }
}

TEST_F(RedisStoreTest, ACommandTornByAKillIsCutOffAndNothingElse) {
  auto store = Open("a");
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(CommitNumbered(*store, "w", i).ok());
  const std::string acknowledged = Everything(*store);
  store.reset();
  redis_.Kill();
  for (const auto& file : std::filesystem::directory_iterator(redis_.directory() + "/appendonlydir")) {
    if (file.path().string().find(".incr.aof") == std::string::npos) continue;
    std::ofstream(file.path(), std::ios::app) << "*3\r\n$3\r\nSET\r\n$4\r\ntorn\r\n$2000\r\nxxx";
  }
  EXPECT_FALSE(redis_.Start()) << "loads a cut file silently";
  ASSERT_TRUE(redis_.StartAgain());
  EXPECT_EQ(Everything(*Open("a")), acknowledged);
  EXPECT_EQ(Everything(*Open("b")), acknowledged) << "a new replica";
}

// Redis does not know a wrong byte in a value from a right one. A replica does not depend on it: what it acknowledged
// is in its copy, and what it reads from the log is checked by hash. One that is filled anew takes the rows as they
// are, applies the log, where that reaches back, and finds by their sum whether anything is still wrong.
TEST_F(RedisStoreTest, DamagedFilesChangeNothingAcknowledged) {
  constexpr int kTries = 24;
  constexpr int kCommits = 20;
  // Long, so that most damage is to them and not to what Redis itself would notice.
  const std::string long_text(300, 'v');
  // The last few commits.
  constexpr size_t kShortLogBytes = 2'000;
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(base::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  int refused_by_redis = 0;
  int refused_by_store = 0;
  int refused_to_new = 0;
  for (int number = 0; number < kTries; ++number) {
    const std::string name = base::StrCat("d", number);
    auto store = TryOpen(name, number % 2 == 0 ? SharedLog::kMaxLogBytes : kShortLogBytes).value();
    for (int i = 0; i < kCommits; ++i) {
      ASSERT_TRUE(RunTransaction(*store, [&](Transaction& transaction) {
                    transaction.Put(base::StrCat("row/", i), base::StrCat(i, long_text));
                    transaction.Append(base::StrCat(i, long_text));
                    return transaction.Add("total", 0, 1, {});
                  }).ok());
    }
    const std::string acknowledged = Everything(*store);
    store.reset();
    redis_.Kill();
    Damage(redis_.directory(), random);
    if (!redis_.Start()) {
      ++refused_by_redis;
    } else if (const auto again = TryOpen(name); again.ok()) {
      EXPECT_EQ(Everything(**again), acknowledged);
    } else {
      ++refused_by_store;
      EXPECT_TRUE(absl::IsDataLoss(again.status()) || absl::IsFailedPrecondition(again.status())) << again.status();
    }
    if (redis_.is_running()) {
      const auto anew = TryOpen(name + "-anew");
      if (anew.ok()) {
        EXPECT_EQ(Everything(**anew), acknowledged) << "a new replica believes what is damaged, try " << number;
      } else {
        ++refused_to_new;
        EXPECT_TRUE(absl::IsDataLoss(anew.status()) || absl::IsFailedPrecondition(anew.status())) << anew.status();
      }
    }
    redis_.Kill();
    std::filesystem::remove_all(redis_.directory() + "/appendonlydir");
    ASSERT_TRUE(redis_.Start());
  }
  std::printf(
      "%d bytes damaged: %d times Redis refuses to start, %d times a replica refuses Redis, %d times a new replica\n",
      kTries, refused_by_redis, refused_by_store, refused_to_new);
}

}  // namespace
}  // namespace zhuxiao::store
