// The long run: days of trade on the embedded store and on Redis in turn, some of them beside each other, kill -9 again
// and again and other faults between, every day checked from outside. Prints totals at the end.
//   fault_marathon --kills 5000 --minutes 60
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
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
// Markets beside each other, each with a server and a store of its own: a fault is mostly waiting for a process. A
// short run needs no more than one on each store.
constexpr int64_t kFewestMarkets = 2;
constexpr int64_t kMostMarkets = 4;
int64_t MarketsFor(int64_t kills) { return std::clamp(kills / kMostFaultsADay, kFewestMarkets, kMostMarkets); }
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

// What all markets have done so far. Thread-safe.
class Totals {
 public:
  // False where enough was done, by now or with the faults under way.
  bool Begin(const std::string& fault, bool is_kill) {
    const absl::MutexLock guard(&lock_);
    if (IsOverLocked()) return false;
    ++faults_[fault];
    kills_ += is_kill;
    return true;
  }

  // The number of the next day; nothing where enough was done.
  std::optional<int> BeginDay() {
    const absl::MutexLock guard(&lock_);
    if (IsOverLocked() || ::testing::Test::HasFailure()) return std::nullopt;
    return day_++;
  }

  void Add(TradingDay& day) {
    const absl::MutexLock guard(&lock_);
    ++checked_days_;
    answers_ += static_cast<int64_t>(day.floor().answers.size());
    unanswered_ += day.floor().unknown_count;
    lost_ += day.lost_count();
    broken_ += day.broken_count();
  }

  void Print() const {
    const absl::MutexLock guard(&lock_);
    std::printf("\nin %s and %lld days:\n",
                absl::FormatDuration(absl::Trunc(absl::Now() - begin_, absl::Seconds(1))).c_str(),
                static_cast<long long>(checked_days_));
    for (const auto& [name, count] : faults_) {
      std::printf("%10lld %s\n", static_cast<long long>(count), name.c_str());
    }
    std::printf(
        "%10lld kill -9\n%10lld attempts unanswered\n%10lld answers acknowledged\n%10lld of them lost\n"
        "%10lld sums broken\n",
        static_cast<long long>(kills_), static_cast<long long>(unanswered_), static_cast<long long>(answers_),
        static_cast<long long>(lost_), static_cast<long long>(broken_));
  }

  absl::Time end() const { return end_; }

 private:
  bool IsOverLocked() const { return kills_ >= GetLimits().kills || absl::Now() >= end_; }

  const absl::Time begin_ = absl::Now();
  const absl::Time end_ = begin_ + absl::Minutes(GetLimits().minutes);
  mutable absl::Mutex lock_;
  std::map<std::string, int64_t> faults_;
  int day_ = 0;
  int64_t checked_days_ = 0;
  int64_t kills_ = 0;
  int64_t answers_ = 0;
  int64_t unanswered_ = 0;
  int64_t lost_ = 0;
  int64_t broken_ = 0;
};

// A fault and its name; true where all serves again.
struct Fault {
  std::string name;
  std::function<bool(TradingDay&)> strike;
};

// Days of trade one after the other, as long as there is one to begin.
class Market {
 public:
  explicit Market(Totals& totals) : totals_(totals) {}

  void Run() {
    while (const std::optional<int> day = totals_.BeginDay()) {
      number_ = *day;
      number_ % 2 == 0 ? DayOnAnEmbeddedStore() : DayOnRedis();
    }
  }

 private:
  void Trade(testing::ServerProcess& server, const std::string& store, const std::vector<Fault>& kills,
             const std::vector<Fault>& others) {
    ASSERT_TRUE(server.Start());
    TradingDay day(server, seed_ + static_cast<uint64_t>(number_));
    day.Open();
    const auto strike = [&](int) {
      const bool is_kill = day.Draw() % kKillShare != 0;
      const std::vector<Fault>& kinds = is_kill ? kills : others;
      const Fault& fault = kinds[day.Draw() % kinds.size()];
      if (!totals_.Begin(store + ": " + fault.name, is_kill) || fault.strike(day)) return true;
      totals_.Print();  // the process ends here
      return false;
    };
    day.TradeThrough(FaultsADay(GetLimits().kills), strike, kPause, totals_.end());
    server.Kill();
    ASSERT_TRUE(server.Start());
    day.ExpectSoundBooks();
    totals_.Add(day);
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

  Totals& totals_;
  const uint64_t seed_ = TestSeed();
  int number_ = 0;
};

TEST(Marathon, LosesNothing) {
  Totals totals;
  std::vector<std::thread> markets;
  for (int64_t i = 0; i < MarketsFor(GetLimits().kills); ++i) {
    markets.emplace_back([&totals] { Market(totals).Run(); });
  }
  for (std::thread& market : markets) market.join();
  totals.Print();
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
