// How forward contracts come about and end without a harvest: what is refused, who sees them, deadlines and windows by
// a clock that is moved.
#include "tests/support/forward_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using forward::v1::Forward;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::InstitutionOf;
using testing::SupplierOf;
using namespace forward::v1;  // requests and states

class ForwardAgreeingTest : public testing::ForwardFixture {
 protected:
  absl::StatusOr<SignForwardResponse> Sign(const std::string& id, const std::string& etag = "") {
    return Step<SignForwardRequest>(SupplierOf(kEggFarm), forward::Sign, id, etag);
  }
  absl::StatusOr<WithdrawForwardResponse> Withdraw(const std::string& id, const std::string& buyer = kSchool) {
    return Step<WithdrawForwardRequest>(InstitutionOf(buyer), forward::Withdraw, id);
  }
  absl::StatusOr<RefuseForwardResponse> Refuse(const std::string& id) {
    return Step<RefuseForwardRequest>(SupplierOf(kEggFarm), forward::Refuse, id);
  }
};

TEST_F(ForwardAgreeingTest, KeepsWhatTheInstitutionDecidesAndNothingElse) {
  Forward asked = Winter();
  asked.clear_ceiling_price();
  asked.set_state(FORWARD_STATE_AGREED);
  asked.add_contract_ids("forged");
  asked.set_institution_uscc(kHospital);
  const Forward forward = Now(Propose(asked));
  EXPECT_EQ(forward.state(), FORWARD_STATE_PROPOSED);
  EXPECT_EQ(forward.institution_uscc(), kSchool);
  EXPECT_EQ(forward.contract_ids_size(), 0);
  EXPECT_EQ(forward.ceiling_price().amount_fen(), 340) << "without a ceiling the price is fixed";
  EXPECT_EQ(forward.origin_code(), kEggVillage);
  EXPECT_EQ(forward.figures().open_units(), 0) << "nothing may be called off before it is signed";
  EXPECT_EQ(QuotaOf(kSchool).held().amount_fen(), 0) << "a promise spends nothing";
  EXPECT_EQ(testing::BrokenRules(store_), "");
}

TEST_F(ForwardAgreeingTest, EveryBadFieldIsNamedAtOnce) {
  Forward bad = Winter();
  bad.set_commodity_code("dragon");
  bad.set_sale_unit("");
  bad.set_sale_unit_base(0);
  bad.set_units(0);
  bad.mutable_floor_price()->set_amount_fen(401);
  bad.set_first_day("2020-02-30");
  bad.set_last_day("yesterday");
  bad.set_origin_code("14");
  bad.set_destination_code("999999");
  bad.set_payment_days(61);
  bad.set_late_interest_ppm(1);
  EXPECT_THAT(BadFieldsOf(TryPropose(bad).status()),
              ElementsAre("forward.first_day", "forward.last_day", "forward.commodity_code", "forward.sale_unit",
                          "forward.sale_unit_base", "forward.units", "forward.ceiling_price", "forward.origin_code",
                          "forward.destination_code", "forward.payment_days", "forward.late_interest_ppm"));
}

