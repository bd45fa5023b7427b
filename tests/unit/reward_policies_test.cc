// Policies from a proposed text to a published version, who may take each step, and what a text must be like.
#include "services/reward/policies.h"

#include <fstream>
#include <map>
#include <tuple>

#include "services/ledger/posting.h"
#include "services/reward/dry_run.h"
#include "services/reward/engine/policy_file.h"
#include "services/reward/offline/compute.h"
#include "services/reward/reward.h"
#include "services/reward/sales_export.h"
#include "services/store/keys.h"
#include "tests/unit/reward_fixture.h"

namespace zhuxiao::reward {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::HasSubstr;

constexpr char kPool[] = "[pool]\namount_fen = 1000\nmode = \"pro_rata\"\n";

class RewardPoliciesTest : public RewardFixture {
 protected:
  absl::StatusOr<v1::GetPolicyResponse> Get(const std::string& id, int version,
                                            const base::Caller& caller = base::Caller()) {
    v1::GetPolicyRequest request;
    request.set_policy_id(id);
    request.set_version(version);
    return See(GetPolicy, caller, request);
  }

  int64_t Balance(const std::string& account) {
    return See([&](store::Reader& reader) {
      return store::DecodeCounter(reader.Get(store::Key(ledger::kAccountTable, account))->value_or(""))->front();
    });
  }
};

TEST_F(RewardPoliciesTest, ATextIsProposedReviewedByAnotherAndPublished) {
  const std::string text = PolicyText().Toml();
  const auto proposed = Propose(text);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(proposed->policy().policy_id(), "shanxi-online");
  EXPECT_EQ(proposed->policy().first_day(), "2021-01-01");
  EXPECT_EQ(proposed->policy().toml(), text);
  EXPECT_EQ(proposed->policy().digest().size(), 64U);
  EXPECT_EQ(proposed->policy().state(), v1::POLICY_STATE_PROPOSED);
  EXPECT_EQ(LastEvent().policy().policy_id(), "shanxi-online");

  const auto drafter = testing::Officer("14", "drafter");
  EXPECT_THAT(PublishOf("shanxi-online", 1), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_THAT(ReviewOf("shanxi-online", 1, true, drafter), HasReason(ErrorReason::ERROR_REASON_FOUR_EYES));
  ASSERT_TRUE(ReviewOf("shanxi-online", 1, true).ok());
  EXPECT_THAT(PublishOf("shanxi-online", 1, drafter), HasReason(ErrorReason::ERROR_REASON_FOUR_EYES));
  const auto published = PublishOf("shanxi-online", 1);
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->policy().state(), v1::POLICY_STATE_PUBLISHED);
  EXPECT_EQ(published->policy().publish_time().seconds(), absl::ToUnixSeconds(clock_.Now()));

  EXPECT_THAT(Propose(text), HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_THAT(ReviewOf("shanxi-online", 1, false), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_THAT(PublishOf("shanxi-online", 1), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
}

TEST_F(RewardPoliciesTest, ARejectedTextMayBeProposedAgainAndAReviewedOneNot) {
  ASSERT_TRUE(Propose(PolicyText().Toml()).ok());
  EXPECT_TRUE(Propose(PolicyText{.cap_fen = 7}.Toml()).ok()) << "a proposal may be mended before its review";
  v1::ReviewPolicyRequest silent;
  silent.set_policy_id("shanxi-online");
  silent.set_version(1);
  EXPECT_THAT(BadFieldsOf(Do(testing::Officer("14", "checker"), ReviewPolicy, silent).status()), ElementsAre("cause"));
  ASSERT_TRUE(ReviewOf("shanxi-online", 1, false).ok());
  EXPECT_THAT(PublishOf("shanxi-online", 1), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  ASSERT_TRUE(Propose(PolicyText{.cap_fen = 9}.Toml()).ok());
  ASSERT_TRUE(ReviewOf("shanxi-online", 1, true).ok());
  EXPECT_THAT(Propose(PolicyText{.cap_fen = 8}.Toml()), HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));
  ASSERT_TRUE(PublishOf("shanxi-online", 1).ok());
  EXPECT_THAT(Get("shanxi-online", 1)->policy().toml(), HasSubstr("cap_fen = 9"));
}

TEST_F(RewardPoliciesTest, VersionsStayAndTheNewestPublishedIsInForce) {
  ASSERT_TRUE(Publish({}).ok());
  ASSERT_TRUE(Publish({.version = 3, .rate_basis_points = 300}).ok());
  ASSERT_TRUE(Propose(PolicyText{.version = 4}.Toml()).ok());
  EXPECT_EQ(Get("shanxi-online", 0)->policy().version(), 3);
  EXPECT_EQ(Get("shanxi-online", 1)->policy().version(), 1);
  EXPECT_THAT(Get("shanxi-online", 2), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get("another", 0), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(BadFieldsOf(Propose(PolicyText{.version = 2}.Toml()).status()), ElementsAre("toml:3 policy.version"));
  EXPECT_THAT(BadFieldsOf(Propose(PolicyText{.version = 5, .jurisdiction = "1403"}.Toml()).status()),
              ElementsAre("toml:4 policy.jurisdiction"));
}

TEST_F(RewardPoliciesTest, ProposedTextsAreSeenByOfficersOnly) {
  ASSERT_TRUE(Propose(PolicyText().Toml()).ok());
  EXPECT_THAT(Get("shanxi-online", 1), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get("shanxi-online", 1, testing::Officer("42")), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_TRUE(Get("shanxi-online", 1, testing::Officer("14")).ok());
  EXPECT_TRUE(Get("shanxi-online", 1, testing::Auditor()).ok());
}

TEST_F(RewardPoliciesTest, AnOfficerActsInsideTheOwnRegionOnly) {
  const base::Caller city = testing::Officer("1403");
  EXPECT_THAT(Propose(PolicyText().Toml(), city), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_TRUE(Propose(PolicyText{.jurisdiction = "140321"}.Toml(), city).ok());
  EXPECT_THAT(ReviewOf("shanxi-online", 1, true, testing::Officer("1410")),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Propose(PolicyText{.jurisdiction = "00"}.Toml(), testing::Officer("14")),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

TEST_F(RewardPoliciesTest, EveryMistakeOfATextIsNamedWithItsLine) {
  EXPECT_THAT(BadFieldsOf(Propose("").status()), ElementsAre("toml"));
  EXPECT_THAT(BadFieldsOf(Propose("id = ").status()), ElementsAre("toml:1"));
  std::string text = PolicyText{.version = 0, .jurisdiction = "99", .year = 1999}.Toml();
  text += "[pool]\namount_fen = -1\nmode = \"lottery\"\nsurprise = 1\n";
  EXPECT_THAT(BadFieldsOf(Propose(text).status()),
              ElementsAre("toml:3 policy.version", "toml:22 pool.amount_fen", "toml:23 pool.mode",
                          "toml:24 pool.surprise", "toml:4 policy.jurisdiction", "toml:10 period.first_day"));
  EXPECT_THAT(BadFieldsOf(Propose(PolicyText{.more = "[claims]\nobjection_days = 366\n"}.Toml()).status()),
              ElementsAre("toml:22 claims.objection_days"));
}

TEST_F(RewardPoliciesTest, ARateAboveTheMaximumOfTheJurisdictionIsRefusedWithItsLine) {
  EXPECT_TRUE(Propose(PolicyText{.rate_basis_points = 500}.Toml()).ok());
  const auto refused = Propose(PolicyText{.rate_basis_points = 501}.Toml());
  EXPECT_THAT(BadFieldsOf(refused.status()), ElementsAre("toml:19 grant.rate_basis_points"));
  // Part of Shanxi, so the province's maximum holds there too.
  EXPECT_THAT(BadFieldsOf(Propose(PolicyText{.jurisdiction = "140321", .rate_basis_points = 501}.Toml()).status()),
              ElementsAre("toml:19 grant.rate_basis_points"));
}

TEST_F(RewardPoliciesTest, APolicyIsToldInBothLanguages) {
  ASSERT_TRUE(Publish({}).ok());
  const auto policy = Get("shanxi-online", 0);
  EXPECT_THAT(policy->explanation_zh(), HasSubstr("5.00%"));
  EXPECT_THAT(policy->explanation_zh(), HasSubstr("公示：7 天"));
  EXPECT_THAT(policy->explanation_en(), HasSubstr("at least 10000000.00 yuan"));
}

TEST_F(RewardPoliciesTest, APoolIsFundedOnceAndANewVersionMovesTheDifference) {
  ASSERT_TRUE(Publish({.more = kPool}).ok());
  EXPECT_EQ(Balance(ledger::RewardPool("shanxi-online")), 1'000);
  EXPECT_EQ(Balance(ledger::RewardFund("14")), -1'000);
  EXPECT_EQ(LastEvent().postings(0).cause(), audit::v1::POSTING_CAUSE_POOL_FUNDED);
  EXPECT_EQ(LastEvent().postings(0).cause_id(), "shanxi-online/1");
  ASSERT_TRUE(Publish({.version = 2, .more = "[pool]\namount_fen = 400\nmode = \"pro_rata\"\n"}).ok());
  EXPECT_EQ(Balance(ledger::RewardPool("shanxi-online")), 400);
  ASSERT_TRUE(Publish({.version = 3}).ok());
  EXPECT_EQ(Balance(ledger::RewardPool("shanxi-online")), 0);
  EXPECT_EQ(Balance(ledger::RewardFund("14")), 0);
}

TEST_F(RewardPoliciesTest, ADryRunTellsWhatLastYearWouldHavePaid) {
  ASSERT_TRUE(Propose(PolicyText{.year = 2022, .threshold_fen = 100, .rate_basis_points = 300}.Toml()).ok());
  Report({Sale(firm_, "1", 10'000), Sale(firm_, "2", 99, At("2020-12-31T15:59:59Z")), Sale(other_firm_, "3", 99),
          Refund("r", "1", 1'000)});
  v1::DryRunPolicyRequest request;
  request.set_policy_id("shanxi-online");
  request.set_version(1);
  request.set_years_back(1);
  const auto run = See(DryRunPolicy, testing::Officer("14"), request);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->first_day(), "2021-01-01");
  EXPECT_EQ(run->last_day(), "2021-12-31");
  EXPECT_EQ(run->claimant_count(), 2);
  EXPECT_EQ(run->paid_count(), 1);
  EXPECT_EQ(run->reward().amount_fen(), 270);
  EXPECT_EQ(run->statements(0).claimant_uscc(), firm_);
  EXPECT_EQ(run->statements(0).net().amount_fen(), 9'000);
  EXPECT_EQ(run->statements(1).reason(), "below_threshold");
  EXPECT_THAT(See(DryRunPolicy, testing::Officer("42"), request), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  request.set_years_back(21);
  EXPECT_THAT(BadFieldsOf(See(DryRunPolicy, testing::Officer("14"), request).status()), ElementsAre("years_back"));
}

TEST_F(RewardPoliciesTest, ADryRunSharesAPoolToTheFen) {
  ASSERT_TRUE(
      Propose(PolicyText{.threshold_fen = 0, .more = "[pool]\namount_fen = 100\nmode = \"pro_rata\"\n"}.Toml()).ok());
  Report({Sale(firm_, "1", 4'000), Sale(other_firm_, "2", 2'000)});  // 200 and 100 fen where the pool has 100
  v1::DryRunPolicyRequest request;
  request.set_policy_id("shanxi-online");
  request.set_version(1);
  const auto run = See(DryRunPolicy, testing::Officer("14"), request);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->statements(0).reward().amount_fen() + run->statements(1).reward().amount_fen(), 100);
  EXPECT_EQ(run->statements(0).reason(), "pool_share");
}

// Other provinces' sales are neither counted nor read.
TEST_F(RewardPoliciesTest, TheSalesADryRunGoesOverAreExportedForTheCalculator) {
  ASSERT_TRUE(Propose(PolicyText{.year = 2022, .threshold_fen = 100, .rate_basis_points = 300}.Toml()).ok());
  const std::string stranger = testing::Uscc("91", 7);
  AddFirm(stranger, "420102");
  Report({Sale(firm_, "1", 10'000), Sale(firm_, "early", 99, At("2020-12-31T15:59:59Z")), Sale(other_firm_, "3", 99),
          Sale(stranger, "far", 50'000), Refund("r", "1", 1'000), Refund("waits", "unknown", 5)});
  v1::ExportSalesRequest request;
  request.set_policy_id("shanxi-online");
  request.set_version(1);
  request.set_years_back(1);
  const auto csv = SeeFile(ExportSales, testing::Officer("14"), request);
  ASSERT_TRUE(csv.ok()) << csv.status();
  const ScratchDirectory directory;
  std::ofstream(directory.path() + "/sales.csv", std::ios::binary) << *csv;
  const std::string toml = PolicyText{.year = 2021, .threshold_fen = 100, .rate_basis_points = 300}.Toml();
  offline::FaultList faults;
  const auto computed = offline::Compute(
      engine::ReadPolicy(toml).policy, {},
      {.sales_path = directory.path() + "/sales.csv", .out_directory = directory.path() + "/out"}, faults);
  ASSERT_TRUE(computed.ok()) << computed.status();
  ASSERT_EQ(computed->statement.size(), 2);
  std::map<std::string, std::pair<int64_t, std::string>> rewards;
  for (const auto& row : computed->statement) rewards[row.claimant] = {row.reward_fen, row.reason};
  EXPECT_EQ(rewards[firm_].first, 270);
  EXPECT_EQ(rewards[other_firm_].second, "below_threshold");
  EXPECT_THAT(SeeFile(ExportSales, testing::Officer("42"), request), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

TEST_F(RewardPoliciesTest, ListsByIdAndVersionAcrossPages) {
  for (const auto& [id, version] : {std::tuple("a", 9), {"b", 1}, {"a", 10}, {"a-b", 1}}) {
    ASSERT_TRUE(Publish({.id = id, .version = version}).ok());
  }
  ASSERT_TRUE(Propose(PolicyText{.id = "c"}.Toml()).ok());
  v1::ListPoliciesRequest nowhere;
  nowhere.set_jurisdiction("99");
  EXPECT_THAT(BadFieldsOf(See(ListPolicies, base::Caller(), nowhere, store::PageRequest{.size = 3}).status()),
              ElementsAre("jurisdiction"));
  std::vector<std::string> seen;
  store::PageRequest page{.size = 3};
  do {
    auto listed = See(ListPolicies, base::Caller(), v1::ListPoliciesRequest(), page);
    ASSERT_TRUE(listed.ok()) << listed.status();
    for (const v1::RewardPolicy& policy : listed->response.policies()) {
      seen.push_back(base::StrCat(policy.policy_id(), "/", policy.version()));
      EXPECT_EQ(policy.toml(), "");
    }
    page.after = listed->last_key;
  } while (!page.after.empty());
  EXPECT_THAT(seen, ElementsAre("a-b/1", "a/9", "a/10", "b/1"));
}

TEST_F(RewardPoliciesTest, TheExportVisitsEveryVersion) {
  ASSERT_TRUE(Publish({}).ok());
  ASSERT_TRUE(Propose(PolicyText{.version = 2}.Toml()).ok());
  int count = 0;
  const auto visit = [&](const v1::RewardPolicy&) {
    ++count;
    return absl::OkStatus();
  };
  EXPECT_TRUE(See([&](store::Reader& reader) { return ForEachPolicy(reader, visit); }).ok());
  EXPECT_EQ(count, 2);
}

}  // namespace
}  // namespace zhuxiao::reward
