#include "services/partner/partner_service.h"

#include "services/partner/holds.h"

namespace zhuxiao::partner {

std::unique_ptr<rpc::Service> MakePartnerService(api::Environment& environment) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.partner.v1.PartnerService"));
  api::Write<v1::HoldStockRequest, v1::HoldStockResponse>(*service, "HoldStock", environment, HoldStock);
  api::Write<v1::SellHoldRequest, v1::SellHoldResponse>(*service, "SellHold", environment, SellHold);
  api::Write<v1::ReleaseHoldRequest, v1::ReleaseHoldResponse>(*service, "ReleaseHold", environment, ReleaseHold);
  api::Read<v1::GetHoldRequest, v1::GetHoldResponse>(
      *service, "GetHold", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::GetHoldRequest& request) {
        return GetHold(reader, context.caller, request);
      });
  api::List<v1::ListHoldsRequest, v1::ListHoldsResponse>(
      *service, "ListHolds", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::ListHoldsRequest& request,
         const store::PageRequest& page) { return ListHolds(reader, context.caller, request, page); });
  return service;
}

}  // namespace zhuxiao::partner
