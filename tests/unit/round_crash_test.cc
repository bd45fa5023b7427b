// A round whose process stops at each commit in turn, before or after it took effect, and goes on: nothing is lost,
// nothing is done twice.
#include <tuple>

#include "tests/support/fault_store.h"
#include "tests/support/round_fixture.h"

namespace zhuxiao {
namespace {

using store::CommitFault;

// More commits than a whole round of this size takes; the last test of this file says so.
constexpr int kMostCommits = 70;
constexpr int kCommitsBeforeSettling = 45;

class RoundCrashTest : public testing::RoundFixture,
                       public ::testing::WithParamInterface<std::tuple<int, CommitFault, size_t>> {
 protected:
  void SetUp() override {
    RoundFixture::SetUp();
    rows_at_once_ = std::get<2>(GetParam());
    listings_ = {List(kEggFarm, Eggs(100)), List(kEggFarm, Eggs(50))};
    orders_ = {PlaceId(kSchool, AwaitingOrder(60)), PlaceId(kHospital, AwaitingOrder(70)),
               PlaceId(kSchool, AwaitingOrder(40))};
    round_ = OpenRound(/*is_automatic=*/true);
  }

  // What must be the same however often the work was stopped.
  void ExpectWholeRound() {
    const round::v1::Round round = RoundNow(round_);
    ASSERT_EQ(round.state(), round::v1::ROUND_STATE_SETTLED);
    const auto lines = LinesOf(round_);
    ASSERT_EQ(static_cast<size_t>(round.line_count()), lines.size());
    EXPECT_EQ(round.decided_line_count(), round.line_count());
    EXPECT_EQ(round.shrunk_line_count() + round.dropped_line_count(), 0);
    int64_t units = 0;
    size_t contracts = 0;
    for (const round::v1::RoundLine& line : lines) {
      EXPECT_EQ(line.state(), round::v1::ROUND_LINE_STATE_SETTLED);
      EXPECT_EQ(ContractNow(line.contract_id()).ordered_units(), line.units());
      units += line.units();
    }
    EXPECT_EQ(units, 150) << "all eggs are sold";
    for (const std::string& id : orders_) contracts += OrderNow(id).contract_ids_size();
    EXPECT_EQ(contracts, lines.size());
    EXPECT_EQ(round.contract_amount().amount_fen(), 150 * 340);
    EXPECT_EQ(QuotaOf(kSchool).held().amount_fen() + QuotaOf(kHospital).held().amount_fen(), 150 * 340);
    for (const std::string& id : listings_) EXPECT_EQ(BalancesOf(id).available(), 0);
    size_t stored = 0;
    ASSERT_TRUE(See([&](store::Reader& reader) {
                  return order::ForEachContract(reader, [&](const order::v1::Contract&) {
                    ++stored;
                    return absl::OkStatus();
                  });
                }).ok());
    EXPECT_EQ(stored, lines.size());
  }

  std::vector<std::string> listings_;
  std::vector<std::string> orders_;
  std::string round_;
};

TEST_P(RoundCrashTest, GoesOnWhereItStopped) {
  const auto [at, fault, rows_at_once] = GetParam();
  store::FaultStore faulty(store_, [&](int number) { return number >= at ? fault : CommitFault::kNone; });
  WorkOver(faulty, round_).IgnoreError();
  Work(round_);
  ExpectWholeRound();
}

TEST_P(RoundCrashTest, OneLostAnswerOrRequestIsBornToo) {
  const auto [at, fault, rows_at_once] = GetParam();
  store::FaultStore faulty(store_, [&](int number) { return number == at ? fault : CommitFault::kNone; });
  for (int i = 0; i < 4; ++i) WorkOver(faulty, round_).IgnoreError();
  ExpectWholeRound();
}

INSTANTIATE_TEST_SUITE_P(EveryCommit, RoundCrashTest,
                         ::testing::Combine(::testing::Range(0, kMostCommits),
                                            ::testing::Values(CommitFault::kLostAnswer, CommitFault::kLostRequest),
                                            ::testing::Values(1)));
// Before orders are settled, the commits are the same.
INSTANTIATE_TEST_SUITE_P(OrdersTogether, RoundCrashTest,
                         ::testing::Combine(::testing::Range(kCommitsBeforeSettling, kMostCommits),
                                            ::testing::Values(CommitFault::kLostAnswer, CommitFault::kLostRequest),
                                            ::testing::Values(round::kRowsAtOnce)));

using RoundCommitsTest = testing::RoundFixture;

TEST_F(RoundCommitsTest, AreFewerThanTheTestsAboveStopAt) {
  rows_at_once_ = 1;
  List(kEggFarm, Eggs(100));
  List(kEggFarm, Eggs(50));
  PlaceId(kSchool, AwaitingOrder(60));
  PlaceId(kHospital, AwaitingOrder(70));
  PlaceId(kSchool, AwaitingOrder(40));
  const std::string id = OpenRound(true);
  store::FaultStore counting(store_, [](int) { return CommitFault::kNone; });
  ASSERT_TRUE(WorkOver(counting, id).ok());
  EXPECT_LT(counting.commit_count(), kMostCommits);
}

TEST_F(RoundCommitsTest, TheSameRoundComputedAgainIsTheSame) {
  List(kEggFarm, Eggs(100));
  List(kEggFarm, Eggs(50));
  PlaceId(kSchool, AwaitingOrder(60));
  PlaceId(kHospital, AwaitingOrder(70));
  const std::string first = ClearedRound();
  const round::v1::Round one = RoundNow(first);
  ASSERT_TRUE(CancelRound(first).ok());
  const round::v1::Round two = RoundNow(ClearedRound());
  EXPECT_EQ(one.input_digest(), two.input_digest());
  EXPECT_EQ(one.result_digest(), two.result_digest());
  EXPECT_EQ(one.welfare_fen(), two.welfare_fen());
}

}  // namespace
}  // namespace zhuxiao
