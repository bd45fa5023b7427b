// Suppliers: applications, the table of states, four eyes, regions, who sees what.
#include "services/directory/suppliers.h"

#include "services/directory/supplier_states.h"
#include "tests/unit/directory_fixture.h"

namespace zhuxiao::directory {
namespace {

constexpr v1::SupplierState kStates[] = {v1::SUPPLIER_STATE_UNSPECIFIED, v1::SUPPLIER_STATE_APPLIED,
                                         v1::SUPPLIER_STATE_RECOMMENDED, v1::SUPPLIER_STATE_ACTIVE,
                                         v1::SUPPLIER_STATE_SUSPENDED,   v1::SUPPLIER_STATE_REMOVED};

// Every pair of a state and an action, against the words of the domain.
TEST(SupplierStatesTest, AdmitsTheseStepsAndNoOthers) {
  const auto next = [](v1::SupplierState state, SupplierAction action) {
    return NextState(state, action).value_or(v1::SUPPLIER_STATE_UNSPECIFIED);
  };
  for (const v1::SupplierState state : kStates) {
    SCOPED_TRACE(v1::SupplierState_Name(state));
    EXPECT_EQ(next(state, SupplierAction::kRecommend),
              state == v1::SUPPLIER_STATE_APPLIED ? v1::SUPPLIER_STATE_RECOMMENDED : v1::SUPPLIER_STATE_UNSPECIFIED);
    EXPECT_EQ(next(state, SupplierAction::kActivate),
              state == v1::SUPPLIER_STATE_RECOMMENDED || state == v1::SUPPLIER_STATE_SUSPENDED
                  ? v1::SUPPLIER_STATE_ACTIVE
                  : v1::SUPPLIER_STATE_UNSPECIFIED);
    EXPECT_EQ(next(state, SupplierAction::kSuspend),
              state == v1::SUPPLIER_STATE_ACTIVE ? v1::SUPPLIER_STATE_SUSPENDED : v1::SUPPLIER_STATE_UNSPECIFIED);
    EXPECT_EQ(next(state, SupplierAction::kRemove), state == v1::SUPPLIER_STATE_APPLIED ||
                                                            state == v1::SUPPLIER_STATE_RECOMMENDED ||
                                                            state == v1::SUPPLIER_STATE_SUSPENDED
                                                        ? v1::SUPPLIER_STATE_REMOVED
                                                        : v1::SUPPLIER_STATE_UNSPECIFIED);
  }
}

class SuppliersTest : public DirectoryTest {
 protected:
  template <typename Req, typename Function>
  absl::Status Decide(const base::Caller& caller, Function function, const std::string& reason = "overdue check") {
    Req request;
    request.set_uscc(coop_);
    if constexpr (requires { request.set_reason(reason); }) request.set_reason(reason);
    return Do(caller, function, request).status();
  }
  absl::Status Recommend(const base::Caller& caller) {
    return Decide<v1::RecommendSupplierRequest>(caller, RecommendSupplier);
  }
  absl::Status Activate(const base::Caller& caller) {
    return Decide<v1::ActivateSupplierRequest>(caller, ActivateSupplier);
  }
  absl::Status Suspend(const base::Caller& caller, const std::string& reason = "overdue check") {
    return Decide<v1::SuspendSupplierRequest>(caller, SuspendSupplier, reason);
  }
  absl::Status Remove(const base::Caller& caller, const std::string& reason = "overdue check") {
    return Decide<v1::RemoveSupplierRequest>(caller, RemoveSupplier, reason);
  }
  void HaveActive() {
    HaveApplicant();
    ASSERT_TRUE(Recommend(county_officer_).ok());
    ASSERT_TRUE(Activate(province_officer_).ok());
  }
  v1::Supplier Stored() {
    return See([](store::Reader& reader, const std::string& uscc) { return GetSupplier(reader, uscc); }, coop_).value();
  }
  absl::StatusOr<v1::GetSupplierResponse> Get(const base::Caller& caller) {
    v1::GetSupplierRequest request;
    request.set_uscc(coop_);
    return See([](auto&... args) { return GetSupplier(args...); }, caller, request);
  }
  std::vector<std::string> Listed(const base::Caller& caller, const v1::ListSuppliersRequest& request = {}) {
    const auto page = See(ListSuppliers, caller, request, Page(50));
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> codes;
    for (const auto& supplier : page->response.suppliers()) codes.push_back(supplier.uscc());
    return codes;
  }
};

TEST_F(SuppliersTest, AppliesWithNothingButWhatAnApplicantMaySay) {
  Have(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
  v1::ApplySupplierRequest request;
  request.mutable_supplier()->set_uscc(coop_);
  request.mutable_supplier()->set_village_code(kVillage);
  request.mutable_supplier()->set_production_licence("SC10114032100017");
  request.mutable_supplier()->set_state(v1::SUPPLIER_STATE_ACTIVE);
  request.mutable_supplier()->set_recommended_by("myself");
  request.mutable_supplier()->set_etag("9");
  const auto applied = Do(SupplierOf(coop_), ApplySupplier, request);
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_EQ(applied->supplier().state(), v1::SUPPLIER_STATE_APPLIED);
  EXPECT_EQ(applied->supplier().recommended_by(), "");
  EXPECT_EQ(applied->supplier().production_licence(), "SC10114032100017");
  EXPECT_EQ(applied->supplier().etag(), "1");
  EXPECT_EQ(LastEvent().supplier().SerializeAsString(), applied->supplier().SerializeAsString());
}

TEST_F(SuppliersTest, ApplicationNamesEveryBadField) {
  EXPECT_THAT(BadFieldsOf(Apply(Operator(), "93", "14", "SC1").status()),
              ElementsAre("supplier.uscc", "supplier.village_code", "supplier.production_licence"));
  EXPECT_THAT(BadFieldsOf(Apply(Operator(), coop_, "999999105201", "SC1011403210001x").status()),
              ElementsAre("supplier.village_code", "supplier.production_licence"));
}

TEST_F(SuppliersTest, ApplicationNeedsAnOrganisationThatMaySell) {
  EXPECT_THAT(Apply(SupplierOf(coop_), coop_), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  Have(school_, v1::ORGANISATION_KIND_PUBLIC_BODY);
  EXPECT_THAT(BadFieldsOf(Apply(SupplierOf(school_), school_).status()), ElementsAre("supplier.uscc"));
  EXPECT_THAT(BadFieldsOf(Apply(Operator(), school_, "14").status()),
              ElementsAre("supplier.uscc", "supplier.village_code"));
  const std::string platform = Uscc("91", 8);
  Have(platform, v1::ORGANISATION_KIND_PLATFORM);
  EXPECT_THAT(BadFieldsOf(Apply(Operator(), platform).status()), ElementsAre("supplier.uscc"));
  const std::string farm = Uscc("92", 7);
  Have(farm, v1::ORGANISATION_KIND_FAMILY_FARM);
  EXPECT_TRUE(Apply(SupplierOf(farm), farm).ok());
}

TEST_F(SuppliersTest, AppliesForItselfAndOfficersForTheirRegion) {
  Have(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
  EXPECT_THAT(Apply(SupplierOf(school_), coop_), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Apply(stranger_, coop_), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_TRUE(Apply(county_officer_, coop_).ok());
  EXPECT_THAT(Apply(county_officer_, coop_), HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));
}

TEST_F(SuppliersTest, GoesTheWholeWay) {
  HaveActive();
  EXPECT_EQ(Stored().state(), v1::SUPPLIER_STATE_ACTIVE);
  EXPECT_EQ(Stored().recommended_by(), "county-officer");
  EXPECT_EQ(LastEvent().supplier().state(), v1::SUPPLIER_STATE_ACTIVE);

  ASSERT_TRUE(Suspend(county_officer_, "过期").ok());
  EXPECT_EQ(Stored().state(), v1::SUPPLIER_STATE_SUSPENDED);
  EXPECT_EQ(Stored().state_reason(), "过期");
  ASSERT_TRUE(Activate(province_officer_).ok());
  EXPECT_EQ(Stored().state_reason(), "");
  ASSERT_TRUE(Suspend(county_officer_).ok());
  ASSERT_TRUE(Remove(county_officer_, "closed").ok());
  EXPECT_EQ(Stored().state(), v1::SUPPLIER_STATE_REMOVED);
  EXPECT_EQ(LastEvent().supplier().state_reason(), "closed");
  EXPECT_EQ(Stored().etag(), "7");
  EXPECT_THAT(Apply(Operator(), coop_), HasReason(ErrorReason::ERROR_REASON_ALREADY_EXISTS));
}

TEST_F(SuppliersTest, RefusesStepsOutOfState) {
  HaveApplicant();
  EXPECT_THAT(Activate(province_officer_), HasReason(ErrorReason::ERROR_REASON_RECOMMENDATION_MISSING));
  EXPECT_THAT(Suspend(county_officer_), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  ASSERT_TRUE(Recommend(county_officer_).ok());
  EXPECT_THAT(Recommend(county_officer_), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  ASSERT_TRUE(Activate(province_officer_).ok());
  EXPECT_THAT(Activate(province_officer_), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
  EXPECT_THAT(Remove(county_officer_), HasReason(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED));
}

TEST_F(SuppliersTest, WhoRecommendsNeverActivates) {
  HaveApplicant();
  ASSERT_TRUE(Recommend(county_officer_).ok());
  EXPECT_THAT(Activate(county_officer_), HasReason(ErrorReason::ERROR_REASON_FOUR_EYES));
  EXPECT_EQ(Stored().state(), v1::SUPPLIER_STATE_RECOMMENDED);
  // It is the token that counts: a second officer of the same county may.
  ASSERT_TRUE(Activate(Officer(kPingding, "second-officer")).ok());
  ASSERT_TRUE(Suspend(county_officer_).ok());
  EXPECT_THAT(Activate(county_officer_), HasReason(ErrorReason::ERROR_REASON_FOUR_EYES));
}

TEST_F(SuppliersTest, OfficersOfOtherRegionsSeeNothingToDecideOn) {
  HaveApplicant();
  const absl::Status foreign = Recommend(stranger_);
  EXPECT_THAT(foreign, HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Activate(stranger_), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Suspend(stranger_), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Remove(stranger_), HasReason(ErrorReason::ERROR_REASON_NOT_FOUND));
  v1::RecommendSupplierRequest unknown;
  unknown.set_uscc(school_);
  EXPECT_EQ(Do(stranger_, RecommendSupplier, unknown).status(), base::NotFound("supplier", school_));
  EXPECT_EQ(foreign, base::NotFound("supplier", coop_));
}

TEST_F(SuppliersTest, SuspensionAndRemovalNeedAReason) {
  HaveActive();
  EXPECT_THAT(BadFieldsOf(Suspend(county_officer_, "")), ElementsAre("reason"));
  EXPECT_THAT(BadFieldsOf(Remove(county_officer_, std::string(501, 'x'))), ElementsAre("reason"));
}

TEST_F(SuppliersTest, ShowsEachCallerItsPart) {
  HaveActive();
  ASSERT_TRUE(Suspend(county_officer_, "overdue check").ok());
  EXPECT_EQ(Get(county_officer_)->supplier().recommended_by(), "county-officer");
  EXPECT_EQ(Get(testing::Auditor())->supplier().recommended_by(), "county-officer");
  EXPECT_EQ(Get(SupplierOf(coop_))->supplier().state_reason(), "overdue check");
  EXPECT_EQ(Get(SupplierOf(coop_))->supplier().recommended_by(), "");
  EXPECT_EQ(Get(InstitutionOf(school_))->supplier().state(), v1::SUPPLIER_STATE_SUSPENDED);
  EXPECT_EQ(Get(InstitutionOf(school_))->supplier().state_reason(), "");
  EXPECT_EQ(Get(testing::PlatformOf(school_))->supplier().recommended_by(), "");
  EXPECT_EQ(Get(SupplierOf(school_)).status(), base::NotFound("supplier", coop_));
  EXPECT_EQ(Get(stranger_).status(), base::NotFound("supplier", coop_));
}

TEST_F(SuppliersTest, ListsByRegionStateAndCaller) {
  HaveApplicant();
  const std::string far = Uscc("93", 5);
  Have(far, v1::ORGANISATION_KIND_COOPERATIVE, kYonghe);
  ASSERT_TRUE(Apply(stranger_, far, "141032203206").ok());
  ASSERT_TRUE(Recommend(county_officer_).ok());

  EXPECT_THAT(Listed(Operator()), ElementsAre(coop_, far));
  EXPECT_THAT(Listed(InstitutionOf(school_)), ElementsAre(coop_, far));
  EXPECT_THAT(Listed(stranger_), ElementsAre(far));
  v1::ListSuppliersRequest request;
  request.set_region_prefix("1403");
  EXPECT_THAT(Listed(Operator(), request), ElementsAre(coop_));
  request.clear_region_prefix();
  request.set_state(v1::SUPPLIER_STATE_APPLIED);
  EXPECT_THAT(Listed(Operator(), request), ElementsAre(far));
  request.set_region_prefix("x");
  EXPECT_THAT(BadFieldsOf(See(ListSuppliers, Operator(), request, Page(50)).status()), ElementsAre("region_prefix"));
  const auto first = See(ListSuppliers, Operator(), v1::ListSuppliersRequest(), Page(1));
  EXPECT_EQ(See(ListSuppliers, Operator(), v1::ListSuppliersRequest(), Page(1, first->last_key))
                ->response.suppliers(0)
                .uscc(),
            far);
}

}  // namespace
}  // namespace zhuxiao::directory