TEST_F(ForwardAgreeingTest, SupplierOriginAndAmountAreNamedWithTheRest) {
  Forward bad = Winter();
  bad.set_destination_code("999999");
  bad.set_origin_code(kCattleVillage);
  bad.set_units(1'000'000'000'000);
  bad.set_sale_unit_base(1);
  EXPECT_THAT(BadFieldsOf(TryPropose(bad).status()), ElementsAre("forward.destination_code", "forward.origin_code"));
  bad.mutable_ceiling_price()->set_amount_fen(1'001);
  bad.set_supplier_uscc("93");
  EXPECT_THAT(BadFieldsOf(TryPropose(bad).status()),
              ElementsAre("forward.destination_code", "forward.units", "forward.supplier_uscc"));
}

TEST_F(ForwardAgreeingTest, TheHarvestGrowsWhereTheSupplierIs) {
  Forward forward = Winter();
  forward.set_origin_code(kCattleVillage);
  EXPECT_THAT(BadFieldsOf(TryPropose(forward).status()), ElementsAre("forward.origin_code"));
}

TEST_F(ForwardAgreeingTest, TheWindowIsAheadAndNotTooLong) {
  clock_.Set(At("2020-12-19", absl::Hours(23)));
  const auto fields = [this](const std::string& first, const std::string& last) {
    Forward forward = Winter();
    forward.set_first_day(first);
    forward.set_last_day(last);
    return BadFieldsOf(TryPropose(forward).status());
  };
  EXPECT_THAT(fields("2020-12-20", "2020-12-20"), ElementsAre());
  EXPECT_THAT(fields("2020-12-19", "2020-12-20"), ElementsAre("forward.first_day")) << "today is too late";
  EXPECT_THAT(fields("2022-12-20", "2022-12-20"), ElementsAre());
  EXPECT_THAT(fields("2022-12-21", "2022-12-21"), ElementsAre("forward.first_day"));
  EXPECT_THAT(fields("2020-12-20", "2020-12-19"), ElementsAre("forward.last_day"));
  EXPECT_THAT(fields("2020-12-20", "2021-06-20"), ElementsAre()) << "183 days";
  EXPECT_THAT(fields("2020-12-20", "2021-06-21"), ElementsAre("forward.last_day"));
  clock_.Set(At("2020-12-19", absl::Hours(24)));
  EXPECT_THAT(fields("2020-12-20", "2020-12-20"), ElementsAre("forward.first_day"))
      << "it is that day in Asia/Shanghai";
}

TEST_F(ForwardAgreeingTest, SupplierAndPricesMustBeOnesThatCanSell) {
  Forward unknown = Winter();
  unknown.set_supplier_uscc(kSchool);
  EXPECT_THAT(TryPropose(unknown), HasReason(ErrorReason::ERROR_REASON_REFERENCE_INVALID));
  Forward dear = Winter();
  dear.mutable_ceiling_price()->set_amount_fen(1'000);
  EXPECT_THAT(TryPropose(dear), HasReason(ErrorReason::ERROR_REASON_PRICE_OUT_OF_RANGE));
  Forward cheap = Winter();
  cheap.mutable_floor_price()->set_amount_fen(10);
  EXPECT_THAT(TryPropose(cheap), HasReason(ErrorReason::ERROR_REASON_PRICE_OUT_OF_RANGE));
  const std::string id = Propose(Winter());
  Suspend(kEggFarm);
  EXPECT_THAT(Sign(id), HasReason(ErrorReason::ERROR_REASON_SUPPLIER_NOT_ACTIVE));
  EXPECT_THAT(TryPropose(Winter()), HasReason(ErrorReason::ERROR_REASON_SUPPLIER_NOT_ACTIVE));
}

TEST_F(ForwardAgreeingTest, SignedRefusedOrTakenBackOnce) {
  const std::string id = Propose(Winter());
  EXPECT_THAT(Sign(id, "9"), HasReason(ErrorReason::ERROR_REASON_ETAG_MISMATCH));
  const auto signed_one = Sign(id, "1");
  ASSERT_TRUE(signed_one.ok()) << signed_one.status();
  EXPECT_EQ(signed_one->forward().state(), FORWARD_STATE_AGREED);
  EXPECT_EQ(signed_one->forward().figures().open_units(), 1'000);
  EXPECT_THAT(Sign(id), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_THAT(Withdraw(id), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));

  const std::string refused = Propose(Winter());
  ASSERT_TRUE(Refuse(refused).ok());
  EXPECT_TRUE(Now(refused).has_end_time());
  EXPECT_THAT(Sign(refused), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));

  const std::string taken_back = Propose(Winter());
  EXPECT_THAT(Withdraw(taken_back, kHospital), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  ASSERT_TRUE(Withdraw(taken_back).ok());
  EXPECT_EQ(Now(taken_back).state(), FORWARD_STATE_WITHDRAWN);
  EXPECT_EQ(testing::BrokenRules(store_), "");
}

TEST_F(ForwardAgreeingTest, AnOfferLapsesAfterFourteenDaysOrWhenTheWindowOpens) {
  const absl::Time start = clock_.Now();
  const std::string id = Propose(Winter());
  clock_.Set(start + absl::Hours(24 * 14) - absl::Seconds(1));
  PassTime();
  EXPECT_EQ(Now(id).state(), FORWARD_STATE_PROPOSED);
  clock_.Set(start + absl::Hours(24 * 14));
  EXPECT_THAT(Sign(id), HasReason(ErrorReason::ERROR_REASON_DEADLINE_PASSED)) << "before upkeep comes by";
  PassTime();
  EXPECT_EQ(Now(id).state(), FORWARD_STATE_LAPSED);

  clock_.Set(At("2020-12-18"));
  const std::string late = Propose(Winter());
  EXPECT_EQ(base::FromProto(Now(late).sign_deadline()), At("2020-12-20", absl::ZeroDuration()));
  EXPECT_EQ(testing::BrokenRules(store_), "");
}

TEST_F(ForwardAgreeingTest, CancelledByAgreementBeforeTheWindowAlone) {
  const std::string id = Agree(Winter());
  ASSERT_TRUE(AskCancel(SupplierOf(kEggFarm), id).ok());
  EXPECT_THAT(CallOff(Part(id, 1)), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_THAT(AnswerCancel(SupplierOf(kEggFarm), id, true), HasReason(ErrorReason::ERROR_REASON_FOUR_EYES));
  EXPECT_THAT(AnswerCancel(InstitutionOf(kHospital), id, true), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  ASSERT_TRUE(AnswerCancel(InstitutionOf(kSchool), id, false).ok());
  EXPECT_EQ(Now(id).state(), FORWARD_STATE_AGREED);
  EXPECT_EQ(Now(id).reason(), "");
  ASSERT_TRUE(AskCancel(InstitutionOf(kSchool), id).ok());
  ASSERT_TRUE(AnswerCancel(SupplierOf(kEggFarm), id, true).ok());
  EXPECT_EQ(Now(id).state(), FORWARD_STATE_CANCELLED);
  EXPECT_EQ(Now(id).figures().shortfall_units(), 0) << "what is cancelled by agreement is no shortfall";

  const std::string open = Agree(Winter());
  GoTo("2020-12-19", absl::Hours(23));
  ASSERT_TRUE(AskCancel(SupplierOf(kEggFarm), open).ok());
  GoTo("2020-12-20", absl::ZeroDuration());
  EXPECT_THAT(AnswerCancel(InstitutionOf(kSchool), open, true), HasReason(ErrorReason::ERROR_REASON_DEADLINE_PASSED));
  PassTime();
  EXPECT_EQ(Now(open).state(), FORWARD_STATE_AGREED) << "the question fell";
  EXPECT_THAT(AskCancel(SupplierOf(kEggFarm), open), HasReason(ErrorReason::ERROR_REASON_DEADLINE_PASSED));
  EXPECT_EQ(testing::BrokenRules(store_), "");
}

TEST_F(ForwardAgreeingTest, SidesSeeTheirOwnAndOfficersTheirRegion) {
  const std::string id = Propose(Winter());
  clock_.Advance(absl::Seconds(1));  // ids of one millisecond are in no order
  Forward cattle = Winter();
  cattle.set_supplier_uscc(kCattleFarm);
  const std::string other = Propose(cattle);
  const auto list = [this](const base::Caller& caller, const ListForwardsRequest& request = {}) {
    std::vector<std::string> ids;
    const auto listed = See([&](store::Reader& reader) {
      return forward::ListForwards(reader, caller, request, store::PageRequest{.size = 10, .after = ""});
    });
    EXPECT_TRUE(listed.ok()) << listed.status();
    for (const Forward& forward : listed->response.forwards()) ids.push_back(forward.forward_id());
    return ids;
  };
  EXPECT_THAT(list(SupplierOf(kEggFarm)), ElementsAre(id));
  EXPECT_THAT(list(InstitutionOf(kSchool)), ElementsAre(id, other));
  EXPECT_THAT(list(InstitutionOf(kHospital)), ElementsAre());
  EXPECT_THAT(list(testing::Officer("140321", "county")), ElementsAre(id));
  EXPECT_THAT(list(testing::Officer("32", "elsewhere")), ElementsAre());
  ListForwardsRequest filter;
  filter.set_organisation_uscc(kCattleFarm);
  EXPECT_THAT(list(testing::Auditor(), filter), ElementsAre(other));
  EXPECT_THAT(list(InstitutionOf(kSchool), filter), ElementsAre(other));
  filter.set_state(FORWARD_STATE_AGREED);
  EXPECT_THAT(list(testing::Auditor(), filter), ElementsAre());
  filter.set_organisation_uscc("93");
  filter.set_commodity_code("dragon");
  filter.set_region_prefix("99");
  const auto refused = See([&](store::Reader& reader) {
    return forward::ListForwards(reader, testing::Auditor(), filter, store::PageRequest{.size = 10, .after = ""});
  });
  EXPECT_THAT(BadFieldsOf(refused.status()), ElementsAre("organisation_uscc", "commodity_code", "region_prefix"));
  GetForwardRequest get;
  get.set_forward_id(id);
  EXPECT_THAT(See([&](store::Reader& reader) { return forward::ReadForward(reader, InstitutionOf(kHospital), get); }),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

}  // namespace
}  // namespace zhuxiao
