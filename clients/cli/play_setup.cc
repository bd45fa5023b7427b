// The scene that sets the stage: who trades, on which lists, for whose benefit.
#include <array>

#include "clients/cli/play.h"
#include "services/base/clock.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

// What each buyer may spend a year, and should: room for a hundred plays, but for the hospital, which reaches its limit
// with the first hundred jin of eggs.
constexpr int64_t kAmpleLimitFen = 50'000'000'000;
constexpr int64_t kHospitalLimitFen = 34'000;
constexpr int64_t kTargetFen = 10'000'000;

struct Buyer {
  const char* name;
  directory::v1::Channel channel;
  int64_t limit_fen;
};

constexpr std::array kBuyers = {
    Buyer{"institution-a", directory::v1::CHANNEL_AGENCY, kAmpleLimitFen},
    Buyer{"institution-b", directory::v1::CHANNEL_SCHOOL, kAmpleLimitFen},
    Buyer{"institution-c", directory::v1::CHANNEL_AGENCY, kAmpleLimitFen},
    Buyer{"institution-d", directory::v1::CHANNEL_AGENCY, kAmpleLimitFen},
    Buyer{"hospital", directory::v1::CHANNEL_HOSPITAL, kHospitalLimitFen},
};

// Ends the play for every error but the one that says the thing is not there yet.
template <typename Response>
bool IsMissing(Stage& stage, const absl::StatusOr<Response>& found, std::string_view name) {
  if (absl::IsNotFound(found.status())) return true;
  stage.Fail(found.status(), name);
  return false;
}

void EnsureOrganisation(Stage& stage, const Principal& principal) {
  directory::v1::GetOrganisationRequest get;
  get.set_uscc(principal.uscc);
  const auto found = stage.Ask<directory::v1::GetOrganisationResponse>("province-1", get);
  if (!IsMissing(stage, found, "province-1")) return;
  directory::v1::CreateOrganisationRequest create;
  auto& organisation = *create.mutable_organisation();
  organisation.set_uscc(principal.uscc);
  organisation.set_name(principal.title);
  organisation.set_kind(principal.kind);
  organisation.set_region_code(principal.region);
  stage.Call<directory::v1::CreateOrganisationResponse>("province-1", create);
}

// Takes a supplier through the steps of admission it has not taken yet.
void EnsureSupplier(Stage& stage, std::string_view name, std::string_view county_officer) {
  const Principal& principal = Member(name);
  directory::v1::GetSupplierRequest get;
  get.set_uscc(principal.uscc);
  const auto found = stage.Ask<directory::v1::GetSupplierResponse>("province-1", get);
  auto state = found.ok() ? found->supplier().state() : directory::v1::SUPPLIER_STATE_UNSPECIFIED;
  if (!found.ok() && !IsMissing(stage, found, "province-1")) return;
  if (state == directory::v1::SUPPLIER_STATE_UNSPECIFIED) {
    directory::v1::ApplySupplierRequest apply;
    apply.mutable_supplier()->set_uscc(principal.uscc);
    apply.mutable_supplier()->set_village_code(principal.region);
    state = stage.Call<directory::v1::ApplySupplierResponse>(name, apply).supplier().state();
  }
  if (state == directory::v1::SUPPLIER_STATE_APPLIED) {
    directory::v1::RecommendSupplierRequest recommend;
    recommend.set_uscc(principal.uscc);
    state = stage.Call<directory::v1::RecommendSupplierResponse>(county_officer, recommend).supplier().state();
  }
  if (state != directory::v1::SUPPLIER_STATE_ACTIVE) {
    directory::v1::ActivateSupplierRequest activate;
    activate.set_uscc(principal.uscc);
    stage.Call<directory::v1::ActivateSupplierResponse>("province-1", activate);
  }
}

void EnsureBuyer(Stage& stage, const Buyer& buyer) {
  directory::v1::GetInstitutionRequest get;
  get.set_uscc(Member(buyer.name).uscc);
  if (IsMissing(stage, stage.Ask<directory::v1::GetInstitutionResponse>(buyer.name, get), buyer.name)) {
    directory::v1::RegisterInstitutionRequest request;
    auto& institution = *request.mutable_institution();
    institution.set_uscc(get.uscc());
    institution.set_channel(buyer.channel);
    institution.set_canteen_mode(directory::v1::CANTEEN_MODE_OWN);
    stage.Call<directory::v1::RegisterInstitutionResponse>("province-1", request);
  }
  quota::v1::GetQuotaRequest get_quota;
  get_quota.set_institution_uscc(get.uscc());
  get_quota.set_year(base::YearOf(stage.now()));
  if (!IsMissing(stage, stage.Ask<quota::v1::GetQuotaResponse>(buyer.name, get_quota), buyer.name)) return;
  quota::v1::SetQuotaRequest set;
  set.mutable_quota()->set_institution_uscc(get.uscc());
  set.mutable_quota()->set_year(get_quota.year());
  set.mutable_quota()->mutable_target()->set_amount_fen(std::min(kTargetFen, buyer.limit_fen));
  set.mutable_quota()->mutable_limit()->set_amount_fen(buyer.limit_fen);
  stage.Call<quota::v1::SetQuotaResponse>("province-1", set);
}

