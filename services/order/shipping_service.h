// The adapter of zhuxiao.shipping.v1.ShippingService.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/rpc/service.h"

namespace zhuxiao::order {

// `environment` outlives the service.
std::unique_ptr<rpc::Service> MakeShippingService(api::Environment& environment);

}  // namespace zhuxiao::order
