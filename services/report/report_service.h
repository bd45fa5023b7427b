// Puts reports behind zhuxiao.report.v1.ReportService. It holds no rules.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/report/daily_facts.h"
#include "services/rpc/service.h"

namespace zhuxiao::report {

// `environment` and `facts` outlive the service.
std::unique_ptr<rpc::Service> MakeReportService(api::Environment& environment, DailyFacts& facts);

}  // namespace zhuxiao::report
