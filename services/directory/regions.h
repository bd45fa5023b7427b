// Regions as the API shows them: the county table that ships with the product, and codes below its counties.
#pragma once

#include "absl/status/statusor.h"
#include "services/store/page.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::directory {

// The reads of DirectoryService; errors as in the proto.
absl::StatusOr<v1::GetRegionResponse> GetRegion(const v1::GetRegionRequest& request);
// page.after is the code of a county.
absl::StatusOr<store::Page<v1::ListRegionsResponse>> ListRegions(const v1::ListRegionsRequest& request,
                                                                 const store::PageRequest& page);

}  // namespace zhuxiao::directory
