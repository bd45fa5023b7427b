// A small directory to test with: a cooperative of Pingding county, two public bodies, and the officers around them.
#pragma once

#include <string>

#include "services/directory/directory.h"
#include "services/directory/institutions.h"
#include "services/directory/organisations.h"
#include "services/directory/suppliers.h"
#include "tests/support/operation_fixture.h"

namespace zhuxiao::directory {

using base::ErrorReason;
using testing::BadFieldsOf;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::InstitutionOf;
using ::testing::IsEmpty;
using testing::Officer;
using testing::Operator;
using testing::SupplierOf;
using ::testing::UnorderedElementsAre;
using testing::Uscc;

class DirectoryTest : public testing::OperationFixture {
 protected:
  static constexpr char kPingding[] = "140321";
  static constexpr char kVillage[] = "140321105201";
  static constexpr char kYonghe[] = "141032";

  const std::string coop_ = Uscc("93", 1);
  const std::string school_ = Uscc("12", 2);
  const std::string agency_ = Uscc("11", 3);
  const base::Caller county_officer_ = Officer(kPingding, "county-officer");
  const base::Caller province_officer_ = Officer("14", "province-officer");
  const base::Caller stranger_ = Officer(kYonghe, "stranger");

  v1::Organisation Organisation(const std::string& uscc, v1::OrganisationKind kind,
                                const std::string& region = kPingding) {
    v1::Organisation organisation;
    organisation.set_uscc(uscc);
    organisation.set_name("红日合作社");
    organisation.set_kind(kind);
    organisation.set_region_code(region);
    return organisation;
  }

  absl::StatusOr<v1::CreateOrganisationResponse> Create(const base::Caller& caller,
                                                        const v1::Organisation& organisation) {
    v1::CreateOrganisationRequest request;
    *request.mutable_organisation() = organisation;
    return Do(caller, CreateOrganisation, request);
  }

  void Have(const std::string& uscc, v1::OrganisationKind kind, const std::string& region = kPingding) {
    const auto created = Create(Operator(), Organisation(uscc, kind, region));
    ASSERT_TRUE(created.ok()) << created.status();
  }

  absl::StatusOr<v1::ApplySupplierResponse> Apply(const base::Caller& caller, const std::string& uscc,
                                                  const std::string& village = kVillage,
                                                  const std::string& licence = "") {
    v1::ApplySupplierRequest request;
    request.mutable_supplier()->set_uscc(uscc);
    request.mutable_supplier()->set_village_code(village);
    request.mutable_supplier()->set_production_licence(licence);
    return Do(caller, ApplySupplier, request);
  }

  // The cooperative, applied as supplier.
  void HaveApplicant() {
    Have(coop_, v1::ORGANISATION_KIND_COOPERATIVE);
    const auto applied = Apply(SupplierOf(coop_), coop_);
    ASSERT_TRUE(applied.ok()) << applied.status();
  }

  v1::Institution Institution(const std::string& uscc) {
    v1::Institution institution;
    institution.set_uscc(uscc);
    institution.set_channel(v1::CHANNEL_SCHOOL);
    institution.set_canteen_mode(v1::CANTEEN_MODE_OWN);
    return institution;
  }

  absl::StatusOr<v1::RegisterInstitutionResponse> Register(const base::Caller& caller,
                                                           const v1::Institution& institution) {
    v1::RegisterInstitutionRequest request;
    *request.mutable_institution() = institution;
    return Do(caller, RegisterInstitution, request);
  }

  // An organisation in `region`, registered as institution.
  void HaveInstitution(const v1::Institution& institution, const std::string& region = kPingding) {
    Have(institution.uscc(), v1::ORGANISATION_KIND_PUBLIC_BODY, region);
    const auto registered = Register(Operator(), institution);
    ASSERT_TRUE(registered.ok()) << registered.status();
  }

  static store::PageRequest Page(int size, std::string after = "") { return {.size = size, .after = std::move(after)}; }
};

}  // namespace zhuxiao::directory
