// The RocksDB store across its own end: closing, opening twice, newer data, killed processes and write errors.
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <future>
#include <random>
#include <thread>

#include "services/base/errors.h"
#include "services/store/request_log.h"
#include "services/store/rocksdb_store.h"
#include "tests/conformance/store_suite.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/seed.h"

namespace zhuxiao::store {
namespace {

constexpr char kCommitForever[] = "--commit-until-killed";
constexpr char kFillTheDisk[] = "--commit-until-the-disk-is-full";
constexpr int kWriters = 4;

std::unique_ptr<RocksDbStore> OpenStore(const std::string& directory) {
  return RocksDbStore::Open({.directory = directory}).value();
}

absl::Status CommitNumbered(Store& store, const std::string& writer, int64_t number) {
  return RunTransaction(store, [&](Transaction& transaction) {
    transaction.Put(base::StrCat("last/", writer), base::StrCat(number));
    transaction.Put(base::StrCat("all/", writer, "/", number), "there");
    transaction.Append(base::StrCat(writer, " ", number));
    return transaction.Add("total", 0, 1, {});
  });
}

// The child: several threads commit; each acknowledged number is written to stdout as "writer number\n".
int CommitUntilKilled(const std::string& directory) {
  const std::unique_ptr<RocksDbStore> store = OpenStore(directory);
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&store, name = base::StrCat("w", writer)] {
      const std::string last = ValueOf(*store, base::StrCat("last/", name));
      for (int64_t number = last == "(none)" ? 1 : std::stoll(last) + 1;; ++number) {
        if (!CommitNumbered(*store, name, number).ok()) _exit(2);
        // One write call a line: lines of several threads do not mix in a pipe.
        const std::string line = base::StrCat(name, " ", number, "\n");
        if (write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(3);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return 0;
}

// The child: commits until a write fails because files may not grow. Exits with 0 where the store then behaves.
int CommitUntilTheDiskIsFull(const std::string& directory) {
  signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{1 << 20, 1 << 20};
  const std::unique_ptr<RocksDbStore> store = OpenStore(directory);
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 4;
  int64_t number = 0;
  absl::Status status;
  while (status.ok()) {
    status = RunTransaction(*store, [&number](Transaction& transaction) {
      transaction.Put(base::StrCat("row/", ++number), std::string(100'000, 'v'));
      return absl::OkStatus();
    });
    if (number > 1000) return 5;
  }
  if (!absl::IsUnavailable(status)) return 6;
  if (!absl::IsUnavailable(PutNow(*store, "later", "refused").status)) return 7;
  if (ValueOf(*store, "row/1") == "(none)" || ValueOf(*store, base::StrCat("row/", number)) != "(none)") return 8;
  std::printf("%lld\n", static_cast<long long>(number - 1));
  std::fflush(stdout);
  return 0;
}

// Starts this program as a child with `mode`; its standard output is read from `output`.
pid_t Start(const char* mode, const std::string& directory, FILE** output) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    execl("/proc/self/exe", "store_crash_test", mode, directory.c_str(), nullptr);
    _exit(1);
  }
  close(ends[1]);
  *output = fdopen(ends[0], "r");
  return child;
}

int WaitFor(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

// Reads "writer number" lines up to the end: the last number of each writer.
std::map<std::string, int64_t> ReadAcknowledged(FILE* output) {
  std::map<std::string, int64_t> last;
  char writer[16];
  long long number = 0;
  while (std::fscanf(output, "%15s %lld", writer, &number) == 2) last[writer] = number;
  std::fclose(output);
  return last;
}

TEST(StoreCrash, EverythingAcknowledgedSurvivesKill) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(base::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  const ScratchDirectory directory;
  for (int round = 0; round < 8; ++round) {
    FILE* output = nullptr;
    const pid_t child = Start(kCommitForever, directory.path(), &output);
    absl::SleepFor(absl::Milliseconds(100 + random() % 300));
    kill(child, SIGKILL);
    WaitFor(child);
    const std::map<std::string, int64_t> acknowledged = ReadAcknowledged(output);

    const std::unique_ptr<RocksDbStore> store = OpenStore(directory.path());
    int64_t total = 0;
    for (int writer = 0; writer < kWriters; ++writer) {
      const std::string name = base::StrCat("w", writer);
      const std::string last = ValueOf(*store, base::StrCat("last/", name));
      if (last == "(none)") {
        EXPECT_FALSE(acknowledged.contains(name));
        continue;
      }
      if (acknowledged.contains(name)) {
        EXPECT_GE(std::stoll(last), acknowledged.at(name));
      }
      for (int64_t number = 1; number <= std::stoll(last); ++number) {
        EXPECT_EQ(ValueOf(*store, base::StrCat("all/", name, "/", number)), "there");
      }
      total += std::stoll(last);
    }
    // Row, counter and event of one commit are there together or not at all.
    EXPECT_EQ(CounterOf(*store, "total"), total);
    EXPECT_EQ(store->FeedEnd().sequence, static_cast<uint64_t>(total));
  }
  EXPECT_GT(CounterOf(*OpenStore(directory.path()), "total"), 0);
}

TEST(StoreCrash, WriteErrorStopsCommitsAndKeepsWhatWasAcknowledged) {
  const ScratchDirectory directory;
  FILE* output = nullptr;
  const pid_t child = Start(kFillTheDisk, directory.path(), &output);
  const int status = WaitFor(child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  long long acknowledged = 0;
  EXPECT_EQ(std::fscanf(output, "%lld", &acknowledged), 1);
  std::fclose(output);
  const std::unique_ptr<RocksDbStore> store = OpenStore(directory.path());
  for (long long number = 1; number <= acknowledged; ++number) {
    EXPECT_NE(ValueOf(*store, base::StrCat("row/", number)), "(none)");
  }
  EXPECT_TRUE(PutNow(*store, "later", "accepted").status.ok());
}

TEST(StoreReopen, FindsRowsCountersEventsAndRequests) {
  const ScratchDirectory directory;
  const auto run_once = [](Store& store, const std::string& answer) {
    const auto response = std::make_shared<std::promise<absl::StatusOr<std::string>>>();
    RunOnce(
        store, {"tenant", "r1", "/m", "content", absl::Now()},
        [&](Transaction&) -> absl::StatusOr<std::string> { return answer; },
        [response](absl::StatusOr<std::string> result) { response->set_value(std::move(result)); });
    return response->get_future().get().value_or("error");
  };
  {
    const std::unique_ptr<RocksDbStore> store = OpenStore(directory.path());
    for (int64_t number = 1; number <= 10; ++number) ASSERT_TRUE(CommitNumbered(*store, "w", number).ok());
    EXPECT_EQ(run_once(*store, "first"), "first");
  }
  const std::unique_ptr<RocksDbStore> store = OpenStore(directory.path());
  EXPECT_EQ(ValueOf(*store, "last/w"), "10");
  EXPECT_EQ(CounterOf(*store, "total"), 10);
  EXPECT_EQ(run_once(*store, "second"), "first");
  EXPECT_EQ(store->FeedEnd(), (Position{1, 10}));
  EXPECT_EQ(store->ReadFeed({1, 8}, 5).value().size(), 2);
  ASSERT_TRUE(CommitNumbered(*store, "w", 11).ok());
  const std::vector<FeedEntry> entries = store->ReadFeed({1, 9}, 5).value();
  ASSERT_EQ(entries.size(), 2);
  EXPECT_EQ(entries[1].position, (Position{1, 11})) << "numbers continue after a restart";
  EXPECT_EQ(entries[1].payload, "w 11");
}

TEST(StoreReopen, FinishesAcceptedCommitsAndRefusesLaterOnes) {
  const ScratchDirectory directory;
  std::atomic<int> acknowledged = 0;
  std::atomic<int> answered = 0;
  std::unique_ptr<RocksDbStore> store = OpenStore(directory.path());
  for (int i = 0; i < 500; ++i) {
    Transaction transaction = Begin(*store);
    transaction.Add("total", 0, 1, {}).IgnoreError();
    store->Commit(std::move(transaction), [&](CommitResult result) {
      ++answered;
      if (result.status.ok()) ++acknowledged;
    });
  }
  store.reset();
  EXPECT_EQ(answered, 500);
  EXPECT_EQ(CounterOf(*OpenStore(directory.path()), "total"), acknowledged);
}

TEST(StoreReopen, FullQueueAnswersOverloaded) {
  const ScratchDirectory directory;
  const std::unique_ptr<RocksDbStore> store =
      RocksDbStore::Open({.directory = directory.path(), .queue_capacity = 1}).value();
  std::atomic<int> overloaded = 0;
  std::atomic<int> left = 300;
  for (int i = 0; i < 300; ++i) {
    Transaction transaction = Begin(*store);
    transaction.Put("row", "value");
    store->Commit(std::move(transaction), [&](CommitResult result) {
      if (base::ReasonOf(result.status) == base::ErrorReason::ERROR_REASON_OVERLOADED) ++overloaded;
      --left;
    });
  }
  while (left > 0) std::this_thread::yield();
  EXPECT_GT(overloaded, 0);
}

TEST(StoreReopen, RefusesADirectoryInUse) {
  const ScratchDirectory directory;
  const std::unique_ptr<RocksDbStore> store = OpenStore(directory.path());
  const absl::Status status = RocksDbStore::Open({.directory = directory.path()}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_NE(status.message().find("in use by another process"), absl::string_view::npos) << status;
}

TEST(StoreReopen, RefusesAMissingDatabaseUnlessToldToMakeOne) {
  const ScratchDirectory directory;
  const absl::Status status =
      RocksDbStore::Open({.directory = directory.path() + "/none", .create_if_missing = false}).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
}

TEST(StoreReopen, RefusesDataOfANewerProgram) {
  const ScratchDirectory directory;
  OpenStore(directory.path()).reset();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open({}, directory.path(), {{"default", {}}, {"system", {}}}, &handles, &db).ok());
  ASSERT_TRUE(db->Put({}, handles[1], "format", "2").ok());
  for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  delete db;
  const absl::Status status = RocksDbStore::Open({.directory = directory.path()}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_NE(status.message().find("newer program"), absl::string_view::npos) << status;
}

}  // namespace

int Main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == kCommitForever) return CommitUntilKilled(argv[2]);
  if (argc == 3 && std::string_view(argv[1]) == kFillTheDisk) return CommitUntilTheDiskIsFull(argv[2]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

}  // namespace zhuxiao::store

int main(int argc, char** argv) { return zhuxiao::store::Main(argc, argv); }
