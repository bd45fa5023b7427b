// Kills the server again and again under sixteen clients: every answer it gave stays given, and the books stay right.
// On the embedded store, and on Redis, where what is struck is the server, Redis, both, or Redis only falls asleep.
// ZHUXIAO_KILLS sets how often.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "absl/time/clock.h"
#include "tests/fault/trading_day.h"
#include "tests/support/redis_process.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/seed.h"

namespace zhuxiao {
namespace {

// 200 kills of the embedded store, and 20 faults of each of the four kinds on Redis.
constexpr int kKills = 200;
constexpr int kRedisFaults = 80;
// Fewer need not have seen everything.
constexpr int kEnough = 30;

int FaultsOr(int count) {
  const char* text = std::getenv("ZHUXIAO_KILLS");
  return text == nullptr ? count : std::atoi(text);
}

void ExpectAllWasDone(testing::TradingDay& day) {
  const std::map<std::string, int64_t> outcomes = day.floor().outcomes.counts();
  for (const auto& [name, count] : outcomes) std::printf("%8lld %s\n", static_cast<long long>(count), name.c_str());
  if (day.strike_count() < kEnough) return;
  EXPECT_GT(day.floor().unknown_count, 0) << "no fault met a request";
  for (const char* name : {"PlaceOrder", "SignContract", "RefuseContract", "ShipContract", "AcceptContract",
                           "SettleContract", "CreateListing", "HoldStock", "SellHold", "ReleaseHold", "ReportSales"}) {
    EXPECT_TRUE(outcomes.contains(name)) << name << " never went through";
  }
}

TEST(ServerCrashTest, EmbeddedAnswersAndBooksSurviveKills) {
  ScratchDirectory directory;
  testing::ServerProcess server(directory.path());
  ASSERT_TRUE(server.Start());
  testing::TradingDay day(server, TestSeed());
  day.Open();
  const auto kill = [&server](int) {
    server.Kill();
    return server.Start();
  };
  day.TradeThrough(FaultsOr(kKills), kill, absl::Milliseconds(700));
  // One more death with nobody at work: from here on the books stand still.
  ASSERT_TRUE(kill(0));
  day.ExpectSoundBooks();
  ExpectAllWasDone(day);
}

TEST(ServerCrashTest, AnswersAndBooksOnRedisSurviveKills) {
  ScratchDirectory redis_directory;
  ScratchDirectory directory;
  testing::RedisProcess redis(redis_directory.path());
  ASSERT_TRUE(redis.Start());
  testing::ServerProcess server(directory.path(), redis.url());
  ASSERT_TRUE(server.Start());
  testing::TradingDay day(server, TestSeed());
  day.Open();
  const auto strike = [&](int number) {
    const int kind = number % 4;
    if (kind == 3) {
      redis.Freeze();
      absl::SleepFor(absl::Milliseconds(day.Draw() % 1'500));
      redis.Thaw();
      return true;
    }
    if (kind != 1) server.Kill();
    if (kind != 0) {
      redis.Kill();
      if (!redis.StartAgain()) return false;
    }
    return kind == 1 || server.Start();
  };
  day.TradeThrough(FaultsOr(kRedisFaults), strike, absl::Milliseconds(700));
  ASSERT_TRUE(strike(2));
  day.ExpectSoundBooks();
  ExpectAllWasDone(day);
}

}  // namespace
}  // namespace zhuxiao
