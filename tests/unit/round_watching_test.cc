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
  base::Caller other_token = InstitutionOf("school");
  other_token.token_id = "another";
  for (int i = 0; i < round::kMaxWatchesOfCaller; ++i) EXPECT_TRUE(count.Begin(InstitutionOf("school")).ok());
  EXPECT_THAT(count.Begin(InstitutionOf("school")), HasReason(ErrorReason::ERROR_REASON_OVERLOADED));
  EXPECT_THAT(count.Begin(other_token), HasReason(ErrorReason::ERROR_REASON_OVERLOADED));
  EXPECT_TRUE(count.Begin(InstitutionOf("hospital")).ok());
  EXPECT_TRUE(count.Begin(Officer("14", "one")).ok());
  count.End(InstitutionOf("school"));
  EXPECT_TRUE(count.Begin(other_token).ok());
}

}  // namespace
}  // namespace zhuxiao
