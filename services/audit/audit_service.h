// The adapter of zhuxiao.audit.v1.AuditService: the books at one position and the feed that led to them.
#pragma once

#include <functional>
#include <memory>

#include "services/api/handler.h"
#include "services/audit/stream_workers.h"

namespace zhuxiao::audit {

// `environment` and `workers` outlive the service.
std::unique_ptr<rpc::Service> MakeAuditService(api::Environment& environment, StreamWorkers& workers);

}  // namespace zhuxiao::audit
