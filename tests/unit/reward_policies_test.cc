// Publishing and reading reward policies.
#include "services/reward/policies.h"

#include <tuple>

#include "tests/unit/reward_fixture.h"

namespace zhuxiao::reward {
namespace {

using base::ErrorReason;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;

class RewardPoliciesTest : public RewardFixture {
 protected:
  absl::StatusOr<v1::GetPolicyResponse> Get(const std::string& jurisdiction, int year, int version) {
    v1::GetPolicyRequest request;
    request.set_jurisdiction(jurisdiction);
    request.set_year(year);
    request.set_version(version);
    return See(GetPolicy, request);
  }
};

TEST_F(RewardPoliciesTest, VersionsStayAndTheNewestIsInForce) {
  v1::RewardPolicy policy = ShanxiPolicy(500);
  ASSERT_TRUE(Publish(policy).ok());
  policy.set_version(2);
  policy.set_rate_basis_points(300);
  ASSERT_TRUE(Publish(policy).ok());

  EXPECT_EQ(Get("14", 2021, 0)->policy().rate_basis_points(), 300);
  EXPECT_EQ(Get("14", 2021, 1)->policy().rate_basis_points(), 500);
  EXPECT_EQ(Get("14", 2021, 1)->policy().publish_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_THAT(Get("14", 2021, 3), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get("14", 2020, 0), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Publish(policy), HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));
}

TEST_F(RewardPoliciesTest, AVersionOlderThanTheNewestIsRefused) {
  v1::RewardPolicy policy = ShanxiPolicy();
  policy.set_version(3);
  ASSERT_TRUE(Publish(policy).ok());
  policy.set_version(2);
  EXPECT_THAT(BadFieldsOf(Publish(policy)), ElementsAre("policy.version"));
}

TEST_F(RewardPoliciesTest, AnOfficerPublishesInsideTheOwnRegionOnly) {
  EXPECT_THAT(Publish(ShanxiPolicy(), testing::Officer("1403")), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  v1::RewardPolicy county = ShanxiPolicy();
  county.set_jurisdiction("140321");
  EXPECT_TRUE(Publish(county, testing::Officer("1403")).ok());
}

TEST_F(RewardPoliciesTest, EveryBadFieldIsNamed) {
  v1::RewardPolicy policy;
  policy.set_jurisdiction("99");
  policy.set_year(1999);
  policy.mutable_threshold()->set_amount_fen(-1);
  policy.set_rate_basis_points(10'001);
  policy.mutable_cap()->set_amount_fen(INT64_MAX);
  policy.add_programmes("twice");
  policy.add_programmes("twice");
  policy.add_programmes("");
  EXPECT_THAT(BadFieldsOf(Publish(policy)),
              ElementsAre("policy.jurisdiction", "policy.year", "policy.version", "policy.title", "policy.threshold",
                          "policy.rate_basis_points", "policy.cap", "policy.programmes[1]", "policy.programmes[2]"));
  policy.clear_programmes();
  EXPECT_THAT(BadFieldsOf(Publish(policy)), ::testing::Contains("policy.programmes"));
  policy.set_jurisdiction("140321105200");
  EXPECT_THAT(BadFieldsOf(Publish(policy)), ::testing::Contains("policy.jurisdiction"));
}

TEST_F(RewardPoliciesTest, ListsByJurisdictionYearAndVersionAcrossPages) {
  for (const auto& [jurisdiction, year, version] :
       {std::tuple("14", 2021, 9), {"14", 2020, 1}, {"1403", 2021, 1}, {"14", 2021, 10}}) {
    v1::RewardPolicy policy = ShanxiPolicy();
    policy.set_jurisdiction(jurisdiction);
    policy.set_year(year);
    policy.set_version(version);
    ASSERT_TRUE(Publish(policy).ok());
  }
  std::vector<std::string> seen;
  store::PageRequest page{.size = 3};
  do {
    auto listed = See(ListPolicies, page);
    ASSERT_TRUE(listed.ok()) << listed.status();
    for (const v1::RewardPolicy& policy : listed->response.policies()) {
      seen.push_back(base::StrCat(policy.jurisdiction(), "/", policy.year(), "/", policy.version()));
    }
    page.after = listed->last_key;
  } while (!page.after.empty());
  EXPECT_THAT(seen, ElementsAre("14/2020/1", "14/2021/9", "14/2021/10", "1403/2021/1"));
}

}  // namespace
}  // namespace zhuxiao::reward
