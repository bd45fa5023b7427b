// The adapter of zhuxiao.listing.v1.ListingService.
#pragma once

#include <memory>

#include "services/api/handler.h"

namespace zhuxiao::listing {

// `environment` outlives the service.
std::unique_ptr<rpc::Service> MakeListingService(api::Environment& environment);

}  // namespace zhuxiao::listing
