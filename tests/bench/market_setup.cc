#include "tests/bench/market_setup.h"

#include <utility>

#include "services/rpc/token_file.h"
#include "tests/bench/daemon.h"
#include "tests/support/callers.h"

namespace zhuxiao::bench {

MarketSetup::MarketSetup(std::string tokens, std::shared_ptr<grpc::Channel> channel)
    : tokens_(std::move(tokens)), channel_(std::move(channel)), officer_(Connect(testing::Officer(""))) {}

client::Client MarketSetup::Connect(const base::Caller& caller) {
  const auto token = Must(rpc::CreateToken(tokens_, caller, absl::Hours(1), clock_, random_));
  return client::Client(channel_, {.token = token.secret}, clock_, random_);
}

void MarketSetup::Record(const std::string& uscc, directory::v1::OrganisationKind kind, const std::string& county) {
  directory::v1::CreateOrganisationRequest request;
  request.mutable_organisation()->set_uscc(uscc);
  request.mutable_organisation()->set_name("Organisation " + uscc);
  request.mutable_organisation()->set_kind(kind);
  request.mutable_organisation()->set_region_code(county);
  Must(officer_.Call<directory::v1::CreateOrganisationResponse>(request));
}

client::Client MarketSetup::MakeSeller(const std::string& county, int number) {
  const std::string farm = testing::Uscc("93", number);
  Record(farm, directory::v1::ORGANISATION_KIND_COOPERATIVE, county);
  client::Client seller = Connect(testing::SupplierOf(farm));
  directory::v1::ApplySupplierRequest apply;
  apply.mutable_supplier()->set_uscc(farm);
  apply.mutable_supplier()->set_village_code(county);
  Must(seller.Call<directory::v1::ApplySupplierResponse>(apply));
  directory::v1::RecommendSupplierRequest recommend;
  recommend.set_uscc(farm);
  Must(Connect(testing::Officer(county)).Call<directory::v1::RecommendSupplierResponse>(recommend));
  directory::v1::ActivateSupplierRequest activate;
  activate.set_uscc(farm);
  Must(officer_.Call<directory::v1::ActivateSupplierResponse>(activate));
  return seller;
}

client::Client MarketSetup::MakeBuyer(const std::string& county, int number, int64_t limit_fen) {
  const std::string school = testing::Uscc("12", number);
  Record(school, directory::v1::ORGANISATION_KIND_PUBLIC_BODY, county);
  directory::v1::RegisterInstitutionRequest institution;
  institution.mutable_institution()->set_uscc(school);
  institution.mutable_institution()->set_channel(directory::v1::CHANNEL_SCHOOL);
  institution.mutable_institution()->set_canteen_mode(directory::v1::CANTEEN_MODE_OWN);
  Must(officer_.Call<directory::v1::RegisterInstitutionResponse>(institution));
  quota::v1::SetQuotaRequest quota;
  quota.mutable_quota()->set_institution_uscc(school);
  quota.mutable_quota()->set_year(base::YearOf(clock_.Now()));
  quota.mutable_quota()->mutable_target()->set_amount_fen(limit_fen);
  quota.mutable_quota()->mutable_limit()->set_amount_fen(limit_fen);
  Must(officer_.Call<quota::v1::SetQuotaResponse>(quota));
  return Connect(testing::InstitutionOf(school));
}

}  // namespace zhuxiao::bench
