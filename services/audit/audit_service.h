// The adapter of zhuxiao.audit.v1.AuditService: the books at one position and the feed that led to them.
#pragma once

#include <functional>
#include <memory>

#include "services/api/handler.h"
#include "services/rpc/workers.h"

namespace zhuxiao::audit {

// Exports at once. Each holds a snapshot, which costs the store memory while it lasts.
inline constexpr size_t kMaxExports = 4;

// `environment` and `workers`, of at most kMaxExports, outlive the service.
std::unique_ptr<rpc::Service> MakeAuditService(api::Environment& environment, rpc::Workers& workers);

}  // namespace zhuxiao::audit
