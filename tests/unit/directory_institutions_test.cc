// Institutions: canteen modes and representatives, the forest of parents, updates, who sees what.
#include "services/directory/institutions.h"

#include "tests/unit/directory_fixture.h"

namespace zhuxiao::directory {
namespace {

class InstitutionsTest : public DirectoryTest {
 protected:
  v1::Institution Shared(const std::string& uscc, const std::string& representative) {
    v1::Institution institution = Institution(uscc);
    institution.set_canteen_mode(v1::CANTEEN_MODE_SHARED);
    institution.set_representative_uscc(representative);
    return institution;
  }
  v1::Institution Child(const std::string& uscc, const std::string& parent) {
    v1::Institution institution = Institution(uscc);
    institution.set_parent_uscc(parent);
    return institution;
  }
  absl::StatusOr<v1::UpdateInstitutionResponse> Update(const base::Caller& caller, v1::Institution institution,
                                                       const std::vector<std::string>& paths) {
    v1::UpdateInstitutionRequest request;
    if (institution.etag().empty()) institution.set_etag(Stored(institution.uscc()).etag());
    *request.mutable_institution() = std::move(institution);
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    return Do(caller, UpdateInstitution, request);
  }
  v1::Institution Stored(const std::string& uscc) {
    return See([](store::Reader& reader, const std::string& code) { return GetInstitution(reader, code); }, uscc)
        .value_or(v1::Institution());
  }
  absl::Status Get(const base::Caller& caller, const std::string& uscc) {
    v1::GetInstitutionRequest request;
    request.set_uscc(uscc);
    return See([](auto&... args) { return GetInstitution(args...); }, caller, request).status();
  }
  std::vector<std::string> Listed(const base::Caller& caller, const v1::ListInstitutionsRequest& request = {}) {
    const auto page = See(ListInstitutions, caller, request, Page(50));
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> codes;
    for (const auto& institution : page->response.institutions()) codes.push_back(institution.uscc());
    return codes;
  }
};

TEST_F(InstitutionsTest, RegistersItselfAndOfficersThoseOfTheirRegion) {
  Have(school_, v1::ORGANISATION_KIND_PUBLIC_BODY);
  EXPECT_EQ(Register(InstitutionOf(agency_), Institution(school_)).status(), base::NotFound("organisation", school_));
  EXPECT_EQ(Register(stranger_, Institution(school_)).status(), base::NotFound("organisation", school_));
  EXPECT_EQ(Register(Operator(), Institution(agency_)).status(), base::NotFound("organisation", agency_));
  const auto registered = Register(InstitutionOf(school_), Institution(school_));
  ASSERT_TRUE(registered.ok()) << registered.status();
  EXPECT_EQ(registered->institution().etag(), "1");
  EXPECT_THAT(Register(county_officer_, Institution(school_)), HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));
}

TEST_F(InstitutionsTest, NamesEveryBadField) {
  EXPECT_THAT(BadFieldsOf(Register(Operator(), {}).status()),
              ElementsAre("institution.uscc", "institution.channel", "institution.canteen_mode"));
  v1::Institution wrong = Shared(school_, "");
  wrong.set_parent_uscc("1");
  EXPECT_THAT(BadFieldsOf(Register(Operator(), wrong).status()),
              ElementsAre("institution.parent_uscc", "institution.representative_uscc"));
  wrong = Child(school_, school_);
  wrong.set_representative_uscc(agency_);
  EXPECT_THAT(BadFieldsOf(Register(Operator(), wrong).status()),
              ElementsAre("institution.parent_uscc", "institution.representative_uscc"));
}

TEST_F(InstitutionsTest, OnlySharedCanteensHaveARepresentative) {
  for (const auto mode : {v1::CANTEEN_MODE_OWN, v1::CANTEEN_MODE_OUTSOURCED, v1::CANTEEN_MODE_NONE}) {
    v1::Institution institution = Institution(school_);
    institution.set_canteen_mode(mode);
    institution.set_representative_uscc(school_);
    EXPECT_THAT(BadFieldsOf(Register(Operator(), institution).status()),
                ElementsAre("institution.representative_uscc"));
  }
}

TEST_F(InstitutionsTest, ARepresentativeRepresentsItself) {
  HaveInstitution(Institution(agency_));
  Have(school_, v1::ORGANISATION_KIND_PUBLIC_BODY);
  // Unknown, then with a canteen of its own, then represented by another itself.
  EXPECT_THAT(Register(Operator(), Shared(school_, coop_)), HasReason(ErrorReason::ERROR_REASON_REFERENCE_INVALID));
  EXPECT_THAT(Register(Operator(), Shared(school_, agency_)), HasReason(ErrorReason::ERROR_REASON_REFERENCE_INVALID));
  ASSERT_TRUE(Update(Operator(), Shared(agency_, agency_), {"canteen_mode", "representative_uscc"}).ok());
  ASSERT_TRUE(Register(Operator(), Shared(school_, agency_)).ok());
  const std::string third = Uscc("11", 30);
  Have(third, v1::ORGANISATION_KIND_PUBLIC_BODY);
  EXPECT_THAT(Register(Operator(), Shared(third, school_)), HasReason(ErrorReason::ERROR_REASON_REFERENCE_INVALID));
}

TEST_F(InstitutionsTest, ARepresentativeOthersRelyOnStaysOne) {
  HaveInstitution(Shared(agency_, agency_));
  HaveInstitution(Shared(school_, agency_));
  v1::Institution own = Institution(agency_);
  EXPECT_THAT(Update(Operator(), own, {"canteen_mode", "representative_uscc"}),
              HasReason(ErrorReason::ERROR_REASON_REFERENCE_INVALID));
  ASSERT_TRUE(Update(Operator(), Institution(school_), {"canteen_mode", "representative_uscc"}).ok());
  EXPECT_TRUE(Update(Operator(), own, {"canteen_mode", "representative_uscc"}).ok());
}

TEST_F(InstitutionsTest, AnOfficerOfBothNamesAnotherAsRepresentative) {
  const std::vector<std::string> canteen = {"canteen_mode", "representative_uscc"};
  const std::string far = Uscc("12", 70);
  HaveInstitution(Shared(agency_, agency_));
  HaveInstitution(Shared(far, far), kYonghe);
  HaveInstitution(Institution(school_));
  const auto refused = ElementsAre("institution.representative_uscc");
  // Not itself, not the one to pay, and not the officer of one of the two.
  EXPECT_THAT(BadFieldsOf(Update(InstitutionOf(school_), Shared(school_, agency_), canteen).status()), refused);
  EXPECT_THAT(BadFieldsOf(Update(county_officer_, Shared(school_, far), canteen).status()), refused);
  EXPECT_EQ(Update(InstitutionOf(agency_), Shared(school_, agency_), canteen).status(),
            base::NotFound("institution", school_));
  const std::string new_one = Uscc("12", 71);
  Have(new_one, v1::ORGANISATION_KIND_PUBLIC_BODY);
  EXPECT_THAT(BadFieldsOf(Register(InstitutionOf(new_one), Shared(new_one, agency_)).status()), refused);
  EXPECT_TRUE(Register(county_officer_, Shared(new_one, agency_)).ok());

  ASSERT_TRUE(Update(province_officer_, Shared(school_, far), canteen).ok());
  ASSERT_TRUE(Update(county_officer_, Shared(school_, agency_), canteen).ok());
  EXPECT_THAT(BadFieldsOf(Update(InstitutionOf(school_), Shared(school_, far), canteen).status()), refused);
}

TEST_F(InstitutionsTest, KeepsAndLeavesItsRepresentativeByItself) {
  HaveInstitution(Shared(agency_, agency_));
  HaveInstitution(Shared(school_, agency_));
  const base::Caller school = InstitutionOf(school_);
  v1::Institution hospital = Shared(school_, agency_);
  hospital.set_channel(v1::CHANNEL_HOSPITAL);
  EXPECT_TRUE(Update(school, hospital, {"channel", "canteen_mode", "representative_uscc"}).ok());
  EXPECT_TRUE(Update(school, Shared(school_, school_), {"representative_uscc"}).ok());
  EXPECT_TRUE(Update(school, Institution(school_), {"canteen_mode", "representative_uscc"}).ok());
}

TEST_F(InstitutionsTest, AParentIsAnInstitution) {
  Have(school_, v1::ORGANISATION_KIND_PUBLIC_BODY);
  Have(agency_, v1::ORGANISATION_KIND_PUBLIC_BODY);
  EXPECT_THAT(Register(Operator(), Child(school_, agency_)), HasReason(ErrorReason::ERROR_REASON_REFERENCE_INVALID));
  ASSERT_TRUE(Register(Operator(), Institution(agency_)).ok());
  EXPECT_TRUE(Register(Operator(), Child(school_, agency_)).ok());
}

TEST_F(InstitutionsTest, ParentsMakeNoCycle) {
  const std::string top = Uscc("11", 40);
  HaveInstitution(Institution(top));
  HaveInstitution(Child(agency_, top));
  HaveInstitution(Child(school_, agency_));
  EXPECT_THAT(Update(Operator(), Child(top, school_), {"parent_uscc"}),
              HasReason(ErrorReason::ERROR_REASON_PARENT_CYCLE));
  EXPECT_THAT(Update(Operator(), Child(top, agency_), {"parent_uscc"}),
              HasReason(ErrorReason::ERROR_REASON_PARENT_CYCLE));
  EXPECT_THAT(BadFieldsOf(Update(Operator(), Child(top, top), {"parent_uscc"}).status()),
              ElementsAre("institution.parent_uscc"));
  // Moving up is no cycle.
  EXPECT_TRUE(Update(Operator(), Child(school_, top), {"parent_uscc"}).ok());
  EXPECT_TRUE(Update(Operator(), Institution(school_), {"parent_uscc"}).ok());
}

TEST_F(InstitutionsTest, ParentsGoUpSoManyLevelsAndNoMore) {
  HaveInstitution(Institution(Uscc("11", 100)));
  for (int i = 1; i <= kMaxParentDepth; ++i) HaveInstitution(Child(Uscc("11", 100 + i), Uscc("11", 99 + i)));
  const std::string below = Uscc("11", 101 + kMaxParentDepth);
  Have(below, v1::ORGANISATION_KIND_PUBLIC_BODY);
  EXPECT_THAT(Register(Operator(), Child(below, Uscc("11", 100 + kMaxParentDepth))),
              HasReason(ErrorReason::ERROR_REASON_REFERENCE_INVALID));
}

TEST_F(InstitutionsTest, UpdatesWhatTheMaskNamesAndNothingElse) {
  HaveInstitution(Institution(school_));
  v1::Institution wanted = Institution(school_);
  wanted.set_channel(v1::CHANNEL_HOSPITAL);
  wanted.set_canteen_mode(v1::CANTEEN_MODE_NONE);
  const auto updated = Update(InstitutionOf(school_), wanted, {"channel"});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->institution().channel(), v1::CHANNEL_HOSPITAL);
  EXPECT_EQ(updated->institution().canteen_mode(), v1::CANTEEN_MODE_OWN);
  EXPECT_EQ(updated->institution().etag(), "2");
  EXPECT_EQ(Stored(school_).SerializeAsString(), updated->institution().SerializeAsString());
}

