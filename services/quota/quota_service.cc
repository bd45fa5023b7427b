#include "services/quota/quota_service.h"

#include "services/quota/operations.h"
#include "services/quota/rules.h"

namespace zhuxiao::quota {

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
  api::Read<v1::ListQuotaRulesRequest, v1::ListQuotaRulesResponse>(
      *service, "ListQuotaRules", environment,
      [](store::Reader&, const api::ReadContext&,
         const v1::ListQuotaRulesRequest& request) -> absl::StatusOr<v1::ListQuotaRulesResponse> {
        v1::ListQuotaRulesResponse response;
        for (const v1::QuotaRule& rule : Rules()) {
          if (request.year() == 0 || request.year() == rule.year()) *response.add_rules() = rule;
        }
        return response;
      });
  return service;
}

}  // namespace zhuxiao::quota
