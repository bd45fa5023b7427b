// One client of a crash test: does random work of every kind of user, and insists on an answer to each request across
// the deaths of the server, always with the same request_id.
#pragma once

#include <memory>
#include <random>
#include <string>

#include "absl/time/time.h"
#include "tests/fault/trading_floor.h"

namespace zhuxiao::testing {

class Trader {
 public:
  // `number` tells this trader's request ids from the others'. `floor` outlives it.
  Trader(TradingFloor& floor, int number, uint64_t seed) : floor_(floor), number_(number), random_(seed) {}

  // Trades until the floor closes. The last request is answered when it returns.
  void Run();

  // What a report of the floor answers when it is made (again): sent until the server answers.
  reward::v1::ReportSalesResponse Report(const reward::v1::ReportSalesRequest& report);

 private:
  // The connection to the server's present life; waits while it has none.
  const Wire& Connect();

  // Sends the request, with a new request_id and as `organisation`, until it is answered. False where the answer is a
  // refusal.
  template <typename Message, typename Response>
  bool Ask(const std::string& method, const std::string& organisation, Message message, Response& response);
  Answer Insist(const Request& request);

  // The same for what changes nothing. False where it is refused, which nothing here should be.
  template <typename Message, typename Response>
  bool Read(const std::string& method, const std::string& organisation, const Message& message, Response& response);

  int64_t Roll(int64_t least, int64_t most);
  int64_t WeightOf(int64_t heads);
  bool Chance(int64_t one_in) { return Roll(1, one_in) == 1; }

  // Each does one thing; false where there is nothing to do it with.
  bool PlaceOrder();
  bool CancelOrder();
  bool Sign();
  bool Refuse();
  bool Ship();
  bool Accept();
  bool Settle();
  bool CreateListing();
  bool TakeOffMarket();
  bool LookAtListing();
  bool LookAtQuota();
  bool HoldStock();
  bool SellHold();
  bool ReleaseHold();
  bool ReportOnlineSales();

  TradingFloor& floor_;
  const int number_;
  std::mt19937_64 random_;
  int64_t minted_ = 0;
  int life_ = 0;
  // Of the last request: from when it was first sent until its answer, and the reason of a refusal.
  BalanceHistory::Span span_;
  base::ErrorReason reason_ = base::ErrorReason::ERROR_REASON_UNSPECIFIED;
  std::unique_ptr<Wire> wire_;
};

}  // namespace zhuxiao::testing