void EnsureDesignations(Stage& stage, const char* programme, const std::vector<const char*>& regions) {
  directory::v1::PublishDesignationsRequest request;
  for (const char* region : regions) {
    auto& designation = *request.add_designations();
    designation.set_programme(programme);
    designation.set_list_version("2020");
    designation.set_region_code(region);
    designation.set_valid_from("2020-01-01");
  }
  const auto published = stage.Ask<directory::v1::PublishDesignationsResponse>("province-1", request);
  if (!absl::IsAlreadyExists(published.status())) stage.Fail(published.status(), "province-1");
}

void EnsureLinkage(Stage& stage, std::string_view supplier, std::string_view county_officer, int64_t linkage_ppm,
                   const std::vector<std::pair<std::string, int64_t>>& households) {
  directory::v1::GetLinkageRequest get;
  get.set_supplier_uscc(Member(supplier).uscc);
  if (!IsMissing(stage, stage.Ask<directory::v1::GetLinkageResponse>(county_officer, get), county_officer)) return;
  directory::v1::SetLinkageRequest set;
  auto& linkage = *set.mutable_linkage();
  linkage.set_supplier_uscc(get.supplier_uscc());
  linkage.set_village_code(Member(supplier).region);
  linkage.set_linkage_ppm(linkage_ppm);
  for (const auto& [name, share_ppm] : households) {
    auto& household = *linkage.add_households();
    household.set_household_code(base::StrCat("H", linkage.households_size()));
    household.set_name(name);
    household.set_share_ppm(share_ppm);
  }
  stage.Call<directory::v1::SetLinkageResponse>(county_officer, set);
}

void ShowEligibility(Stage& stage) {
  std::vector<std::vector<std::string>> rows;
  for (const char* region : {kPingding, kLiangjianao, kYonghe, kSuotuo, "140431"}) {
    directory::v1::CheckEligibilityRequest request;
    request.set_region_code(region);
    request.set_day(base::FormatDay(base::DayOf(stage.now())));
    const auto response = stage.Call<directory::v1::CheckEligibilityResponse>("auditor", request);
    std::string programmes;
    for (const auto& designation : response.designations()) programmes += " " + designation.programme();
    rows.push_back({region, programmes.empty() ? stage.Word("nothing") : programmes.substr(1)});
  }
  stage.Show({"field.region", "field.programmes"}, rows);
}

}  // namespace

void PlaySetUp(Stage& stage) {
  stage.Scene("play.scene.setup");
  for (const Principal& principal : Cast()) {
    if (!principal.uscc.empty()) EnsureOrganisation(stage, principal);
  }
  EnsureSupplier(stage, "supplier-hongri", "officer-140321");
  EnsureSupplier(stage, "supplier-suotuo", "officer-141032");
  for (const Buyer& buyer : kBuyers) EnsureBuyer(stage, buyer);
  // Yonghe is a national poor county, Qinyuan and Jiaokou are provincial ones; Pingding is on no list, its village is.
  EnsureDesignations(stage, "national-poor-counties", {kYonghe});
  EnsureDesignations(stage, "shanxi-provincial-poor-counties", {"140431", "141130"});
  EnsureDesignations(stage, "shanxi-poor-villages", {kLiangjianao});
  EnsureLinkage(stage, "supplier-hongri", "officer-140321", 400'000, {{"红日一户", 250'000}, {"红日二户", 150'000}});
  EnsureLinkage(stage, "supplier-suotuo", "officer-141032", 600'000,
                {{"索驼一户", 120'000},
                 {"索驼二户", 110'000},
                 {"索驼三户", 100'000},
                 {"索驼四户", 90'000},
                 {"索驼五户", 90'000},
                 {"索驼六户", 90'000}});
  std::vector<std::vector<std::string>> rows;
  for (const Principal& principal : Cast()) {
    if (!principal.uscc.empty()) {
      rows.push_back({principal.title, principal.uscc, principal.region, stage.Word(Role_Name(principal.role))});
    }
  }
  stage.Show({"field.name", "field.uscc", "field.region", "play.role"}, rows);
  stage.Tell("play.eligibility");
  ShowEligibility(stage);
}

}  // namespace zhuxiao::cli
