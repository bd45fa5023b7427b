#include "services/report/report_service.h"

#include "services/report/report.h"

namespace zhuxiao::report {

std::unique_ptr<rpc::Service> MakeReportService(api::Environment& environment) {
  auto service = std::make_unique<rpc::Service>(rpc::FindService("zhuxiao.report.v1.ReportService"));
  api::Read<v1::GetIncomeRequest, v1::GetIncomeResponse>(
      *service, "GetIncome", environment,
      [](store::Reader& reader, const api::ReadContext& context, const v1::GetIncomeRequest& request) {
        return GetIncome(reader, context.caller, request);
      });
  return service;
}

}  // namespace zhuxiao::report
