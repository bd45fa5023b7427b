// Upkeep fills standing orders whenever something changed that may fill them, also what changed while it did not work.
#include "services/server/maintenance.h"

#include <optional>

#include "absl/time/clock.h"
#include "tests/support/eventually.h"
#include "tests/support/market_fixture.h"

namespace zhuxiao {
namespace {

class MaintenanceTest : public testing::MarketFixture {
 protected:
  void SetUp() override {
    MarketFixture::SetUp();
    auto stalls = stall::Upkeep::Load(store_, clock_.Now());
    ASSERT_TRUE(stalls.ok()) << stalls.status();
    stalls_ = *std::move(stalls);
  }

  void Start() { maintenance_.emplace(environment_, *market_, *stalls_, facts_, std::vector<round::ScheduleRow>()); }

  std::string StandingOrder() {
    order::v1::Order order = EggOrder(100);
    *order.mutable_standing_until() = base::ToProto(clock_.Now() + absl::Hours(48));
    const auto placed = Place(kSchool, order);
    EXPECT_TRUE(placed.ok()) << placed.status();
    return placed.ok() ? placed->order().order_id() : "";
  }

  bool IsFilled(const std::string& order_id) {
    return testing::Eventually([&] { return OrderNow(order_id).state() == order::v1::ORDER_STATE_FILLED; },
                               absl::Seconds(10));
  }

  api::Environment environment_{store_, clock_, random_};
  std::unique_ptr<stall::Upkeep> stalls_;
  report::DailyFacts facts_{store_};
  std::optional<server::Maintenance> maintenance_;
};

TEST_F(MaintenanceTest, GoodsThatCameBeforeTheStartFillOrders) {
  const std::string id = StandingOrder();
  List(kEggFarm, Eggs(100));
  ASSERT_TRUE(market_->Advance(store_.FeedEnd(), base::DayOf(clock_.Now())).ok());
  market_->TakeReplenished();  // as of a process that ended before it used them
  Start();
  EXPECT_TRUE(IsFilled(id));
}

TEST_F(MaintenanceTest, GoodsThatCameWhileAnotherHeldTheLeaseFillOrders) {
  ASSERT_TRUE(store::AcquireLease(store_, "maintenance", "one-that-died", clock_.Now(), absl::Seconds(15)).ok());
  const std::string id = StandingOrder();
  Start();
  List(kEggFarm, Eggs(100));
  ASSERT_TRUE(testing::Eventually([&] { return market_->position() >= store_.FeedEnd(); }));
  absl::SleepFor(absl::Milliseconds(200));  // passes over what the book told, which find the lease held
  EXPECT_EQ(OrderNow(id).state(), order::v1::ORDER_STATE_STANDING);
  clock_.Advance(absl::Seconds(20));
  EXPECT_TRUE(IsFilled(id));
}

TEST_F(MaintenanceTest, ALimitThatWasRaisedFillsOrders) {
  SetLimit(kSchool, 100);
  List(kEggFarm, Eggs(100));
  const std::string id = StandingOrder();
  Start();
  absl::SleepFor(absl::Milliseconds(200));
  SetLimit(kSchool, 100 * 340);
  EXPECT_TRUE(IsFilled(id));
}

}  // namespace
}  // namespace zhuxiao
