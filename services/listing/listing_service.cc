#include "services/listing/listing_service.h"

#include "services/listing/operations.h"

namespace zhuxiao::listing {

std::unique_ptr<rpc::Service> MakeListingService(api::Environment& environment) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.listing.v1.ListingService"));
  api::Write<v1::CreateListingRequest, v1::CreateListingResponse>(*service, "CreateListing", environment, Create);
  api::Write<v1::UpdateListingRequest, v1::UpdateListingResponse>(*service, "UpdateListing", environment, Update);
  api::Write<v1::WithdrawListingRequest, v1::WithdrawListingResponse>(*service, "WithdrawListing", environment,
                                                                      Withdraw);
  api::Write<v1::ReportSpoiledRequest, v1::ReportSpoiledResponse>(*service, "ReportSpoiled", environment,
                                                                  ReportSpoiled);
  api::Write<v1::ReportStallRequest, v1::ReportStallResponse>(*service, "ReportStall", environment, ReportStall);
  api::Read<v1::GetListingRequest, v1::GetListingResponse>(
      *service, "GetListing", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::GetListingRequest& request) {
        return Read(reader, context.caller, request);
      });
  api::ListInPlace<v1::ListListingsRequest, v1::ListListingsResponse>(
      *service, "ListListings", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::ListListingsRequest& request,
         const store::PageRequest& page, v1::ListListingsResponse& response) {
        return List(reader, context.caller, context.now, request, page, response);
      });
  return service;
}

}  // namespace zhuxiao::listing
