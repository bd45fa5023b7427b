// A day of trade on a server that faults are done to: sixteen clients who do everything clients do, and at the end
// every check from outside of what the server said and what its books hold.
#pragma once

#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tests/e2e/market_client.h"
#include "tests/fault/book_checks.h"
#include "tests/fault/server_process.h"
#include "tests/fault/trading_floor.h"

namespace zhuxiao::testing {

// Not thread-safe. Failures are those of GoogleTest.
class TradingDay : public MarketClient {
 public:
  // Prints the seed, which replays the choices of clients and faults, though not the interleaving of processes.
  // `server` outlives the day.
  TradingDay(ServerProcess& server, uint64_t seed);

  int port() const override { return server_.port(); }
  std::string token_file() const override { return server_.directory() + "/tokens"; }

  // Sets the market up on a new server: farms, canteens, a platform, a paid claim that refunds eat up.
  void Open();

  // Does a fault; true where all serves again. A false ends the process: the clients would wait for ever.
  using Strike = std::function<bool(int number)>;

  // Lets the clients work, strikes again and again with pauses of up to `pause`, and returns when `strikes` are done or
  // `until` is past, and every request is answered. After each strike some answers are asked for again.
  void TradeThrough(int strikes, const Strike& strike, absl::Duration pause = absl::Milliseconds(1'200),
                    absl::Time until = absl::InfiniteFuture());

  // Fails where anything is not as it was said to be: an answer that is another when asked for again; an answer no
  // client should get; an effect missing or doubled; a sale not as reported; sums, the feed, verify; balances that no
  // order of what happened explains. Prints totals. The books.
  Books ExpectSoundBooks();

  // A random number for a fault.
  uint64_t Draw() { return random_(); }

  TradingFloor& floor() { return floor_; }

  // What was done so far, for a line of totals.
  int strike_count() const { return strike_count_; }
  // Answers found changed or without their effect by ExpectSoundBooks.
  int64_t lost_count() const { return lost_count_; }
  // Sums and findings that did not hold: oversold, overspent and the like.
  int64_t broken_count() const { return broken_count_; }

 private:
  void EarnReward();
  void PublishPolicy();
  // Passes a claim as that officer.
  template <typename Request, typename Response>
  void Pass(const std::string& officer, const std::string& claim_id);

  // Sends requests again, the newest and some others; each must be answered as it was.
  void RepeatSome();
  void Repeat(const std::vector<size_t>& indexes);

  // Every answer given has exactly the effect it told of: one event for a success, none for a refusal, by request_id.
  std::vector<std::string> EffectsNotOnce(const Books& books);
  // Reports every sale once more, which must change nothing.
  std::vector<std::string> ReportAgain();
  // Every sale reported is in the books once, with the sum of its refunds.
  std::vector<std::string> SalesNotOnce(const Books& books);

  void PrintTotals(const Books& books);

  ServerProcess& server_;
  const uint64_t seed_;
  std::mt19937_64 random_;
  TradingFloor floor_;
  Tally changed_;
  std::map<std::string, std::pair<int64_t, int64_t>> reported_;  // amount and refunds in fen, by order number
  int strike_count_ = 0;
  int64_t lost_count_ = 0;
  int64_t broken_count_ = 0;
};

}  // namespace zhuxiao::testing
