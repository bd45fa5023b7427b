// Quotas: targets, limits, declared bases, rules and progress.
#include "services/quota/quota.h"

#include "services/directory/organisations.h"
#include "services/quota/rule_book.h"
#include "services/quota/rules.h"
#include "tests/support/market_fixture.h"

namespace zhuxiao {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::InstitutionOf;
using ::testing::IsEmpty;
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
  std::optional<quota::v1::QuotaRule> RuleIn(int year, const std::string& region) {
    return *See([&](store::Reader& reader) { return quota::FindRule(reader, year, region); });
  }
  // A rule of 20 % for the province, approved.
  void HaveRule(quota::v1::QuotaKind kind) {
    quota::v1::ProposeQuotaRuleRequest propose;
    quota::v1::QuotaRule& rule = *propose.mutable_rule();
    rule.set_year(year());
    rule.set_region_code("14");
    rule.set_kind(kind);
    rule.set_ratio_basis_points(2'000);
    rule.set_opens_on("2020-03-01");
    rule.set_closes_on("2020-05-31");
    rule.set_correctable_until("2020-12-31");
    rule.set_source("a province's own rule");
    const auto proposed = Do(testing::Officer("14", "province-1"), quota::ProposeRule, propose);
    ASSERT_TRUE(proposed.ok()) << proposed.status();
    quota::v1::ApproveQuotaRuleRequest approve;
    approve.set_year(year());
    approve.set_region_code("14");
    approve.set_kind(kind);
    approve.set_version(proposed->rule().version());
    ASSERT_TRUE(Do(testing::Officer("14", "province-2"), quota::ApproveRule, approve).ok());
  }
  // What one page lists, a token for the next left aside.
  std::vector<std::string> Listed(const base::Caller& caller, const std::string& region_prefix,
                                  const store::PageRequest& page = {.size = 50}) {
    quota::v1::ListQuotasRequest request;
    request.set_year(year());
    request.set_region_prefix(region_prefix);
    const auto listed =
        See([&](store::Reader& reader) { return quota::List(reader, caller, clock_.Now(), request, page); });
    EXPECT_TRUE(listed.ok()) << listed.status();
    last_key_ = listed->last_key;
    std::vector<std::string> codes;
    for (const auto& quota : listed->response.quotas()) codes.push_back(quota.institution_uscc());
    return codes;
  }

  std::string last_key_;
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
  EXPECT_EQ(RuleIn(2022, "420106")->ratio_basis_points(), 1500);
  EXPECT_EQ(RuleIn(2022, "420500")->ratio_basis_points(), 1000);
  EXPECT_FALSE(RuleIn(2019, "420106"));
  EXPECT_EQ(quota::RequiredFen(*RuleIn(2022, "420106"), 1), 1) << "rounded up";
  EXPECT_EQ(quota::RequiredFen(*RuleIn(2020, "140105"), INT64_MAX), std::nullopt);
}

TEST_F(QuotaTest, ShippedRulesAreReadWholeOrNotAtAll) {
  const std::string days = "1,2020-01-01,2020-03-31,2021-01-31,a source, with a comma\n";
  EXPECT_TRUE(quota::ParseRules("header\n2020,14,share,1000," + days).ok());
  EXPECT_FALSE(quota::ParseRules("header\n2020,14,loan,1000," + days).ok());
  EXPECT_FALSE(quota::ParseRules("header\n2020,14,share,10001," + days).ok());
  EXPECT_FALSE(quota::ParseRules("header\n2020,14,share,1000,1,2020-04-01,2020-03-31,2021-01-31,x\n").ok());
  EXPECT_FALSE(quota::ParseRules("header\n2020,14,share,1000,1,2020-01-01,2020-02-30,2021-01-31,x\n").ok());
}

TEST_F(QuotaTest, APublishedRuleJudgesWhoHasNotDeclared) {
  HaveRule(quota::v1::QUOTA_KIND_GROWTH);
  ASSERT_TRUE(Declare(InstitutionOf(kSchool), "", 500'000'000).ok());
  // The version published goes before the one that ships.
  EXPECT_EQ(QuotaOf(kSchool).progress().required().amount_fen(), 600'000'000);
  EXPECT_EQ(QuotaOf(kSchool).progress().rule_status(), quota::v1::RULE_STATUS_BELOW);
  HaveRule(quota::v1::QUOTA_KIND_SHARE);
  EXPECT_EQ(QuotaOf(kSchool).progress().required().amount_fen(), 100'000'000) << "the share is for all";
  EXPECT_EQ(QuotaOf(kSchool).progress().rule_status(), quota::v1::RULE_STATUS_SATISFIED);
}

TEST_F(QuotaTest, WhoMovesIsJudgedByTheRuleOfItsNewSeat) {
  ASSERT_TRUE(Declare(InstitutionOf(kSchool), "", 500'000'000).ok());
  Move(kSchool, "420106");
  EXPECT_EQ(QuotaOf(kSchool).region_code(), "420106");
  EXPECT_EQ(QuotaOf(kSchool).progress().rule().kind(), quota::v1::QUOTA_KIND_SHARE);
}

TEST_F(QuotaTest, WhoMovesIsListedWhereItIsNow) {
  EXPECT_THAT(Listed(testing::Officer("1401"), "14"), ElementsAre(kSchool, kHospital));
  Move(kSchool, "420106");
  EXPECT_THAT(Listed(testing::Operator(), "14"), ElementsAre(kHospital));
  EXPECT_THAT(Listed(testing::Operator(), "4201"), ElementsAre(kSchool));
  EXPECT_THAT(Listed(testing::Officer("1401"), ""), ElementsAre(kHospital));
  EXPECT_THAT(Listed(testing::Officer("42"), ""), ElementsAre(kSchool));
  // A page is what the region has, and goes on after it.
  Move(kHospital, "420106");
  EXPECT_THAT(Listed(testing::Officer("42"), "", {.size = 1}), ElementsAre(kSchool));
  EXPECT_THAT(Listed(testing::Officer("42"), "", {.size = 1, .after = last_key_}), ElementsAre(kHospital));
  EXPECT_THAT(Listed(testing::Officer("14"), ""), IsEmpty());
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
