// Puts reports behind zhuxiao.report.v1.ReportService. It holds no rules.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/report/daily_facts.h"
#include "services/rpc/service.h"
#include "services/rpc/workers.h"

namespace zhuxiao::report {

// `environment`, `facts` and `workers` outlive the service.
std::unique_ptr<rpc::Service> MakeReportService(api::Environment& environment, DailyFacts& facts,
                                                rpc::Workers& workers);

}  // namespace zhuxiao::report
