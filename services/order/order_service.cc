#include "services/order/order_service.h"

#include "services/order/contract_steps.h"
#include "services/order/placing.h"
#include "services/order/reading.h"

namespace zhuxiao::order {
namespace {

void RegisterPlacing(rpc::Service& service, api::Environment& environment, Market& market) {
  api::Write<v1::PlaceOrderRequest, v1::PlaceOrderResponse>(
      service, "PlaceOrder", environment,
      [&market](ledger::Operation& operation, const v1::PlaceOrderRequest& request) {
        return Place(operation, market, request);
      });
  api::Preview<v1::PreviewOrderRequest, v1::PreviewOrderResponse>(
      service, "PreviewOrder", environment,
      [&market](ledger::Operation& operation, const v1::PreviewOrderRequest& request) {
        return Preview(operation, market, request);
      });
  api::Write<v1::CancelOrderRequest, v1::CancelOrderResponse>(service, "CancelOrder", environment, Cancel);
}

void RegisterSteps(rpc::Service& service, api::Environment& environment) {
  api::Write<v1::SignContractRequest, v1::SignContractResponse>(service, "SignContract", environment, Sign);
  api::Write<v1::RefuseContractRequest, v1::RefuseContractResponse>(service, "RefuseContract", environment,
                                                                    RefuseContract);
  api::Write<v1::ShipContractRequest, v1::ShipContractResponse>(service, "ShipContract", environment, Ship);
  api::Write<v1::AcceptContractRequest, v1::AcceptContractResponse>(service, "AcceptContract", environment,
                                                                    AcceptGoods);
  api::Write<v1::SettleContractRequest, v1::SettleContractResponse>(service, "SettleContract", environment, Settle);
}

void RegisterReading(rpc::Service& service, api::Environment& environment) {
  api::Read<v1::GetOrderRequest, v1::GetOrderResponse>(
      service, "GetOrder", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::GetOrderRequest& request) {
        return ReadOrder(reader, context.caller, request);
      });
  api::Read<v1::GetContractRequest, v1::GetContractResponse>(
      service, "GetContract", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::GetContractRequest& request) {
        return ReadContract(reader, context.caller, request);
      });
  api::List<v1::ListOrdersRequest, v1::ListOrdersResponse>(
      service, "ListOrders", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::ListOrdersRequest& request,
         const store::PageRequest& page) { return ListOrders(reader, context.caller, request, page); });
  api::List<v1::ListContractsRequest, v1::ListContractsResponse>(
      service, "ListContracts", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::ListContractsRequest& request,
         const store::PageRequest& page) { return ListContracts(reader, context.caller, request, page); });
}

}  // namespace

std::unique_ptr<rpc::Service> MakeOrderService(api::Environment& environment, Market& market) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.order.v1.OrderService"));
  RegisterPlacing(*service, environment, market);
  RegisterSteps(*service, environment);
  RegisterReading(*service, environment);
  return service;
}

}  // namespace zhuxiao::order