TEST_F(InstitutionsTest, UpdateNamesEveryBadField) {
  HaveInstitution(Institution(school_));
  EXPECT_THAT(BadFieldsOf(Update(Operator(), {}, {}).status()),
              ElementsAre("institution.uscc", "update_mask", "institution.etag"));
  v1::Institution wrong;
  wrong.set_uscc(school_);
  wrong.set_parent_uscc("x");
  wrong.set_representative_uscc("y");
  EXPECT_THAT(
      BadFieldsOf(Update(Operator(), wrong, {"uscc", "channel", "parent_uscc", "canteen_mode", "representative_uscc"})
                      .status()),
      ElementsAre("update_mask", "institution.channel", "institution.parent_uscc", "institution.canteen_mode",
                  "institution.representative_uscc"));
  // The rule over mode and representative holds for what would be stored.
  EXPECT_THAT(BadFieldsOf(Update(Operator(), Shared(school_, school_), {"canteen_mode"}).status()),
              ElementsAre("institution.representative_uscc"));
}

TEST_F(InstitutionsTest, UpdateRefusesStrangersAndStaleEtags) {
  HaveInstitution(Institution(school_));
  v1::Institution wanted = Institution(school_);
  wanted.set_etag("1");
  EXPECT_EQ(Update(stranger_, wanted, {"channel"}).status(), base::NotFound("institution", school_));
  EXPECT_EQ(Update(InstitutionOf(agency_), wanted, {"channel"}).status(), base::NotFound("institution", school_));
  wanted.set_etag("0");
  EXPECT_THAT(Update(county_officer_, wanted, {"channel"}), HasReason(ErrorReason::ERROR_REASON_ETAG_MISMATCH));
}

