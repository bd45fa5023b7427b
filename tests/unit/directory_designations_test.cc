// Designations and linkages: what is published holds by region, level and day; names of households stay private.
#include "services/directory/designations.h"

#include <fstream>

#include "absl/strings/str_split.h"
#include "services/base/strings.h"
#include "services/directory/linkages.h"
#include "tests/unit/directory_fixture.h"

namespace zhuxiao::directory {
namespace {

class DesignationsTest : public DirectoryTest {
 protected:
  static v1::Designation Entry(const std::string& region, const std::string& from = "2020-01-01",
                               const std::string& to = "", const std::string& version = "2020",
                               const std::string& programme = "poor") {
    v1::Designation entry;
    entry.set_programme(programme);
    entry.set_list_version(version);
    entry.set_region_code(region);
    entry.set_valid_from(from);
    entry.set_valid_to(to);
    return entry;
  }
  absl::Status Publish(const base::Caller& caller, const std::vector<v1::Designation>& entries) {
    v1::PublishDesignationsRequest request;
    for (const auto& entry : entries) *request.add_designations() = entry;
    const auto published = Do(caller, PublishDesignations, request);
    EXPECT_TRUE(!published.ok() || published->published_count() == entries.size());
    return published.status();
  }
  // "programme/region/version" of what holds.
  std::vector<std::string> Held(const std::string& region, const std::string& day) {
    v1::CheckEligibilityRequest request;
    request.set_region_code(region);
    request.set_day(day);
    const auto response = See(CheckEligibility, request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> held;
    for (const auto& entry : response->designations()) {
      held.push_back(entry.programme() + "/" + entry.region_code() + "/" + entry.list_version());
    }
    return held;
  }
};

TEST_F(DesignationsTest, HoldsForTheRegionAndWhatLiesInIt) {
  ASSERT_TRUE(Publish(Operator(), {Entry(kYonghe), Entry(kVillage), Entry("141032203")}).ok());
  EXPECT_THAT(Held(kYonghe, "2020-06-01"), ElementsAre("poor/141032/2020"));
  EXPECT_THAT(Held("141032203206", "2020-06-01"), ElementsAre("poor/141032/2020", "poor/141032203/2020"));
  EXPECT_THAT(Held(kVillage, "2020-06-01"), ElementsAre("poor/140321105201/2020"));
  // A poor village makes neither its county nor its neighbours eligible.
  EXPECT_THAT(Held(kPingding, "2020-06-01"), IsEmpty());
  EXPECT_THAT(Held("140321105202", "2020-06-01"), IsEmpty());
}

TEST_F(DesignationsTest, HoldsFromItsFirstDayToItsLast) {
  ASSERT_TRUE(Publish(Operator(), {Entry(kYonghe, "2020-02-01", "2020-02-29")}).ok());
  EXPECT_THAT(Held(kYonghe, "2020-01-31"), IsEmpty());
  EXPECT_THAT(Held(kYonghe, "2020-02-01").size(), 1);
  EXPECT_THAT(Held(kYonghe, "2020-02-29").size(), 1);
  EXPECT_THAT(Held(kYonghe, "2020-03-01"), IsEmpty());
}

TEST_F(DesignationsTest, OrdersByProgrammeRegionAndVersion) {
  ASSERT_TRUE(Publish(Operator(), {Entry(kYonghe, "2020-01-01", "", "v2", "b")}).ok());
  ASSERT_TRUE(Publish(Operator(), {Entry(kYonghe, "2020-01-01", "", "v1", "b")}).ok());
  ASSERT_TRUE(Publish(Operator(), {Entry("141032203", "2020-01-01", "", "v1", "a")}).ok());
  EXPECT_THAT(Held("141032203", "2021-01-01"), ElementsAre("a/141032203/v1", "b/141032/v1", "b/141032/v2"));

  v1::ListDesignationsRequest request;
  auto page = See(ListDesignations, request, Page(2));
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->response.designations_size(), 2);
  EXPECT_EQ(page->response.designations(0).programme(), "a");
  page = See(ListDesignations, request, Page(2, page->last_key));
  EXPECT_EQ(page->response.designations_size(), 1);
  EXPECT_EQ(page->response.designations(0).list_version(), "v2");
  EXPECT_EQ(page->last_key, "");
  request.set_programme("b");
  EXPECT_EQ(See(ListDesignations, request, Page(50))->response.designations_size(), 2);
  request.set_programme("b/c");
  EXPECT_THAT(BadFieldsOf(See(ListDesignations, request, Page(50)).status()), ElementsAre("programme"));
}

TEST_F(DesignationsTest, PublishesAllOrNothingAndOnce) {
  ASSERT_TRUE(Publish(Operator(), {Entry(kYonghe)}).ok());
  EXPECT_THAT(Publish(Operator(), {Entry(kVillage), Entry(kYonghe)}),
              HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_THAT(Held(kVillage, "2020-06-01"), IsEmpty());
  EXPECT_TRUE(Publish(Operator(), {Entry(kYonghe, "2020-01-01", "", "2021")}).ok());
}

TEST_F(DesignationsTest, OfficersPublishForTheirRegionOnly) {
  EXPECT_THAT(Publish(county_officer_, {Entry(kVillage), Entry(kYonghe)}),
              HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_TRUE(Publish(province_officer_, {Entry(kVillage), Entry(kYonghe)}).ok());
}

TEST_F(DesignationsTest, NamesEveryBadField) {
  EXPECT_THAT(BadFieldsOf(Publish(Operator(), {})), ElementsAre("designations"));
  EXPECT_THAT(BadFieldsOf(Publish(Operator(), std::vector<v1::Designation>(kMaxDesignations + 1, Entry(kYonghe)))),
              ElementsAre("designations"));
  EXPECT_THAT(BadFieldsOf(Publish(Operator(), {Entry("14", "2020-02-30", "x", "a b", "")})),
              ElementsAre("designations[0].programme", "designations[0].list_version", "designations[0].region_code",
                          "designations[0].valid_from", "designations[0].valid_to"));
  EXPECT_THAT(BadFieldsOf(Publish(Operator(), {Entry(kYonghe), Entry(kYonghe, "2020-02-02", "2020-02-01", "2", "q")})),
              ElementsAre("designations[1].valid_to", "designations[1].programme", "designations[1].list_version",
                          "designations[1].region_code"));
  v1::CheckEligibilityRequest request;
  EXPECT_THAT(BadFieldsOf(See(CheckEligibility, request).status()), ElementsAre("region_code", "day"));
}

TEST_F(DesignationsTest, ShippedEntriesMakeTheSeedCasesEligible) {
  std::ifstream file(ZHUXIAO_DESIGNATIONS_CSV);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    ASSERT_EQ(cells.size(), 6) << line;
    const absl::Status published = Publish(Operator(), {Entry(cells[2], cells[3], cells[4], cells[1], cells[0])});
    ASSERT_TRUE(published.ok()) << published << " " << line;
  }
  EXPECT_THAT(Held("141032203206", "2020-03-01"), ElementsAre("national-poor-counties/141032/2020"));
  EXPECT_THAT(Held("140431", "2020-03-01"), ElementsAre("shanxi-provincial-poor-counties/140431/2020"));
  EXPECT_THAT(Held("141130", "2020-03-01"), ElementsAre("shanxi-provincial-poor-counties/141130/2020"));
  EXPECT_THAT(Held(kPingding, "2020-03-01"), IsEmpty());
  EXPECT_THAT(Held(kVillage, "2020-03-01"), ElementsAre("shanxi-poor-villages/140321105201/2020"));
}

class LinkagesTest : public DirectoryTest {
 protected:
  v1::Linkage Linkage(int households) {
    v1::Linkage linkage;
    linkage.set_supplier_uscc(coop_);
    linkage.set_village_code(kVillage);
    linkage.set_linkage_ppm(800'000);
    for (int i = 0; i < households; ++i) {
      v1::Household& household = *linkage.add_households();
      household.set_household_code(base::StrCat("h-", i));
      household.set_name("张三丰");
      household.set_share_ppm(1'000'000 / households);
    }
    return linkage;
  }
  absl::StatusOr<v1::SetLinkageResponse> Set(const base::Caller& caller, const v1::Linkage& linkage) {
    v1::SetLinkageRequest request;
    *request.mutable_linkage() = linkage;
    return Do(caller, SetLinkage, request);
  }
  absl::StatusOr<v1::GetLinkageResponse> Get(const base::Caller& caller) {
    v1::GetLinkageRequest request;
    request.set_supplier_uscc(coop_);
    return See(GetLinkage, caller, request);
  }
};

TEST_F(LinkagesTest, ReplacesTheFormerByEtag) {
  HaveApplicant();
  v1::Linkage linkage = Linkage(2);
  linkage.set_etag("1");
  EXPECT_THAT(Set(county_officer_, linkage), HasReason(ErrorReason::ERROR_REASON_ETAG_MISMATCH));
  linkage.clear_etag();
  const auto set = Set(county_officer_, linkage);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->linkage().etag(), "1");
  EXPECT_THAT(Set(county_officer_, linkage), HasReason(ErrorReason::ERROR_REASON_ETAG_MISMATCH));
  v1::Linkage next = Linkage(1);
  next.set_etag("1");
  ASSERT_TRUE(Set(county_officer_, next).ok());
  const auto found = See(FindLinkage, coop_);
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->households_size(), 1);
  EXPECT_EQ((*found)->etag(), "2");
}

TEST_F(LinkagesTest, NamesAreForTheOfficerOfTheRegionOnly) {
  HaveApplicant();
  ASSERT_TRUE(Set(county_officer_, Linkage(1)).ok());
  EXPECT_EQ(Get(county_officer_)->linkage().households(0).name(), "张三丰");
  EXPECT_EQ(Get(province_officer_)->linkage().households(0).name(), "张三丰");
  EXPECT_EQ(Get(SupplierOf(coop_))->linkage().households(0).name(), "张**");
  EXPECT_EQ(Get(testing::Auditor())->linkage().households(0).name(), "张**");
  EXPECT_EQ(Get(stranger_).status(), base::NotFound("linkage", coop_));
  EXPECT_EQ(Get(SupplierOf(school_)).status(), base::NotFound("linkage", coop_));
  // The feed is read by machines and auditors: no name is in it.
  EXPECT_EQ(LastEvent().linkage().households(0).household_code(), "h-0");
  EXPECT_EQ(LastEvent().SerializeAsString().find("张"), std::string::npos);
}

TEST_F(LinkagesTest, OfficersSeeSuppliersOfTheirRegionWithHouseholdsElsewhereMasked) {
  HaveApplicant();
  v1::Linkage linkage = Linkage(1);
  linkage.set_village_code("141032203206");
  EXPECT_THAT(Set(county_officer_, linkage), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  ASSERT_TRUE(Set(province_officer_, linkage).ok());
  EXPECT_EQ(Get(county_officer_)->linkage().households(0).name(), "张**");
  EXPECT_EQ(Get(stranger_)->linkage().households(0).name(), "张三丰");
}

TEST_F(LinkagesTest, NeedsASupplierOfTheOfficersRegion) {
  EXPECT_EQ(Set(county_officer_, Linkage(1)).status(), base::NotFound("supplier", coop_));
  HaveApplicant();
  EXPECT_EQ(Set(stranger_, Linkage(1)).status(), base::NotFound("supplier", coop_));
  EXPECT_EQ(Get(county_officer_).status(), base::NotFound("linkage", coop_));
}

TEST_F(LinkagesTest, NamesEveryBadField) {
  v1::Linkage wrong = Linkage(3);
  wrong.set_supplier_uscc("x");
  wrong.set_village_code("140321105");
  wrong.set_linkage_ppm(1'000'001);
  wrong.mutable_households(1)->set_household_code("h-0");
  wrong.mutable_households(1)->clear_name();
  wrong.mutable_households(2)->set_household_code("a b");
  wrong.mutable_households(2)->set_share_ppm(-1);
  EXPECT_THAT(BadFieldsOf(Set(Operator(), wrong).status()),
              ElementsAre("linkage.supplier_uscc", "linkage.village_code", "linkage.linkage_ppm",
                          "linkage.households[1].household_code", "linkage.households[1].name",
                          "linkage.households[2].household_code", "linkage.households[2].share_ppm"));
}

TEST_F(LinkagesTest, SharesSumToAtMostTheWhole) {
  HaveApplicant();
  v1::Linkage linkage = Linkage(2);
  linkage.mutable_households(0)->set_share_ppm(500'001);
  EXPECT_THAT(BadFieldsOf(Set(county_officer_, linkage).status()), ElementsAre("linkage.households"));
  linkage.mutable_households(0)->set_share_ppm(500'000);
  EXPECT_TRUE(Set(county_officer_, linkage).ok());
}

TEST_F(LinkagesTest, TakesSoManyHouseholdsAndNoMore) {
  HaveApplicant();
  EXPECT_THAT(BadFieldsOf(Set(county_officer_, Linkage(kMaxHouseholds + 1)).status()),
              ElementsAre("linkage.households"));
  EXPECT_TRUE(Set(county_officer_, Linkage(kMaxHouseholds)).ok());
}

TEST(MaskNameTest, KeepsTheFirstCharacterWhateverItsBytes) {
  EXPECT_EQ(MaskName("张三"), "张**");
  EXPECT_EQ(MaskName("𠮷田"), "𠮷**");
  EXPECT_EQ(MaskName("A"), "A**");
  EXPECT_EQ(MaskName(""), "");
}

}  // namespace
}  // namespace zhuxiao::directory
