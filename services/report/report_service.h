// Puts reports behind zhuxiao.report.v1.ReportService. It holds no rules.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/rpc/service.h"

namespace zhuxiao::report {

// The environment outlives the service.
std::unique_ptr<rpc::Service> MakeReportService(api::Environment& environment);

}  // namespace zhuxiao::report
