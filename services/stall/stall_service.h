// The adapter of zhuxiao.stall.v1.StallService.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/stall/case_watch.h"

namespace zhuxiao::stall {

// `environment` and `watch` outlive the service.
std::unique_ptr<rpc::Service> MakeStallService(api::Environment& environment, CaseWatch& watch);

}  // namespace zhuxiao::stall
