// The commodity catalogue: data that ships with the product, read once.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/store/page.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::directory {

// Reads CSV with the header of services/directory/data/commodities.csv; the column `source` is not kept. Sorted by
// code. INVALID_ARGUMENT with the line where a row has another number of cells, a number or flag that is none, an
// unknown unit or certificate, values that contradict one another, or a code that stands twice.
absl::StatusOr<std::vector<v1::Commodity>> ParseCatalogue(std::string_view csv);

// The reads of DirectoryService; errors as in the proto.
absl::StatusOr<v1::GetCommodityResponse> GetCommodity(const v1::GetCommodityRequest& request);
// page.after is the code of a commodity.
absl::StatusOr<store::Page<v1::ListCommoditiesResponse>> ListCommodities(const store::PageRequest& page);

}  // namespace zhuxiao::directory
