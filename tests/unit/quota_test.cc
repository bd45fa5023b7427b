// Quotas: targets, limits, declared bases, rules and progress.
#include "services/quota/quota.h"

#include "services/quota/rules.h"
#include "tests/support/market_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using testing::HasReason;
using testing::InstitutionOf;
using ::testing::UnorderedElementsAre;

class QuotaTest : public testing::MarketFixture {
 protected:
  auto Declare(const base::Caller& caller, const std::string& uscc, int64_t base_fen) {
    quota::v1::DeclareBaseRequest request;
    request.set_institution_uscc(uscc);
    request.set_year(year());
    request.mutable_base()->set_amount_fen(base_fen);
    return Do(caller, quota::DeclareBase, request);
  }
};

TEST_F(QuotaTest, AMissingBaseIsUnknown) {
  const quota::v1::QuotaProgress progress = QuotaOf(kSchool).progress();
  EXPECT_EQ(progress.rule_status(), quota::v1::RULE_STATUS_UNKNOWN);
  EXPECT_FALSE(progress.has_share_basis_points());
  EXPECT_FALSE(progress.has_required());
  EXPECT_EQ(progress.settled_basis_points(), 0);
  EXPECT_EQ(progress.gap().amount_fen(), 5'000'000'00);
  EXPECT_EQ(progress.days_left(), 305);  // 2020-03-02 is the 62nd day of 366; itself included
}

TEST_F(QuotaTest, TheRuleOfTheLongestRegionApplies) {
  // Shanxi 2020: growth of 30 %. Target 5,000,000 yuan; a base of 3,846,153.84 asks for 4,999,999.992, rounded up to
  // 5,000,000.00; one fen more asks for more.
  ASSERT_TRUE(Declare(InstitutionOf(kSchool), "", 384'615'384).ok());
  EXPECT_EQ(QuotaOf(kSchool).progress().rule().ratio_basis_points(), 3000);
  EXPECT_EQ(QuotaOf(kSchool).progress().required().amount_fen(), 500'000'000);
  EXPECT_EQ(QuotaOf(kSchool).progress().rule_status(), quota::v1::RULE_STATUS_SATISFIED);
  ASSERT_TRUE(Declare(InstitutionOf(kSchool), "", 384'615'385).ok());
  EXPECT_EQ(QuotaOf(kSchool).progress().rule_status(), quota::v1::RULE_STATUS_BELOW);
}

TEST_F(QuotaTest, RulesAreFoundByYearAndRegion) {
  const auto& rules = quota::Rules();
  EXPECT_EQ(quota::FindRule(rules, 2022, "420106")->ratio_basis_points(), 1500);
  EXPECT_EQ(quota::FindRule(rules, 2022, "420500")->ratio_basis_points(), 1000);
  EXPECT_EQ(quota::FindRule(rules, 2019, "420106"), nullptr);
  EXPECT_EQ(quota::RequiredFen(*quota::FindRule(rules, 2022, "420106"), 1), 1) << "rounded up";
  EXPECT_EQ(quota::RequiredFen(*quota::FindRule(rules, 2020, "140105"), INT64_MAX), std::nullopt);
  EXPECT_EQ(quota::FindRule(rules, 2020, "140105", quota::v1::QUOTA_KIND_SHARE)->ratio_basis_points(), 1000);
  EXPECT_EQ(quota::FindRule(rules, 2021, "140105", quota::v1::QUOTA_KIND_GROWTH), nullptr);
  const std::string days = "1,2020-01-01,2020-03-31,2021-01-31,a source, with a comma\n";
  EXPECT_TRUE(quota::ParseRules("header\n2020,14,share,1000," + days).ok());
  EXPECT_FALSE(quota::ParseRules("header\n2020,14,loan,1000," + days).ok());
  EXPECT_FALSE(quota::ParseRules("header\n2020,14,share,10001," + days).ok());
  EXPECT_FALSE(quota::ParseRules("header\n2020,14,share,1000,1,2020-04-01,2020-03-31,2021-01-31,x\n").ok());
  EXPECT_FALSE(quota::ParseRules("header\n2020,14,share,1000,1,2020-01-01,2020-02-30,2021-01-31,x\n").ok());
}

TEST_F(QuotaTest, SettingAsksForTheEtagAndAFittingLimit) {
  quota::v1::SetQuotaRequest request;
  *request.mutable_quota() = QuotaOf(kSchool);
  request.mutable_quota()->set_etag("0");
  EXPECT_THAT(Do(testing::Operator(), quota::Set, request), HasReason(ErrorReason::ERROR_REASON_ETAG_MISMATCH));

  List(kEggFarm, Eggs(100));
  ASSERT_TRUE(Place(kSchool, EggOrder(100)).ok());
  *request.mutable_quota() = QuotaOf(kSchool);
  request.mutable_quota()->mutable_limit()->set_amount_fen(33'999);
  EXPECT_THAT(Do(testing::Operator(), quota::Set, request), HasReason(ErrorReason::ERROR_REASON_QUOTA_EXCEEDED));
  request.mutable_quota()->mutable_limit()->set_amount_fen(34'000);
  EXPECT_TRUE(Do(testing::Operator(), quota::Set, request).ok());
}

TEST_F(QuotaTest, EveryBadFieldIsNamedAtOnce) {
  quota::v1::SetQuotaRequest request;
  request.mutable_quota()->set_institution_uscc("91350100M000100Y4Z");
  request.mutable_quota()->set_year(1999);
  request.mutable_quota()->mutable_target()->set_amount_fen(-1);
  EXPECT_THAT(BadFieldsOf(Do(testing::Operator(), quota::Set, request).status()),
              UnorderedElementsAre("quota.institution_uscc", "quota.year", "quota.target", "quota.limit"));
}

TEST_F(QuotaTest, AnotherInstitutionsQuotaLooksUnknown) {
  quota::v1::GetQuotaRequest request;
  request.set_institution_uscc(kHospital);
  request.set_year(year());
  EXPECT_THAT(
      See([&](store::Reader& reader) { return quota::Read(reader, InstitutionOf(kSchool), clock_.Now(), request); }),
      HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Declare(InstitutionOf(kSchool), kHospital, 1), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

}  // namespace
}  // namespace zhuxiao
