// The adapter of zhuxiao.document.v1.DocumentService.
#pragma once

#include <memory>

#include "services/api/handler.h"
#include "services/rpc/service.h"

namespace zhuxiao::document {

// `environment` outlives the service.
std::unique_ptr<rpc::Service> MakeDocumentService(api::Environment& environment);

}  // namespace zhuxiao::document