TEST_F(InstitutionsTest, IsSeenByItselfItsParentItsRepresentativeAndItsOfficers) {
  const std::string other = Uscc("11", 50);
  HaveInstitution(Institution(agency_));
  HaveInstitution(Shared(other, other), kYonghe);
  v1::Institution school = Shared(school_, other);
  school.set_parent_uscc(agency_);
  HaveInstitution(school);
  for (const auto& caller : {InstitutionOf(school_), InstitutionOf(agency_), InstitutionOf(other), county_officer_,
                             province_officer_, Officer(""), Operator(), testing::Auditor()}) {
    EXPECT_TRUE(Get(caller, school_).ok()) << caller.token_id;
  }
  EXPECT_EQ(Get(stranger_, school_), base::NotFound("institution", school_));
  EXPECT_EQ(Get(InstitutionOf(school_), agency_), base::NotFound("institution", agency_));
}

TEST_F(InstitutionsTest, ListsByParentChannelAndCaller) {
  HaveInstitution(Institution(agency_), kYonghe);
  HaveInstitution(Child(school_, agency_));
  const std::string hospital = Uscc("12", 60);
  v1::Institution institution = Child(hospital, agency_);
  institution.set_channel(v1::CHANNEL_HOSPITAL);
  HaveInstitution(institution);

  EXPECT_THAT(Listed(Operator()), ElementsAre(agency_, school_, hospital));
  EXPECT_THAT(Listed(county_officer_), ElementsAre(school_, hospital));
  v1::ListInstitutionsRequest request;
  request.set_parent_uscc(agency_);
  EXPECT_THAT(Listed(Operator(), request), ElementsAre(school_, hospital));
  request.set_channel(v1::CHANNEL_HOSPITAL);
  EXPECT_THAT(Listed(Operator(), request), ElementsAre(hospital));
  EXPECT_THAT(Listed(stranger_, request), IsEmpty());
  request.clear_channel();
  ASSERT_TRUE(Update(Operator(), Institution(school_), {"parent_uscc"}).ok());
  EXPECT_THAT(Listed(Operator(), request), ElementsAre(hospital));
  request.set_parent_uscc("x");
  EXPECT_THAT(BadFieldsOf(See(ListInstitutions, Operator(), request, Page(50)).status()), ElementsAre("parent_uscc"));
}

}  // namespace
}  // namespace zhuxiao::directory
