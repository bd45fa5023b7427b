#include "services/forward/forward_service.h"

#include "services/forward/agreeing.h"
#include "services/forward/call_off.h"
#include "services/forward/reading.h"

namespace zhuxiao::forward {

std::unique_ptr<rpc::Service> MakeForwardService(api::Environment& environment, order::Market& market) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.forward.v1.ForwardService"));
  api::Write<v1::ProposeForwardRequest, v1::ProposeForwardResponse>(*service, "ProposeForward", environment, Propose);
  api::Write<v1::SignForwardRequest, v1::SignForwardResponse>(*service, "SignForward", environment, Sign);
  api::Write<v1::RefuseForwardRequest, v1::RefuseForwardResponse>(*service, "RefuseForward", environment, Refuse);
  api::Write<v1::WithdrawForwardRequest, v1::WithdrawForwardResponse>(*service, "WithdrawForward", environment,
                                                                      Withdraw);
  api::Write<v1::CallOffForwardRequest, v1::CallOffForwardResponse>(
      *service, "CallOffForward", environment,
      [&market](ledger::Operation& operation, const v1::CallOffForwardRequest& request) {
        return CallOff(operation, market, request);
      });
  api::Write<v1::AskCancelForwardRequest, v1::AskCancelForwardResponse>(*service, "AskCancelForward", environment,
                                                                        AskCancel);
  api::Write<v1::AnswerCancelForwardRequest, v1::AnswerCancelForwardResponse>(*service, "AnswerCancelForward",
                                                                              environment, AnswerCancel);
  api::Read<v1::GetForwardRequest, v1::GetForwardResponse>(
      *service, "GetForward", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::GetForwardRequest& request) {
        return ReadForward(reader, context.caller, request);
      });
  api::List<v1::ListForwardsRequest, v1::ListForwardsResponse>(
      *service, "ListForwards", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::ListForwardsRequest& request,
         const store::PageRequest& page) { return ListForwards(reader, context.caller, request, page); });
  return service;
}

}  // namespace zhuxiao::forward
