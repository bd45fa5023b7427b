// Trade goes on through faults other than deaths: processes that stop for a while, disks that are full or do not sync,
// clocks that jump, and clients on bad lines. After each, everything the server said still holds. ZHUXIAO_FAULTS sets
// how many of each.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>

#include "absl/time/clock.h"
#include "services/base/clock.h"
#include "tests/fault/small_disk.h"
#include "tests/fault/trading_day.h"
#include "tests/support/eventually.h"
#include "tests/support/fault_page.h"
#include "tests/support/redis_process.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/seed.h"
#include "tests/support/tcp_proxy.h"

namespace zhuxiao {
namespace {

using testing::Eventually;
using testing::FaultPage;
using testing::TradingDay;

constexpr absl::Duration kPause = absl::Milliseconds(300);
// Smaller than what RocksDB would set aside for its next log, which would let it go on for a while on a full disk.
constexpr int kDiskMegabytes = 34;

constexpr int kEmbeddedFaults = 8;
constexpr int kRedisFaults = 20;

int FaultsOr(int count) {
  const char* const text = std::getenv("ZHUXIAO_FAULTS");
  return text == nullptr ? count : std::atoi(text);
}

// A day on a server over an embedded store.
class EmbeddedFaultsTest : public ::testing::Test {
 protected:
  void Trade(testing::ServerProcess& server, const TradingDay::Strike& strike) {
    ASSERT_TRUE(server.Start());
    TradingDay day(server, seed_);
    day.Open();
    day.TradeThrough(faults_, strike, kPause);
    server.Kill();
    ASSERT_TRUE(server.Start());
    books_ = day.ExpectSoundBooks();
  }

  bool Restart(testing::ServerProcess& server) {
    server.Kill();
    return server.Start();
  }

