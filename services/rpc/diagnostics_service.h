// The calls that touch no data: echo and version. The echo is what every other call is measured against.
#pragma once

#include <memory>
#include <string>

#include "services/rpc/service.h"

namespace zhuxiao::rpc {

// zhuxiao.diagnostics.v1.DiagnosticsService, answering GetVersion with `version`.
std::unique_ptr<Service> MakeDiagnosticsService(std::string version);

}  // namespace zhuxiao::rpc
