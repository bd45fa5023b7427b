// The long run: days of trade on the embedded store and on Redis in turn, kill -9 again and again and other faults
// between, every day checked from outside. Prints totals at the end.
//   fault_marathon --kills 5000 --minutes 60
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "tests/fault/trading_day.h"
#include "tests/support/fault_page.h"
#include "tests/support/redis_process.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/seed.h"

namespace zhuxiao {
namespace {

using testing::TradingDay;

// Few enough that a day's answers and events are no burden, and that a short run sees both stores.
constexpr int64_t kMostFaultsADay = 60;
int FaultsADay(int64_t kills) { return static_cast<int>(std::clamp<int64_t>(kills * 2 / 3, 1, kMostFaultsADay)); }
// Of four faults three are kills.
constexpr uint64_t kKillShare = 4;
constexpr absl::Duration kPause = absl::Milliseconds(400);

struct Limits {
  int64_t kills = 20;
  int64_t minutes = 5;
};

Limits& GetLimits() {
  static Limits& limits = *new Limits;
  return limits;
}

struct Totals {
  std::map<std::string, int64_t> faults;
  int64_t days = 0;
  int64_t kills = 0;
  int64_t answers = 0;
  int64_t unanswered = 0;
  int64_t lost = 0;
  int64_t broken = 0;
};

// A fault and its name; true where all serves again.
struct Fault {
  std::string name;
  std::function<bool(TradingDay&)> strike;
};

class Marathon : public ::testing::Test {
 protected:
  bool IsOver() const { return totals_.kills >= GetLimits().kills || absl::Now() >= end_; }

  void Trade(testing::ServerProcess& server, const std::string& store, const std::vector<Fault>& kills,
             const std::vector<Fault>& others) {
    ASSERT_TRUE(server.Start());
    TradingDay day(server, TestSeed());
    day.Open();
    const auto strike = [&](int) {
      if (IsOver()) return true;
      const bool is_kill = day.Draw() % kKillShare != 0;
      const std::vector<Fault>& kinds = is_kill ? kills : others;
      const Fault& fault = kinds[day.Draw() % kinds.size()];
      ++totals_.faults[store + ": " + fault.name];
      totals_.kills += is_kill;
      return fault.strike(day);
    };
    day.TradeThrough(FaultsADay(GetLimits().kills), strike, kPause, end_);
    server.Kill();
    ASSERT_TRUE(server.Start());
    day.ExpectSoundBooks();
    ++totals_.days;
    totals_.answers += static_cast<int64_t>(day.floor().answers.size());
    totals_.unanswered += day.floor().unknown_count;
    totals_.lost += day.lost_count();
    totals_.broken += day.broken_count();
  }

  static bool Restart(testing::ServerProcess& server) {
    server.Kill();
    return server.Start();
  }

  static void Doze(TradingDay& day) { absl::SleepFor(absl::Milliseconds(day.Draw() % 1'000)); }

  void DayOnAnEmbeddedStore() {
    ScratchDirectory directory;
    ScratchDirectory faults;
    testing::FaultPage page(faults.path());
    testing::ServerProcess server(directory.path(), "", {.environment = page.environment()});
    const std::vector<Fault> kills = {{"server killed", [&](TradingDay&) { return Restart(server); }}};
    const std::vector<Fault> others = {{"server stopped for a while",
                                        [&](TradingDay& day) {
                                          server.Freeze();
                                          Doze(day);
                                          server.Thaw();
                                          return true;
                                        }},
                                       {"disk does not sync",
                                        [&](TradingDay& day) {
                                          page.FailSyncs(EIO);
                                          Doze(day);
                                          page.FailSyncs(0);
                                          return Restart(server);
                                        }},
                                       {"clock jumps", [&](TradingDay& day) {
                                          page.JumpClock(absl::Minutes(static_cast<int64_t>(day.Draw() % 20)));
                                          return true;
                                        }}};
    Trade(server, "embedded", kills, others);
  }

  void DayOnRedis() {
    ScratchDirectory directory;
    ScratchDirectory redis_directory;
    ScratchDirectory faults;
    testing::FaultPage page(faults.path());
    testing::RedisProcess redis(redis_directory.path(), {.environment = page.environment()});
    ASSERT_TRUE(redis.Start());
    testing::ServerProcess server(directory.path(), redis.url());
    const auto restart_redis = [&redis] {
      redis.Kill();
      return redis.StartAgain();
    };
    const std::vector<Fault> kills = {{"server killed", [&](TradingDay&) { return Restart(server); }},
                                      {"Redis killed", [&](TradingDay&) { return restart_redis(); }},
                                      {"both killed", [&](TradingDay&) {
                                         server.Kill();
                                         return restart_redis() && server.Start();
                                       }}};
    const std::vector<Fault> others = {{"Redis stopped for a while",
                                        [&](TradingDay& day) {
                                          redis.Freeze();
                                          Doze(day);
                                          redis.Thaw();
                                          return true;
                                        }},
                                       {"disk of Redis does not sync", [&](TradingDay&) {
                                          page.FailSyncs(EIO);
                                          const bool has_ended = redis.HasGivenUp();
                                          page.FailSyncs(0);
                                          return has_ended && redis.StartAgain();
                                        }}};
    Trade(server, "Redis", kills, others);
  }

  Totals totals_;
  const absl::Time end_ = absl::Now() + absl::Minutes(GetLimits().minutes);
};

TEST_F(Marathon, LosesNothing) {
  const absl::Time begin = absl::Now();
  for (int day = 0; !IsOver() && !HasFailure(); ++day) day % 2 == 0 ? DayOnAnEmbeddedStore() : DayOnRedis();
  std::printf("\nin %s and %lld days:\n",
              absl::FormatDuration(absl::Trunc(absl::Now() - begin, absl::Seconds(1))).c_str(),
              static_cast<long long>(totals_.days));
  for (const auto& [name, count] : totals_.faults) {
    std::printf("%10lld %s\n", static_cast<long long>(count), name.c_str());
  }
  std::printf(
      "%10lld kill -9\n%10lld attempts unanswered\n%10lld answers acknowledged\n%10lld of them lost\n"
      "%10lld sums broken\n",
      static_cast<long long>(totals_.kills), static_cast<long long>(totals_.unanswered),
      static_cast<long long>(totals_.answers), static_cast<long long>(totals_.lost),
      static_cast<long long>(totals_.broken));
}

}  // namespace

// Takes the options of this program off the command line; false where one has no number.
bool ParseLimits(int argc, char** argv) {
  for (int i = 1; i < argc; i += 2) {
    int64_t* limit = nullptr;
    if (std::string_view(argv[i]) == "--kills") limit = &GetLimits().kills;
    if (std::string_view(argv[i]) == "--minutes") limit = &GetLimits().minutes;
    if (limit == nullptr || i + 1 == argc) return false;
    *limit = std::atoll(argv[i + 1]);
  }
  return true;
}

}  // namespace zhuxiao

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (!zhuxiao::ParseLimits(argc, argv)) {
    std::fprintf(stderr, "usage: fault_marathon [--kills N] [--minutes M]\n");
    return 2;
  }
  return RUN_ALL_TESTS();
}
