// The book that follows the feed: what it does about a feed that is late, whatever made it late.
#include "tests/support/fault_store.h"
#include "tests/support/market_fixture.h"

namespace zhuxiao {
namespace {

// Shows nothing new on its feed until it was waited for in vain so often: as to a waiter whose process was stopped
// between a commit and its events, or whose clock was put forward.
class LateStore final : public store::FaultStore {
 public:
  LateStore(store::Store& store, int vain_waits)
      : FaultStore(store, [](int) { return store::CommitFault::kNone; }), shown_(store.FeedEnd()), left_(vain_waits) {}

  absl::StatusOr<std::vector<store::FeedEntry>> ReadFeed(store::Position after, size_t limit) override {
    if (left_ > 0 && after >= shown_) return std::vector<store::FeedEntry>();
    return FaultStore::ReadFeed(after, limit);
  }
  bool WaitFeed(store::Position after, absl::Time deadline) override {
    if (left_ > 0) --left_;
    return left_ == 0 && FaultStore::WaitFeed(after, deadline);
  }

 private:
  const store::Position shown_;
  int left_;
};

class OrderMarketTest : public testing::MarketFixture {
 protected:
  // Of a book whose feed is late by so many waits, once there is something new.
  absl::Status AdvanceOver(int vain_waits) {
    LateStore late(store_, vain_waits);
    auto market = order::Market::Load(late, matching::DefaultMatchPolicy());
    if (!market.ok()) return market.status();
    List(kEggFarm, Eggs(100));
    const absl::Status advanced = (*market)->Advance(store_.FeedEnd(), base::DayOf(clock_.Now()));
    if (advanced.ok()) {
      EXPECT_EQ((*market)->position(), store_.FeedEnd());
    }
    return advanced;
  }
};

TEST_F(OrderMarketTest, AFeedThatIsLateIsWaitedFor) {
  EXPECT_TRUE(AdvanceOver(0).ok());
  EXPECT_TRUE(AdvanceOver(1).ok());
  EXPECT_TRUE(AdvanceOver(9).ok());
}

TEST_F(OrderMarketTest, AFeedThatNeverComesIsBroken) { EXPECT_TRUE(absl::IsDataLoss(AdvanceOver(1'000))); }

}  // namespace
}  // namespace zhuxiao
