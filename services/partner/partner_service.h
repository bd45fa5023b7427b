// Puts holds behind zhuxiao.partner.v1.PartnerService. It holds no rules.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/rpc/service.h"

namespace zhuxiao::partner {

// The environment outlives the service.
std::unique_ptr<rpc::Service> MakePartnerService(api::Environment& environment);

}  // namespace zhuxiao::partner
