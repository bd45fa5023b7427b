#include "services/directory/directory_service.h"

#include <utility>

#include "services/directory/commodities.h"
#include "services/directory/designations.h"
#include "services/directory/institutions.h"
#include "services/directory/linkages.h"
#include "services/directory/organisations.h"
#include "services/directory/regions.h"
#include "services/directory/registrations.h"
#include "services/directory/suppliers.h"

namespace zhuxiao::directory {
namespace {

using api::ReadContext;

void AddWrites(rpc::Service& service, api::Environment& environment) {
  using namespace v1;
  api::Write<CreateOrganisationRequest, CreateOrganisationResponse>(service, "CreateOrganisation", environment,
                                                                    CreateOrganisation);
  api::Write<UpdateOrganisationRequest, UpdateOrganisationResponse>(service, "UpdateOrganisation", environment,
                                                                    UpdateOrganisation);
  api::Write<ApplySupplierRequest, ApplySupplierResponse>(service, "ApplySupplier", environment, ApplySupplier);
  api::Write<RecommendSupplierRequest, RecommendSupplierResponse>(service, "RecommendSupplier", environment,
                                                                  RecommendSupplier);
  api::Write<ActivateSupplierRequest, ActivateSupplierResponse>(service, "ActivateSupplier", environment,
                                                                ActivateSupplier);
  api::Write<SuspendSupplierRequest, SuspendSupplierResponse>(service, "SuspendSupplier", environment, SuspendSupplier);
  api::Write<RemoveSupplierRequest, RemoveSupplierResponse>(service, "RemoveSupplier", environment, RemoveSupplier);
  api::Write<RegisterInstitutionRequest, RegisterInstitutionResponse>(service, "RegisterInstitution", environment,
                                                                      RegisterInstitution);
  api::Write<UpdateInstitutionRequest, UpdateInstitutionResponse>(service, "UpdateInstitution", environment,
                                                                  UpdateInstitution);
  api::Write<PublishDesignationsRequest, PublishDesignationsResponse>(service, "PublishDesignations", environment,
                                                                      PublishDesignations);
  api::Write<SetLinkageRequest, SetLinkageResponse>(service, "SetLinkage", environment, SetLinkage);
  api::Write<SetRegistrationRequest, SetRegistrationResponse>(service, "SetRegistration", environment, SetRegistration);
}

void AddReads(rpc::Service& service, api::Environment& environment) {
  using namespace v1;
  // What takes (reader, caller, request).
  const auto get = [](auto function) {
    return [function](store::Reader& reader, const ReadContext& context, const auto& request) {
      return function(reader, context.caller, request);
    };
  };
  const auto organisation = [](auto&... args) { return GetOrganisation(args...); };
  const auto supplier = [](auto&... args) { return GetSupplier(args...); };
  const auto institution = [](auto&... args) { return GetInstitution(args...); };
  api::Read<GetOrganisationRequest, GetOrganisationResponse>(service, "GetOrganisation", environment,
                                                             get(organisation));
  api::Read<GetSupplierRequest, GetSupplierResponse>(service, "GetSupplier", environment, get(supplier));
  api::Read<GetInstitutionRequest, GetInstitutionResponse>(service, "GetInstitution", environment, get(institution));
  api::Read<GetLinkageRequest, GetLinkageResponse>(service, "GetLinkage", environment, get(GetLinkage));
  api::Read<GetRegistrationRequest, GetRegistrationResponse>(service, "GetRegistration", environment,
                                                             get(GetRegistration));
  api::Read<CheckEligibilityRequest, CheckEligibilityResponse>(
      service, "CheckEligibility", environment,
      [](store::Reader& reader, const ReadContext&, const auto& request) { return CheckEligibility(reader, request); });
  api::Read<GetRegionRequest, GetRegionResponse>(
      service, "GetRegion", environment,
      [](store::Reader&, const ReadContext&, const auto& request) { return GetRegion(request); });
  api::Read<GetCommodityRequest, GetCommodityResponse>(
      service, "GetCommodity", environment,
      [](store::Reader&, const ReadContext&, const auto& request) { return GetCommodity(request); });
}

void AddLists(rpc::Service& service, api::Environment& environment) {
  using namespace v1;
  // What takes (reader, caller, request, page).
  const auto own = [](auto function) {
    return [function](store::Reader& reader, const ReadContext& context, const auto& request,
                      const store::PageRequest& page) { return function(reader, context.caller, request, page); };
  };
  api::List<ListOrganisationsRequest, ListOrganisationsResponse>(service, "ListOrganisations", environment,
                                                                 own(ListOrganisations));
  api::List<ListSuppliersRequest, ListSuppliersResponse>(service, "ListSuppliers", environment, own(ListSuppliers));
  api::List<ListInstitutionsRequest, ListInstitutionsResponse>(service, "ListInstitutions", environment,
                                                               own(ListInstitutions));
  api::List<ListDesignationsRequest, ListDesignationsResponse>(
      service, "ListDesignations", environment,
      [](store::Reader& reader, const ReadContext&, const auto& request, const store::PageRequest& page) {
        return ListDesignations(reader, request, page);
      });
  api::List<ListRegionsRequest, ListRegionsResponse>(
      service, "ListRegions", environment,
      [](store::Reader&, const ReadContext&, const auto& request, const store::PageRequest& page) {
        return ListRegions(request, page);
      });
  api::List<ListCommoditiesRequest, ListCommoditiesResponse>(
      service, "ListCommodities", environment,
      [](store::Reader&, const ReadContext&, const auto&, const store::PageRequest& page) {
        return ListCommodities(page);
      });
}

}  // namespace

std::unique_ptr<rpc::Service> MakeDirectoryService(api::Environment& environment) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.directory.v1.DirectoryService"));
  AddWrites(*service, environment);
  AddReads(*service, environment);
  AddLists(*service, environment);
  return service;
}

}  // namespace zhuxiao::directory
