#include "services/quota/quota_service.h"

#include "services/quota/bindings.h"
#include "services/quota/declaration_record.h"
#include "services/quota/declarations.h"
#include "services/quota/operations.h"
#include "services/quota/rule_book.h"

namespace zhuxiao::quota {
namespace {

void RegisterRules(rpc::Service& service, api::Environment& environment) {
  api::Read<v1::ListQuotaRulesRequest, v1::ListQuotaRulesResponse>(
      service, "ListQuotaRules", environment,
      [](store::Reader& reader, const api::ReadContext&,
         const v1::ListQuotaRulesRequest& request) -> absl::StatusOr<v1::ListQuotaRulesResponse> {
        base::FieldErrors errors;
        if (request.year() != 0) CheckYear(request.year(), "year", errors);
        if (!errors.empty()) return errors.ToStatus();
        auto rules = AllRules(reader, request.year());
        if (!rules.ok()) return rules.status();
        v1::ListQuotaRulesResponse response;
        response.mutable_rules()->Assign(rules->begin(), rules->end());
        return response;
      });
  api::Write<v1::ProposeQuotaRuleRequest, v1::ProposeQuotaRuleResponse>(service, "ProposeQuotaRule", environment,
                                                                        ProposeRule);
  api::Write<v1::ApproveQuotaRuleRequest, v1::ApproveQuotaRuleResponse>(service, "ApproveQuotaRule", environment,
                                                                        ApproveRule);
}

void RegisterDeclarations(rpc::Service& service, api::Environment& environment) {
  api::Write<v1::SaveDeclarationRequest, v1::SaveDeclarationResponse>(service, "SaveDeclaration", environment,
                                                                      SaveDeclaration);
  api::Write<v1::SubmitDeclarationRequest, v1::SubmitDeclarationResponse>(service, "SubmitDeclaration", environment,
                                                                          SubmitDeclaration);
  api::Write<v1::ReviewDeclarationRequest, v1::ReviewDeclarationResponse>(service, "ReviewDeclaration", environment,
                                                                          ReviewDeclaration);
  api::Write<v1::ConfirmDeclarationRequest, v1::ConfirmDeclarationResponse>(service, "ConfirmDeclaration", environment,
                                                                            ConfirmDeclaration);
  api::Write<v1::CorrectDeclarationRequest, v1::CorrectDeclarationResponse>(service, "CorrectDeclaration", environment,
                                                                            CorrectDeclaration);
  api::Write<v1::DecideCorrectionRequest, v1::DecideCorrectionResponse>(service, "DecideCorrection", environment,
                                                                        DecideCorrection);
  api::Read<v1::GetDeclarationRequest, v1::GetDeclarationResponse>(
      service, "GetDeclaration", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::GetDeclarationRequest& request) {
        return GetDeclaration(reader, context.caller, request);
      });
  api::List<v1::ListDeclarationsRequest, v1::ListDeclarationsResponse>(
      service, "ListDeclarations", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::ListDeclarationsRequest& request,
         const store::PageRequest& page) { return ListDeclarations(reader, context.caller, request, page); });
}

void RegisterBindings(rpc::Service& service, api::Environment& environment) {
  api::Write<v1::ProposeRebindingRequest, v1::ProposeRebindingResponse>(service, "ProposeRebinding", environment,
                                                                        ProposeRebinding);
  api::Write<v1::DecideRebindingRequest, v1::DecideRebindingResponse>(service, "DecideRebinding", environment,
                                                                      DecideRebinding);
  api::Read<v1::GetBindingRequest, v1::GetBindingResponse>(
      service, "GetBinding", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::GetBindingRequest& request) {
        return GetBinding(reader, context.caller, request);
      });
}

}  // namespace

std::unique_ptr<rpc::Service> MakeQuotaService(api::Environment& environment) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.quota.v1.QuotaService"));
  api::Write<v1::SetQuotaRequest, v1::SetQuotaResponse>(*service, "SetQuota", environment, Set);
  api::Write<v1::DeclareBaseRequest, v1::DeclareBaseResponse>(*service, "DeclareBase", environment, DeclareBase);
  api::Read<v1::GetQuotaRequest, v1::GetQuotaResponse>(
      *service, "GetQuota", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::GetQuotaRequest& request) {
        return Read(reader, context.caller, context.now, request);
      });
  api::List<v1::ListQuotasRequest, v1::ListQuotasResponse>(
      *service, "ListQuotas", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::ListQuotasRequest& request,
         const store::PageRequest& page) { return List(reader, context.caller, context.now, request, page); });
  RegisterRules(*service, environment);
  RegisterDeclarations(*service, environment);
  RegisterBindings(*service, environment);
  return service;
}

}  // namespace zhuxiao::quota
