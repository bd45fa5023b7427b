// Organisations: codes, regions of officers, updates by mask and etag, lists.
#include "services/directory/organisations.h"

#include "tests/unit/directory_fixture.h"

namespace zhuxiao::directory {
namespace {

class OrganisationsTest : public DirectoryTest {
 protected:
  absl::StatusOr<v1::UpdateOrganisationResponse> Update(const base::Caller& caller, v1::Organisation organisation,
                                                        const std::vector<std::string>& paths) {
    v1::UpdateOrganisationRequest request;
    *request.mutable_organisation() = std::move(organisation);
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    return Do(caller, UpdateOrganisation, request);
  }

  std::vector<std::string> Listed(const base::Caller& caller, const v1::ListOrganisationsRequest& request) {
    const auto page = See(ListOrganisations, caller, request, Page(50));
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> codes;
    for (const auto& organisation : page->response.organisations()) codes.push_back(organisation.uscc());
    return codes;
  }
};

TEST_F(OrganisationsTest, IsReadAsCreatedWithTimeAndEtagOfTheServer) {
  v1::Organisation wanted = Organisation(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
  wanted.set_etag("77");
  wanted.mutable_create_time()->set_seconds(5);
  const auto created = Create(county_officer_, wanted);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->organisation().etag(), "1");
  EXPECT_EQ(created->organisation().create_time().seconds(), absl::ToUnixSeconds(clock_.Now()));

  v1::GetOrganisationRequest get;
  get.set_uscc(coop_);
  const auto read = See([](auto&... args) { return GetOrganisation(args...); }, stranger_, get);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->organisation().SerializeAsString(), created->organisation().SerializeAsString());
}

TEST_F(OrganisationsTest, NamesEveryBadField) {
  EXPECT_THAT(BadFieldsOf(Create(Operator(), {}).status()),
              ElementsAre("organisation.uscc", "organisation.name", "organisation.kind", "organisation.region_code"));

  v1::Organisation wrong = Organisation("91350100M000100Y4Z", v1::ORGANISATION_KIND_ENTERPRISE, "990000");
  wrong.set_name(std::string(121, 'x'));
  EXPECT_THAT(BadFieldsOf(Create(Operator(), wrong).status()),
              ElementsAre("organisation.uscc", "organisation.name", "organisation.region_code"));

  // A city is no seat.
  EXPECT_THAT(BadFieldsOf(Create(Operator(), Organisation(coop_, v1::ORGANISATION_KIND_COOPERATIVE, "1403")).status()),
              ElementsAre("organisation.region_code"));
}

TEST_F(OrganisationsTest, CountsCharactersOfNamesNotBytes) {
  v1::Organisation organisation = Organisation(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
  std::string name;
  for (int i = 0; i < 120; ++i) name += "社";
  organisation.set_name(name);
  EXPECT_TRUE(Create(Operator(), organisation).ok());
}

TEST_F(OrganisationsTest, OfficersCreateInsideTheirRegionOnly) {
  const v1::Organisation organisation = Organisation(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
  EXPECT_THAT(Create(stranger_, organisation), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_TRUE(Create(province_officer_, organisation).ok());
}

TEST_F(OrganisationsTest, ExistsOnce) {
  Have(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
  EXPECT_THAT(Create(Operator(), Organisation(coop_, v1::ORGANISATION_KIND_COOPERATIVE)),
              HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));
}

TEST_F(OrganisationsTest, UpdatesWhatTheMaskNamesAndNothingElse) {
  Have(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
  v1::Organisation wanted = Organisation(coop_, v1::ORGANISATION_KIND_ENTERPRISE, "not looked at");
  wanted.set_name("新名");
  wanted.set_etag("1");
  const auto updated = Update(county_officer_, wanted, {"name"});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->organisation().name(), "新名");
  EXPECT_EQ(updated->organisation().kind(), v1::ORGANISATION_KIND_COOPERATIVE);
  EXPECT_EQ(updated->organisation().region_code(), kPingding);
  EXPECT_EQ(updated->organisation().etag(), "2");
  EXPECT_EQ(See([](auto&... args) { return GetOrganisation(args...); }, coop_)->name(), "新名");
}

TEST_F(OrganisationsTest, UpdateNamesEveryBadField) {
  EXPECT_THAT(BadFieldsOf(Update(Operator(), {}, {}).status()),
              ElementsAre("organisation.uscc", "update_mask", "organisation.etag"));
  v1::Organisation wanted = Organisation(coop_, v1::ORGANISATION_KIND_COOPERATIVE, "140");
  wanted.clear_name();
  wanted.set_etag("1");
  EXPECT_THAT(BadFieldsOf(Update(Operator(), wanted, {"name", "kind", "region_code"}).status()),
              ElementsAre("update_mask", "organisation.name", "organisation.region_code"));
}

TEST_F(OrganisationsTest, UpdateRefusesAStaleEtag) {
  Have(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
  v1::Organisation wanted = Organisation(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
  wanted.set_etag("1");
  ASSERT_TRUE(Update(Operator(), wanted, {"name"}).ok());
  EXPECT_THAT(Update(Operator(), wanted, {"name"}), HasReason(ErrorReason::ERROR_REASON_ETAG_MISMATCH));
}

TEST_F(OrganisationsTest, UpdateStaysInsideTheOfficersRegion) {
  Have(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
  v1::Organisation wanted = Organisation(coop_, v1::ORGANISATION_KIND_COOPERATIVE, kYonghe);
  wanted.set_etag("1");
  // Neither pulled in from outside nor pushed out.
  EXPECT_THAT(Update(stranger_, wanted, {"region_code"}), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Update(county_officer_, wanted, {"region_code"}), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_TRUE(Update(province_officer_, wanted, {"region_code"}).ok());
}

TEST_F(OrganisationsTest, UnknownAndForeignLookTheSame) {
  v1::Organisation wanted = Organisation(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
  wanted.set_etag("1");
  const absl::Status unknown = Update(stranger_, wanted, {"name"}).status();
  Have(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
  EXPECT_EQ(Update(stranger_, wanted, {"name"}).status(), unknown);
}

TEST_F(OrganisationsTest, ListsByRegionKindAndCaller) {
  const std::string farm = Uscc("92", 9);
  Have(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
  Have(school_, v1::ORGANISATION_KIND_PUBLIC_BODY);
  Have(farm, v1::ORGANISATION_KIND_FAMILY_FARM, kYonghe);

  EXPECT_THAT(Listed(Operator(), {}), ElementsAre(school_, farm, coop_));
  EXPECT_THAT(Listed(testing::Auditor(), {}), ElementsAre(school_, farm, coop_));
  EXPECT_THAT(Listed(stranger_, {}), ElementsAre(farm));
  v1::ListOrganisationsRequest request;
  request.set_region_prefix("1403");
  EXPECT_THAT(Listed(Operator(), request), ElementsAre(school_, coop_));
  EXPECT_THAT(Listed(stranger_, request), IsEmpty());
  request.set_kind(v1::ORGANISATION_KIND_COOPERATIVE);
  EXPECT_THAT(Listed(Operator(), request), ElementsAre(coop_));
  for (const char* prefix : {"14032", "99"}) {
    request.set_region_prefix(prefix);
    EXPECT_THAT(BadFieldsOf(See(ListOrganisations, Operator(), request, Page(50)).status()),
                ElementsAre("region_prefix"))
        << prefix;
  }
}

TEST_F(OrganisationsTest, ListsInPages) {
  for (int i = 0; i < 5; ++i) Have(Uscc("91", i), v1::ORGANISATION_KIND_ENTERPRISE);
  std::vector<std::string> codes;
  std::string after;
  int pages = 0;
  do {
    const auto page = See(ListOrganisations, Operator(), v1::ListOrganisationsRequest(), Page(2, after));
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& organisation : page->response.organisations()) codes.push_back(organisation.uscc());
    after = page->last_key;
    ++pages;
  } while (!after.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(codes, Listed(Operator(), {}));
}

}  // namespace
}  // namespace zhuxiao::directory
