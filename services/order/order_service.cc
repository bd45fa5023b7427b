#include "services/order/order_service.h"

#include "services/order/contract_payments.h"
#include "services/order/contract_returns.h"
#include "services/order/contract_steps.h"
#include "services/order/payment_rules.h"
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
  api::Write<v1::PayContractRequest, v1::PayContractResponse>(service, "PayContract", environment, Pay);
  api::Write<v1::ExtendPaymentRequest, v1::ExtendPaymentResponse>(service, "ExtendPayment", environment, ExtendPayment);
  api::Write<v1::AskReturnRequest, v1::AskReturnResponse>(service, "AskReturn", environment, AskReturn);
  api::Write<v1::AnswerReturnRequest, v1::AnswerReturnResponse>(service, "AnswerReturn", environment, AnswerReturn);
}

void RegisterPayments(rpc::Service& service, api::Environment& environment) {
  api::List<v1::ListOverdueContractsRequest, v1::ListOverdueContractsResponse>(
      service, "ListOverdueContracts", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::ListOverdueContractsRequest&,
         const store::PageRequest& page) { return ListOverdue(reader, context.caller, context.now, page); });
  api::Read<v1::ListPaymentRulesRequest, v1::ListPaymentRulesResponse>(
      service, "ListPaymentRules", environment,
      [](store::Reader&, const api::ReadContext&, const v1::ListPaymentRulesRequest& request) {
        return ListPaymentRules(request);
      });
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
  RegisterPayments(*service, environment);
  RegisterReading(*service, environment);
  return service;
}

}  // namespace zhuxiao::order
