// The adapter of zhuxiao.quota.v1.QuotaService.
#pragma once

#include <memory>

#include "services/api/handler.h"

namespace zhuxiao::quota {

// `environment` outlives the service.
std::unique_ptr<rpc::Service> MakeQuotaService(api::Environment& environment);

}  // namespace zhuxiao::quota
