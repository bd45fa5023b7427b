// Registrations: who may record and read them, what they may hold, and the organisations of one representative.
#include "services/directory/registrations.h"

#include "tests/unit/directory_fixture.h"

namespace zhuxiao::directory {
namespace {

const std::string kLi(64, 'a');
const std::string kWang(64, 'b');

class RegistrationsTest : public DirectoryTest {
 protected:
  RegistrationsTest() {
    Have(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
    Have(school_, v1::ORGANISATION_KIND_ENTERPRISE, kYonghe);
  }

  static v1::Registration Of(const std::string& uscc, const std::string& representative, const std::string& etag = "") {
    v1::Registration registration;
    registration.set_uscc(uscc);
    registration.set_representative_digest(representative);
    registration.set_etag(etag);
    return registration;
  }

  absl::StatusOr<v1::SetRegistrationResponse> Set(const base::Caller& caller, const v1::Registration& registration) {
    v1::SetRegistrationRequest request;
    *request.mutable_registration() = registration;
    return Do(caller, SetRegistration, request);
  }

  absl::StatusOr<v1::GetRegistrationResponse> Get(const base::Caller& caller, const std::string& uscc) {
    v1::GetRegistrationRequest request;
    request.set_uscc(uscc);
    return See(GetRegistration, caller, request);
  }

  std::vector<std::string> ShopsOf(const std::string& representative) {
    return *See(RegisteredBy, representative, size_t{10});
  }
};

TEST_F(RegistrationsTest, IsReadByOfficersOfTheSeatAndAuditorsOnly) {
  ASSERT_TRUE(Set(county_officer_, Of(coop_, kLi)).ok());
  const auto read = Get(province_officer_, coop_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->registration().representative_digest(), kLi);
  EXPECT_EQ(read->registration().etag(), "1");
  EXPECT_TRUE(Get(testing::Auditor(), coop_).ok());
  EXPECT_THAT(Get(stranger_, coop_), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get(county_officer_, school_), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
}

TEST_F(RegistrationsTest, AnOfficerOfElsewhereAndAnOldEtagAreRefused) {
  EXPECT_THAT(Set(stranger_, Of(coop_, kLi)), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Set(county_officer_, Of(agency_, kLi)), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  ASSERT_TRUE(Set(county_officer_, Of(coop_, kLi)).ok());
  EXPECT_THAT(Set(county_officer_, Of(coop_, kWang)), HasReason(ErrorReason::ERROR_REASON_ETAG_MISMATCH));
  EXPECT_TRUE(Set(county_officer_, Of(coop_, kWang, "1")).ok());
}

TEST_F(RegistrationsTest, TheOrganisationsOfARepresentativeFollowItsChanges) {
  ASSERT_TRUE(Set(Operator(), Of(coop_, kLi)).ok());
  ASSERT_TRUE(Set(Operator(), Of(school_, kLi)).ok());
  EXPECT_THAT(ShopsOf(kLi), UnorderedElementsAre(coop_, school_));
  ASSERT_TRUE(Set(Operator(), Of(coop_, kWang, "1")).ok());
  EXPECT_THAT(ShopsOf(kLi), ElementsAre(school_));
  EXPECT_THAT(ShopsOf(kWang), ElementsAre(coop_));
  ASSERT_TRUE(Set(Operator(), Of(coop_, "", "2")).ok());
  EXPECT_THAT(ShopsOf(kWang), IsEmpty());
}

TEST_F(RegistrationsTest, EveryBadFieldIsNamed) {
  v1::Registration bad = Of("x", "13800000000");
  bad.add_identifier_digests("6222");
  for (int i = 0; i < 2; ++i) {
    bad.add_capacities()->set_commodity_code("egg");
    bad.mutable_capacities(i)->set_yearly_base(i);
  }
  bad.add_capacities()->set_commodity_code("gold");
  EXPECT_THAT(
      BadFieldsOf(Set(Operator(), bad).status()),
      ElementsAre("registration.uscc", "registration.representative_digest", "registration.identifier_digests[0]",
                  "registration.capacities[0].yearly_base", "registration.capacities[1].commodity_code",
                  "registration.capacities[2].commodity_code", "registration.capacities[2].yearly_base"));
}

}  // namespace
}  // namespace zhuxiao::directory