  void SleepUpTo(absl::Duration most) { absl::SleepFor(most * (static_cast<double>(random_() % 1'000) / 1'000)); }

  const uint64_t seed_ = TestSeed();
  std::mt19937_64 random_{seed_};
  ScratchDirectory directory_;
  testing::Books books_;  // at the end of the day
  int faults_ = FaultsOr(kEmbeddedFaults);
};

TEST_F(EmbeddedFaultsTest, ServerStopsForAWhile) {
  testing::ServerProcess server(directory_.path());
  Trade(server, [&](int) {
    server.Freeze();
    SleepUpTo(absl::Seconds(1));
    server.Thaw();
    return true;
  });
}

TEST_F(EmbeddedFaultsTest, DiskDoesNotSync) {
  ScratchDirectory faults;
  FaultPage page(faults.path());
  testing::ServerProcess server(directory_.path(), "", {.environment = page.environment()});
  Trade(server, [&](int) {
    page.FailSyncs(EIO);
    SleepUpTo(absl::Milliseconds(300));
    page.FailSyncs(0);
    // What the disk holds is not known before the log has been replayed, so the server has to be started anew.
    return Restart(server);
  });
}

TEST_F(EmbeddedFaultsTest, DiskIsFull) {
  const auto disk = testing::SmallDisk::Make(kDiskMegabytes);
  if (disk == nullptr) GTEST_SKIP() << "takes root to mount a small disk";
  const std::string data = disk->path() + "/data";
  std::filesystem::create_directory(data);
  testing::ServerProcess server(data);
  int refused_starts = 0;
  Trade(server, [&](int number) {
    disk->Fill();
    SleepUpTo(absl::Milliseconds(300));
    // Now and then it is started again before there is room.
    if (number % 3 == 0) refused_starts += Restart(server) ? 0 : 1;
    disk->Free();
    return Restart(server);
  });
  std::printf("%d starts without room refused\n", refused_starts);
}

TEST_F(EmbeddedFaultsTest, ClockJumps) {
  ScratchDirectory faults;
  FaultPage page(faults.path());
  testing::ServerProcess server(directory_.path(), "", {.environment = page.environment()});
  Trade(server, [&](int) {
    // Forth and back, but never behind the clients, whose certificates are a second old.
    page.JumpClock(absl::Minutes(static_cast<int64_t>(random_() % 20)));
    SleepUpTo(absl::Milliseconds(300));
    return true;
  });
  absl::Time newest;
  for (const auto& event : books_.events) newest = std::max(newest, base::FromProto(event.event().time()));
  EXPECT_GT(newest, absl::Now() + absl::Minutes(1)) << "the clock did not jump";
}

TEST_F(EmbeddedFaultsTest, ClientsHaveBadLines) {
  testing::ServerProcess server(directory_.path());
  ASSERT_TRUE(server.Start());
  testing::TcpProxy slow;
  testing::TcpProxy cut;
  slow.Slow(7, absl::Milliseconds(1));
  for (testing::TcpProxy* line : {&slow, &cut}) line->LeadTo(server.port());
  TradingDay day(server, seed_);
  day.Open();
  const testing::Request look{.method = "quota.v1.QuotaService/ListQuotaRules"};
  std::list<testing::TcpProxy> half_open;
  day.TradeThrough(
      faults_,
      [&](int) {
        // One that takes long to say anything, and is answered all the same.
        EXPECT_TRUE(testing::Wire(slow.port()).Send(look).ok());
        // One that was cut off after its first call: it is gone, the server is not told.
        testing::TcpProxy& line = half_open.emplace_back();
        line.LeadTo(server.port());
        auto gone = std::make_unique<testing::Wire>(line.port());
        EXPECT_TRUE(gone->Send(look).ok());
        line.Silence(true);
        gone.reset();
        // One that is cut in the middle of its calls, and comes again.
        const testing::Wire client(cut.port());
        EXPECT_TRUE(client.Send(look).ok());
        cut.Cut();
        EXPECT_TRUE(Eventually([&] { return client.Send(look).ok(); }));
        const size_t before = day.floor().answers.size();
        EXPECT_TRUE(Eventually([&] { return day.floor().answers.size() > before + 50; })) << "others are served";
        return true;
      },
      kPause);
  EXPECT_GT(slow.passed_bytes(), 0);
  day.ExpectSoundBooks();
}

// The same on Redis, whose own disk fails.
class RedisFaultsTest : public EmbeddedFaultsTest {
 protected:
  RedisFaultsTest() { faults_ = FaultsOr(kRedisFaults); }

  // `harm` makes Redis end, and `mend` undoes it.
  void TradeWhileRedisGivesUp(testing::RedisProcess& redis, const std::function<void()>& harm,
                              const std::function<void()>& mend) {
    ASSERT_TRUE(redis.Start());
    testing::ServerProcess server(directory_.path(), redis.url());
    const auto strike = [&](int) {
      harm();
      const bool has_ended = redis.HasGivenUp();
      EXPECT_TRUE(has_ended) << "Redis goes on without its disk";
      mend();
      return has_ended && redis.StartAgain();
    };
    Trade(server, strike);
  }

  ScratchDirectory redis_directory_;
};

TEST_F(RedisFaultsTest, DiskDoesNotSync) {
  ScratchDirectory faults;
  FaultPage page(faults.path());
  testing::RedisProcess redis(redis_directory_.path(), {.environment = page.environment()});
  TradeWhileRedisGivesUp(
      redis, [&] { page.FailSyncs(EIO); }, [&] { page.FailSyncs(0); });
}

TEST_F(RedisFaultsTest, DiskIsFull) {
  const auto disk = testing::SmallDisk::Make(4 * kDiskMegabytes);
  if (disk == nullptr) GTEST_SKIP() << "takes root to mount a small disk";
  testing::RedisProcess redis(disk->path());
  TradeWhileRedisGivesUp(
      redis, [&] { disk->Fill(); }, [&] { disk->Free(); });
}

}  // namespace
}  // namespace zhuxiao
