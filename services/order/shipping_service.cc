#include "services/order/shipping_service.h"

#include "services/order/shipping.h"

namespace zhuxiao::order {

std::unique_ptr<rpc::Service> MakeShippingService(api::Environment& environment) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.shipping.v1.ShippingService"));
  api::Write<shipping::v1::ShipTogetherRequest, shipping::v1::ShipTogetherResponse>(*service, "ShipTogether",
                                                                                    environment, ShipTogether);
  api::Read<shipping::v1::PlanShipmentsRequest, shipping::v1::PlanShipmentsResponse>(
      *service, "PlanShipments", environment,
      [](store::Reader& reader, const api::ReadContext& context, const shipping::v1::PlanShipmentsRequest& request) {
        return PlanShipments(reader, context.caller, context.now, request);
      });
  api::Read<shipping::v1::GetShipmentRequest, shipping::v1::GetShipmentResponse>(
      *service, "GetShipment", environment,
      [](store::Reader& reader, const api::ReadContext& context, const shipping::v1::GetShipmentRequest& request) {
        return ReadShipment(reader, context.caller, request);
      });
  return service;
}

}  // namespace zhuxiao::order
