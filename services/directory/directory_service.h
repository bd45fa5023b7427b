// Puts the directory behind zhuxiao.directory.v1.DirectoryService. It holds no rules.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/rpc/service.h"

namespace zhuxiao::directory {

// The environment outlives the service.
std::unique_ptr<rpc::Service> MakeDirectoryService(api::Environment& environment);

}  // namespace zhuxiao::directory
