// A small market with clearing rounds: shortcuts for the steps of a round, and its work over any store.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "services/round/operations.h"
#include "services/round/prices.h"
#include "services/round/reading.h"
#include "services/round/states.h"
#include "services/round/work.h"
#include "tests/support/market_fixture.h"

namespace zhuxiao::testing {

class RoundFixture : public MarketFixture {
 protected:
  void SetUp() override {
    MarketFixture::SetUp();
    LoadMarket();
  }

  // The market as a server that starts now has it.
  void LoadMarket() {
    auto market = order::Market::Load(store_, matching::DefaultMatchPolicy(), &prices_);
    ASSERT_TRUE(market.ok()) << market.status();
    market_ = *std::move(market);
  }

  // An order for `jin` jin of eggs that waits for the next round.
  order::v1::Order AwaitingOrder(int64_t jin) const {
    order::v1::Order order = EggOrder(jin);
    order.set_awaits_round(true);
    *order.mutable_standing_until() = base::ToProto(clock_.Now() + absl::Hours(24 * 4));
    return order;
  }

  std::string PlaceId(const std::string& buyer, const order::v1::Order& order) {
    auto placed = Place(buyer, order);
    EXPECT_TRUE(placed.ok()) << placed.status();
    return placed.ok() ? placed->order().order_id() : "";
  }

  absl::StatusOr<round::v1::OpenRoundResponse> TryOpen(const base::Caller& caller, const std::string& region = "",
                                                       bool is_automatic = false) {
    round::v1::OpenRoundRequest request;
    request.set_region_code(region);
    request.set_is_automatic(is_automatic);
    return Do(caller, round::Open, request);
  }

  std::string OpenRound(bool is_automatic = false, const std::string& region = "") {
    auto opened = TryOpen(Operator(), region, is_automatic);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? opened->round().round_id() : "";
  }

  template <typename Request, typename Function>
  absl::Status Step(const base::Caller& caller, const Function& function, const std::string& round_id) {
    Request request;
    request.set_round_id(round_id);
    return Do(caller, function, request).status();
  }
  absl::Status CloseRound(const std::string& id, const base::Caller& caller = Operator()) {
    return Step<round::v1::CloseRoundRequest>(caller, round::Close, id);
  }
  absl::Status ClearRound(const std::string& id, const base::Caller& caller = Operator()) {
    return Step<round::v1::ClearRoundRequest>(caller, round::Clear, id);
  }
  absl::Status SettleRound(const std::string& id, const base::Caller& caller = Operator()) {
    return Step<round::v1::SettleRoundRequest>(caller, round::Settle, id);
  }
  absl::Status CancelRound(const std::string& id, const base::Caller& caller = Operator()) {
    return Step<round::v1::CancelRoundRequest>(caller, round::Cancel, id);
  }

  // One try at the work of a round over `store`, which stands in front of the fixture's.
  absl::Status WorkOver(store::Store& store, const std::string& id) {
    round::Work work({store, clock_, random_, *market_}, {.guard = [](store::Transaction&) { return absl::OkStatus(); },
                                                          .is_stopped = [] { return false; },
                                                          .rows_at_once = rows_at_once_});
    return work.Advance(id);
  }

  // Does the work of a round's state.
  void Work(const std::string& id) {
    const absl::Status worked = WorkOver(store_, id);
    EXPECT_TRUE(worked.ok()) << worked;
  }

  // A round brought to CLEARED.
  std::string ClearedRound() {
    const std::string id = OpenRound();
    EXPECT_TRUE(CloseRound(id).ok());
    Work(id);
    EXPECT_TRUE(ClearRound(id).ok());
    Work(id);
    EXPECT_EQ(RoundNow(id).state(), round::v1::ROUND_STATE_CLEARED);
    return id;
  }

  // Settles a cleared round to its end.
  void SettleWhole(const std::string& id) {
    EXPECT_TRUE(SettleRound(id).ok());
    Work(id);
    EXPECT_EQ(RoundNow(id).state(), round::v1::ROUND_STATE_SETTLED);
  }

  round::v1::Round RoundNow(const std::string& id) {
    auto round = See([&](store::Reader& reader) { return round::ReadRound(reader, id); });
    EXPECT_TRUE(round.ok()) << round.status();
    return round.ok() ? *round : round::v1::Round();
  }

  std::vector<round::v1::RoundLine> LinesOf(const std::string& id, const base::Caller& caller = Auditor()) {
    round::v1::ListRoundLinesRequest request;
    request.set_round_id(id);
    auto lines = See([&](store::Reader& reader) {
      return round::ListRoundLines(reader, caller, request, store::PageRequest{.size = 1'000});
    });
    EXPECT_TRUE(lines.ok()) << lines.status();
    if (!lines.ok()) return {};
    return {lines->response.lines().begin(), lines->response.lines().end()};
  }

  size_t rows_at_once_ = round::kRowsAtOnce;  // of the work

 private:
  const round::SettledPrices prices_;
};

}  // namespace zhuxiao::testing
