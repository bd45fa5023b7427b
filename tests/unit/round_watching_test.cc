// Watches of rounds end: when there is nothing to wait for, when they took as long as one may; and a caller has a few.
#include "services/round/watching.h"

#include "tests/support/round_fixture.h"

namespace zhuxiao {
namespace {

using namespace round::v1;  // NOLINT: the values of its enums
using base::ErrorReason;
using testing::HasReason;
using testing::InstitutionOf;
using testing::Officer;
using ::testing::SizeIs;

class WatchingTest : public testing::RoundFixture {
 protected:
  // Watches to the end; each look at the clock is `step_seconds` after the one before.
  absl::Status Watch(const std::string& id, double step_seconds) {
    WatchRoundRequest request;
    request.set_round_id(id);
    double now = 0;
    return round::Watch(store_, request,
                        {.send =
                             [&](const WatchRoundResponse& response) {
                               seen_.push_back(response);
                               return true;
                             },
                         .is_gone = [] { return false; },
                         .now_seconds = [&] { return now += step_seconds; }});
  }

  std::vector<WatchRoundResponse> seen_;
};

TEST_F(WatchingTest, ARoundAtRestIsNotWatchedForEver) {
  const std::string id = OpenRound();
  EXPECT_TRUE(Watch(id, round::kLongestWatchSeconds / 2).ok());
  ASSERT_THAT(seen_, SizeIs(2));
  EXPECT_FALSE(seen_[0].is_cut_short());
  EXPECT_TRUE(seen_[1].is_cut_short());
  EXPECT_EQ(seen_[1].round().state(), ROUND_STATE_OPEN);
}

TEST_F(WatchingTest, ARoundThatIsOverIsSeenToItsEnd) {
  const std::string id = OpenRound();
  ASSERT_TRUE(CancelRound(id).ok());
  EXPECT_TRUE(Watch(id, round::kLongestWatchSeconds).ok());
  ASSERT_THAT(seen_, SizeIs(1));
  EXPECT_FALSE(seen_[0].is_cut_short());
}

TEST(WatchCountTest, ACallerHasAFewAtOnce) {
  round::WatchCount count;
  std::vector<std::shared_ptr<round::WatchCount::Place>> places;
  const auto begin = [&](const base::Caller& caller) {
    auto place = count.Begin(caller);
    if (place.ok()) places.push_back(*place);
    return place.status();
  };
  base::Caller other_token = InstitutionOf("school");
  other_token.token_id = "another";
  for (int i = 0; i < round::kMaxWatchesOfCaller; ++i) EXPECT_TRUE(begin(InstitutionOf("school")).ok());
  EXPECT_THAT(begin(InstitutionOf("school")), HasReason(ErrorReason::ERROR_REASON_OVERLOADED));
  EXPECT_THAT(begin(other_token), HasReason(ErrorReason::ERROR_REASON_OVERLOADED));
  EXPECT_TRUE(begin(InstitutionOf("hospital")).ok());
  EXPECT_TRUE(begin(Officer("14", "one")).ok());
  places.erase(places.begin());
  EXPECT_TRUE(begin(other_token).ok());
}

TEST(WatchCountTest, AWatchWhoseTaskNeverRanIsNotCounted) {
  round::WatchCount count;
  for (int i = 0; i < 2 * round::kMaxWatchesOfCaller; ++i) {
    auto place = count.Begin(InstitutionOf("school"));
    ASSERT_TRUE(place.ok()) << place.status();
    const std::function<void()> task = [place = *std::move(place)] {};
  }
}

TEST(WatchCountTest, AWatchMayOutliveTheCount) {
  auto count = std::make_unique<round::WatchCount>();
  const auto place = count->Begin(InstitutionOf("school"));
  count.reset();
  EXPECT_TRUE(place.ok());
}

}  // namespace
}  // namespace zhuxiao
