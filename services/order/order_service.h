// The adapter of zhuxiao.order.v1.OrderService.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/order/market.h"

namespace zhuxiao::order {

// `environment` and `market` outlive the service.
std::unique_ptr<rpc::Service> MakeOrderService(api::Environment& environment, Market& market);

}  // namespace zhuxiao::order
