// Puts the forward contracts behind zhuxiao.forward.v1.ForwardService. Holds no rules.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/order/market.h"
#include "services/rpc/service.h"

namespace zhuxiao::forward {

// `environment` and `market` outlive the service.
std::unique_ptr<rpc::Service> MakeForwardService(api::Environment& environment, order::Market& market);

}  // namespace zhuxiao::forward
