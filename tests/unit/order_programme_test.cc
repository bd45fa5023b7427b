// Orders for goods of a programme: the day of the contract decides, whenever the goods were listed and the list was
// published.
#include "tests/support/market_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using ::testing::ElementsAre;
using testing::HasReason;

class ProgrammeTest : public testing::MarketFixture {
 protected:
  absl::StatusOr<order::v1::PlaceOrderResponse> PlaceDesignated() {
    order::v1::Order order = EggOrder(10);
    order.set_required_programme("relief");
    return Place(kSchool, order);
  }

  void ExpectNotDesignated() {
    const auto placed = PlaceDesignated();
    EXPECT_THAT(placed, HasReason(ErrorReason::ERROR_REASON_NOTHING_MATCHED));
    EXPECT_EQ(base::MetadataOf(placed.status(), "binding"), "REFUSAL_REASON_NOT_DESIGNATED");
  }

  void ExpectDesignated() {
    const auto placed = PlaceDesignated();
    ASSERT_TRUE(placed.ok()) << placed.status();
    ASSERT_EQ(placed->contracts(0).eligibility_size(), 1);
    EXPECT_EQ(placed->contracts(0).eligibility(0).programme(), "relief");
  }
};

TEST_F(ProgrammeTest, AListPublishedAfterTheListingCounts) {
  List(kEggFarm, Eggs(100));
  ExpectNotDesignated();
  Designate("relief", kEggVillage, "2020-01-01");
  ExpectDesignated();
}

TEST_F(ProgrammeTest, AListThatEndedSinceTheListingDoesNotCount) {
  Designate("relief", kEggVillage, "2020-01-01", "2020-03-02");
  List(kEggFarm, Eggs(100));
  ExpectDesignated();
  clock_.Advance(absl::Hours(24));
  ExpectNotDesignated();
  const auto any = Place(kSchool, EggOrder(10));
  ASSERT_TRUE(any.ok()) << any.status();
  EXPECT_EQ(any->contracts(0).eligibility_size(), 0);
}

TEST_F(ProgrammeTest, AListCountsFromItsFirstDay) {
  Designate("relief", kEggVillage, "2020-03-03", "2020-03-03");
  List(kEggFarm, Eggs(100));
  ExpectNotDesignated();
  clock_.Advance(absl::Hours(24));
  ExpectDesignated();
  clock_.Advance(absl::Hours(24));
  ExpectNotDesignated();
}

TEST_F(ProgrammeTest, GoodsOfAPlaceThatIsNewAreOfTodaysProgrammes) {
  Designate("relief", kEggVillage, "2020-03-03");
  EXPECT_FALSE(Place(kSchool, EggOrder(10)).ok()) << "there is nothing yet";
  clock_.Advance(absl::Hours(48));
  List(kEggFarm, Eggs(100));
  ExpectDesignated();
}

TEST_F(ProgrammeTest, TheContractsDayDecidesWhereTheBookIsAhead) {
  Designate("relief", kEggVillage, "2020-03-03");
  List(kEggFarm, Eggs(100));
  ASSERT_TRUE(market_->Advance(store_.FeedEnd(), base::DayOf(clock_.Now()) + 1).ok());
  ExpectNotDesignated();
  clock_.Advance(absl::Hours(24));
  ExpectDesignated();
}

TEST_F(ProgrammeTest, GoodsThatComeToCountAreWorthATry) {
  List(kEggFarm, Eggs(100));
  const base::Day today = base::DayOf(clock_.Now());
  ASSERT_TRUE(market_->Advance(store_.FeedEnd(), today).ok());
  market_->TakeReplenished();
  Designate("relief", kEggVillage, "2020-01-01", "2020-03-04");
  ASSERT_TRUE(market_->Advance(store_.FeedEnd(), today).ok());
  EXPECT_THAT(market_->TakeReplenished(), ElementsAre("egg"));
  ASSERT_TRUE(market_->Advance(store_.FeedEnd(), today + 2).ok());
  EXPECT_THAT(market_->TakeReplenished(), ElementsAre());
}

}  // namespace
}  // namespace zhuxiao
