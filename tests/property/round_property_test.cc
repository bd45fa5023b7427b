// Rounds over a market that keeps moving: whatever happens between clearing and settling, the published files pass the
// independent check, computing them again gives the same, the books hold, and a round is worth more than serving its
// orders one by one.
#include <random>

#include "clients/offline/one_by_one.h"
#include "services/matching/check_clearing.h"
#include "services/matching/clear.h"
#include "services/round/archive.h"
#include "tests/support/round_fixture.h"
#include "tests/support/seed.h"

namespace zhuxiao {
namespace {

constexpr int kRounds = 40;

class RoundPropertyTest : public testing::RoundFixture {
 protected:
  int64_t Pick(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random_bits_);
  }
  const std::string& Buyer() { return Pick(0, 1) == 0 ? kSchool : kHospital; }

  void ListSome() {
    for (int64_t i = Pick(0, 3); i > 0; --i) {
      const bool is_far = Pick(0, 1) == 1;
      listing::v1::Listing listing = Eggs(Pick(5, 80));
      if (is_far) listing.set_origin_code(kCattleVillage);
      listing.mutable_unit_price()->set_amount_fen(Pick(300, 420));
      listing.set_min_lot_units(Pick(1, 4));
      *listing.mutable_last_sale_time() = base::ToProto(clock_.Now() + absl::Hours(Pick(60, 300)));
      listings_.push_back(List(is_far ? kCattleFarm : kEggFarm, listing));
    }
  }

  void OrderSome() {
    for (int64_t i = Pick(0, 5); i > 0; --i) {
      order::v1::Order order = AwaitingOrder(Pick(1, 70));
      order.set_awaits_round(Pick(0, 3) != 0);
      order.set_allow_partial(Pick(0, 4) != 0);
      order.mutable_limit_price()->set_amount_fen(Pick(310, 430));
      orders_.push_back(PlaceId(Buyer(), order));
    }
  }

  // What others do while a round is settled or before.
  void BuySome() {
    for (int64_t i = Pick(0, 2); i > 0; --i) Place(Buyer(), EggOrder(Pick(1, 40))).status().IgnoreError();
  }

  // The files of a cleared round against the check and a second computation; adds to the sums.
  void CheckFiles(const round::v1::Round& round) {
    const auto snapshot = store_.Latest();
    const auto input = round::LoadInput(*snapshot, round.round_id(), round.input_digest());
    ASSERT_TRUE(input.ok()) << input.status();
    const auto outcome = round::LoadOutcome(*snapshot, round.round_id(), input->ids);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    const auto check = matching::CheckClearing(input->book, input->policy, outcome->contracts, outcome->prices,
                                               {round.welfare_fen(), round.bound_fen()}, 1);
    ASSERT_TRUE(check.ToStatus().ok()) << check.ToStatus();
    const auto again = matching::Clear(input->book, input->policy, {.threads = 1});
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(round_files::DigestOf(input->ids, again->contracts, again->prices), round.result_digest());
    const auto one_by_one =
        matching::CheckContracts(input->book, input->policy,
                                 offline::ServeOneByOne(input->book, input->policy, offline::Preference::kBestWelfare));
    ASSERT_TRUE(one_by_one.ToStatus().ok()) << one_by_one.ToStatus();
    EXPECT_LE(one_by_one.welfare_fen, round.bound_fen()) << "the bound is above every allocation";
    EXPECT_GE(round.welfare_fen(), one_by_one.welfare_fen) << "a small round is no worse than first come, first served";
    round_welfare_ += round.welfare_fen();
    one_by_one_welfare_ += one_by_one.welfare_fen;
  }

  void CheckBooks(const std::string& round_id) {
    for (const std::string& id : listings_) {
      const listing::v1::Balances balances = BalancesOf(id);
      EXPECT_GE(balances.available(), 0);
      EXPECT_EQ(balances.listed(), balances.available() + balances.held() + balances.withdrawn());
    }
    for (const std::string& id : orders_) {
      const order::v1::Order order = OrderNow(id);
      int64_t filled = 0;
      for (const std::string& contract_id : order.contract_ids()) {
        const order::v1::Contract contract = ContractNow(contract_id);
        filled += contract.ordered_units() * contract.sale_unit_base();
        EXPECT_LE(contract.unit_price().amount_fen(), order.limit_price().amount_fen());
      }
      EXPECT_EQ(filled, order.filled_base());
      EXPECT_LE(filled, order.quantity_base());
      EXPECT_TRUE(order.allow_partial() || filled == 0 || filled == order.quantity_base());
    }
    for (const std::string& buyer : {kSchool, kHospital}) {
      EXPECT_LE(QuotaOf(buyer).held().amount_fen(), QuotaOf(buyer).limit().amount_fen());
    }
    for (const round::v1::RoundLine& line : LinesOf(round_id)) {
      EXPECT_LE(line.contract_units(), line.units());
      EXPECT_EQ(line.limit() == round::v1::ROUND_LINE_LIMIT_UNSPECIFIED, line.contract_units() == line.units());
      EXPECT_EQ(line.contract_id().empty(), line.contract_units() == 0);
      if (!line.contract_id().empty()) {
        EXPECT_EQ(ContractNow(line.contract_id()).ordered_units(), line.contract_units());
      }
    }
  }

  std::mt19937_64 random_bits_;
  std::vector<std::string> listings_;
  std::vector<std::string> orders_;
  int64_t round_welfare_ = 0;
  int64_t one_by_one_welfare_ = 0;
};

TEST_F(RoundPropertyTest, WhateverHappensInBetween) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("ZHUXIAO_TEST_SEED=" + std::to_string(seed));
  random_bits_.seed(seed);
  SetLimit(kSchool, Pick(2'000'00, 6'000'00));
  for (int i = 0; i < kRounds && !HasFatalFailure(); ++i) {
    ListSome();
    OrderSome();
    const std::string id = ClearedRound();
    CheckFiles(RoundNow(id));
    BuySome();
    SettleWhole(id);
    CheckBooks(id);
    clock_.Advance(absl::Hours(Pick(0, 12)));
  }
  EXPECT_GT(round_welfare_, one_by_one_welfare_);
  EXPECT_GT(one_by_one_welfare_, 0);
}

}  // namespace
}  // namespace zhuxiao
