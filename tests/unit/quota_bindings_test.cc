// Which quota a contract counts for: shared canteens, and re-binding as two entries.
#include "services/quota/rebinding_states.h"
#include "tests/support/state_table.h"
#include "tests/unit/quota_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using order::v1::Contract;
using quota::v1::QuotaBinding;
using testing::HasReason;
using testing::InstitutionOf;
using testing::Officer;

TEST(RebindingStatesTest, TheTableIsThis) {
  using base::Role;
  using namespace quota::v1;  // the names of the states
  testing::ExpectMoves(quota::RebindingStates(),
                       {
                           {{REBINDING_STATE_PROPOSED, "approve", Role::ROLE_OFFICER}, REBINDING_STATE_APPROVED},
                           {{REBINDING_STATE_PROPOSED, "approve", Role::ROLE_OPERATOR}, REBINDING_STATE_APPROVED},
                           {{REBINDING_STATE_PROPOSED, "refuse", Role::ROLE_OFFICER}, REBINDING_STATE_REFUSED},
                           {{REBINDING_STATE_PROPOSED, "refuse", Role::ROLE_OPERATOR}, REBINDING_STATE_REFUSED},
                       });
}

class BindingTest : public testing::QuotaFixture {
 protected:
  // A contract of 10 jin at 3.40.
  Contract Buy(const std::string& buyer) {
    if (goods_.empty()) goods_ = List(kEggFarm, Eggs(1'000));
    const auto placed = Place(buyer, EggOrder(10));
    EXPECT_TRUE(placed.ok()) << placed.status();
    return placed.ok() ? placed->contracts(0) : Contract();
  }

  QuotaBinding BindingOf(const Contract& contract) {
    quota::v1::GetBindingRequest request;
    request.set_contract_id(contract.contract_id());
    const auto read =
        See([&](store::Reader& reader) { return quota::GetBinding(reader, testing::Auditor(), request); });
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? read->binding() : QuotaBinding();
  }

  // What counts for a quota: held and settled.
  std::pair<int64_t, int64_t> Counts(const std::string& uscc) {
    const quota::v1::Quota quota = QuotaIn(uscc, 2020);
    return {quota.held().amount_fen(), quota.settled().amount_fen()};
  }

  void ShareCanteen() {
    ASSERT_TRUE(SetCanteen(kSchool, directory::v1::CANTEEN_MODE_SHARED, kSchool).ok());
    ASSERT_TRUE(SetCanteen(kHospital, directory::v1::CANTEEN_MODE_SHARED, kSchool).ok());
  }

  using Pair = std::pair<int64_t, int64_t>;
  std::string goods_;
};

TEST_F(BindingTest, WhoSharesACanteenCountsForItsRepresentativeOnce) {
  ShareCanteen();
  const Contract own = Buy(kSchool);
  const Contract other = Buy(kHospital);
  EXPECT_EQ(Counts(kSchool), Pair(6'800, 0));
  EXPECT_EQ(Counts(kHospital), Pair(0, 0));
  EXPECT_EQ(BindingOf(other).institution_uscc(), kSchool);
  EXPECT_EQ(BindingOf(other).buyer_uscc(), kHospital);
  ASSERT_TRUE(Sign(other).ok());
  ASSERT_TRUE(Ship(other).ok());
  ASSERT_TRUE(Accept(other, 10).ok());
  ASSERT_TRUE(Settle(other).ok());
  EXPECT_EQ(Counts(kSchool), Pair(3'400, 3'400));
  EXPECT_EQ(Counts(kHospital), Pair(0, 0));
}

TEST_F(BindingTest, TheLimitIsTheRepresentatives) {
  ShareCanteen();
  SetLimit(kSchool, 3'500);
  Buy(kHospital);
  EXPECT_THAT(Place(kHospital, EggOrder(10)), HasReason(ErrorReason::ERROR_REASON_QUOTA_EXCEEDED));
}

TEST_F(BindingTest, WhatWasHeldIsGivenBackWhereItWasHeld) {
  ShareCanteen();
  const Contract contract = Buy(kHospital);
  ASSERT_TRUE(SetCanteen(kHospital, directory::v1::CANTEEN_MODE_OWN).ok());
  order::v1::RefuseContractRequest refuse;
  refuse.set_contract_id(contract.contract_id());
  ASSERT_TRUE(Do(testing::SupplierOf(kEggFarm), order::RefuseContract, refuse).ok());
  EXPECT_EQ(Counts(kSchool), Pair(0, 0));
  EXPECT_EQ(Counts(kHospital), Pair(0, 0));
  Buy(kHospital);
  EXPECT_EQ(Counts(kHospital), Pair(3'400, 0)) << "on its own again";
}

TEST_F(BindingTest, ReBindingIsTwoEntriesAndMovesNeitherStockNorMoney) {
  const Contract settled = Buy(kSchool);
  ASSERT_TRUE(Sign(settled).ok());
  ASSERT_TRUE(Ship(settled).ok());
  ASSERT_TRUE(Accept(settled, 10).ok());
  ASSERT_TRUE(Settle(settled).ok());
  const Contract held = Buy(kSchool);
  const std::string balances = BalancesOf(goods_).SerializeAsString();

  ASSERT_TRUE(Propose(InstitutionOf(kSchool), settled.contract_id(), kHospital).ok());
  EXPECT_EQ(Counts(kSchool), Pair(3'400, 3'400)) << "a proposal moves nothing";
  const auto rebound = DecideRebinding(kReviewer, settled.contract_id(), true);
  ASSERT_TRUE(rebound.ok()) << rebound.status();
  EXPECT_EQ(Counts(kSchool), Pair(3'400, 0));
  EXPECT_EQ(Counts(kHospital), Pair(0, 3'400));
  const audit::v1::Event event = LastEvent();
  ASSERT_EQ(event.quota_moves_size(), 2);
  EXPECT_EQ(event.quota_moves(0).settled_fen(), -3'400);
  EXPECT_EQ(event.quota_moves(1).settled_fen(), 3'400);
  EXPECT_EQ(event.stock_moves_size(), 0);
  EXPECT_EQ(event.postings_size(), 0);
  EXPECT_EQ(BalancesOf(goods_).SerializeAsString(), balances);
  ASSERT_EQ(rebound->binding().rebindings_size(), 1);
  EXPECT_EQ(rebound->binding().rebindings(0).entries_size(), 2);
  EXPECT_EQ(ContractNow(settled.contract_id()).institution_uscc(), kSchool) << "it stays the buyer";

  // What comes after a re-binding follows it.
  ASSERT_TRUE(Propose(InstitutionOf(kSchool), held.contract_id(), kHospital).ok());
  ASSERT_TRUE(DecideRebinding(kReviewer, held.contract_id(), true).ok());
  ASSERT_TRUE(Sign(held).ok());
  ASSERT_TRUE(Ship(held).ok());
  ASSERT_TRUE(Accept(held, 9, 0, order::v1::REJECTED_GOODS_SPOILED).ok());
  EXPECT_EQ(Counts(kHospital), Pair(3'060, 3'400));
  ASSERT_TRUE(Settle(held).ok());
  EXPECT_EQ(Counts(kHospital), Pair(0, 6'460));
  EXPECT_EQ(Counts(kSchool), Pair(0, 0));
}

TEST_F(BindingTest, ReBindingBackIsASecondPairOfEntries) {
  const Contract contract = Buy(kSchool);
  ASSERT_TRUE(Propose(InstitutionOf(kSchool), contract.contract_id(), kHospital).ok());
  ASSERT_TRUE(DecideRebinding(kReviewer, contract.contract_id(), true).ok());
  ASSERT_TRUE(Propose(InstitutionOf(kHospital), contract.contract_id(), kSchool).ok());
  ASSERT_TRUE(DecideRebinding(kReviewer, contract.contract_id(), true).ok());
  EXPECT_EQ(Counts(kSchool), Pair(3'400, 0));
  EXPECT_EQ(Counts(kHospital), Pair(0, 0));
  EXPECT_EQ(BindingOf(contract).rebindings_size(), 2);
}

TEST_F(BindingTest, TwoPeopleAndOneProposalAtATime) {
  const Contract contract = Buy(kSchool);
  const std::string& id = contract.contract_id();
  EXPECT_THAT(DecideRebinding(kReviewer, id, true), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  ASSERT_TRUE(Propose(kReviewer, id, kHospital).ok());
  EXPECT_THAT(Propose(InstitutionOf(kSchool), id, kHospital), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_THAT(DecideRebinding(kReviewer, id, true), HasReason(ErrorReason::ERROR_REASON_FOUR_EYES));
  EXPECT_THAT(DecideRebinding(Officer("4201"), id, true), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  ASSERT_TRUE(DecideRebinding(kConfirmer, id, false).ok());
  EXPECT_EQ(Counts(kSchool), Pair(3'400, 0));
  EXPECT_EQ(Counts(kHospital), Pair(0, 0));
  EXPECT_EQ(BindingOf(contract).rebindings(0).entries_size(), 0);
  EXPECT_THAT(DecideRebinding(kConfirmer, id, true), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
}

TEST_F(BindingTest, TheOtherLimitHoldsToo) {
  const Contract contract = Buy(kSchool);
  SetLimit(kHospital, 3'399);
  ASSERT_TRUE(Propose(kReviewer, contract.contract_id(), kHospital).ok());
  EXPECT_THAT(DecideRebinding(kConfirmer, contract.contract_id(), true),
              HasReason(ErrorReason::ERROR_REASON_QUOTA_EXCEEDED));
  EXPECT_EQ(Counts(kSchool), Pair(3'400, 0));
  SetLimit(kHospital, 3'400);
  EXPECT_TRUE(DecideRebinding(kConfirmer, contract.contract_id(), true).ok());
}

TEST_F(BindingTest, WhatDoesNotCountOrIsTooLateIsNotReBound) {
  const Contract open = Buy(kSchool);
  const Contract contract = Buy(kSchool);
  EXPECT_THAT(Propose(kReviewer, contract.contract_id(), kSchool),
              HasReason(ErrorReason::ERROR_REASON_REFERENCE_INVALID));
  EXPECT_THAT(Propose(kReviewer, contract.contract_id(), kEggFarm),
              HasReason(ErrorReason::ERROR_REASON_REFERENCE_INVALID));
  EXPECT_THAT(Propose(kReviewer, "unknown", kHospital), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Propose(InstitutionOf(kHospital), contract.contract_id(), kHospital),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  order::v1::RefuseContractRequest refuse;
  refuse.set_contract_id(contract.contract_id());
  ASSERT_TRUE(Do(testing::SupplierOf(kEggFarm), order::RefuseContract, refuse).ok());
  EXPECT_THAT(Propose(kReviewer, contract.contract_id(), kHospital),
              HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  clock_.Set(base::StartOfDay(*base::ParseDay("2021-02-01")) - absl::Nanoseconds(1));
  EXPECT_TRUE(Propose(kReviewer, open.contract_id(), kHospital).ok());
  ASSERT_TRUE(DecideRebinding(kConfirmer, open.contract_id(), false).ok());
  SetDay("2021-02-01");
  EXPECT_THAT(Propose(kReviewer, open.contract_id(), kHospital), HasReason(ErrorReason::ERROR_REASON_DEADLINE_PASSED));
}

TEST_F(BindingTest, AMemberStandsForItsRepresentative) {
  ShareCanteen();
  const Contract contract = Buy(kSchool);
  EXPECT_THAT(Propose(kReviewer, contract.contract_id(), kHospital),
              HasReason(ErrorReason::ERROR_REASON_REFERENCE_INVALID))
      << "it counts for the representative already";
}

}  // namespace
}  // namespace zhuxiao
