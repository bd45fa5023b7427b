#include "services/directory/regions.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "services/base/errors.h"
#include "services/directory/data.h"
#include "services/directory/directory.h"
#include "services/directory/fields.h"

namespace zhuxiao::directory {
namespace {

int64_t Microdegrees(double degrees) { return std::llround(degrees * 1e6); }

v1::Region RegionOf(std::string_view code) {
  v1::Region region;
  region.set_code(std::string(code));
  region.set_full_name(Counties().FullName(code));
  if (const base::County* county = Counties().Find(code)) {
    region.set_longitude_microdegrees(Microdegrees(county->centroid.longitude));
    region.set_latitude_microdegrees(Microdegrees(county->centroid.latitude));
  }
  return region;
}

}  // namespace

// The shipped data is part of the program: where it does not parse the program is broken, and stops.
const base::CountyTable& Counties() {
  static const auto* const table = [] {
    auto parsed = base::CountyTable::Parse(CountiesCsv());
    if (!parsed.ok()) {
      std::fprintf(stderr, "%s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return new base::CountyTable(*std::move(parsed));
  }();
  return *table;
}

absl::StatusOr<v1::GetRegionResponse> GetRegion(const v1::GetRegionRequest& request) {
  base::FieldErrors errors;
  if (!errors.Require(base::LevelOf(request.code()).has_value(), "code", "must have 2, 4, 6, 9 or 12 digits")) {
    return errors.ToStatus();
  }
  if (!Counties().Exists(request.code())) return base::NotFound("region", request.code());
  v1::GetRegionResponse response;
  *response.mutable_region() = RegionOf(request.code());
  return response;
}

absl::StatusOr<store::Page<v1::ListRegionsResponse>> ListRegions(const v1::ListRegionsRequest& request,
                                                                 const store::PageRequest& page) {
  base::FieldErrors errors;
  if (!RequireRegionPrefix(errors, request.region_prefix(), "region_prefix")) return errors.ToStatus();
  const std::vector<base::County>& counties = Counties().counties();
  auto it = std::lower_bound(counties.begin(), counties.end(), std::max(page.after, request.region_prefix()),
                             [](const base::County& county, const std::string& code) { return county.code < code; });
  if (it != counties.end() && it->code == page.after) ++it;
  const auto is_listed = [&] { return it != counties.end() && base::IsInside(it->code, request.region_prefix()); };
  store::Page<v1::ListRegionsResponse> listed;
  for (; is_listed() && listed.response.regions_size() < page.size; ++it)
    *listed.response.add_regions() = RegionOf(it->code);
  if (is_listed()) listed.last_key = std::prev(it)->code;
  return listed;
}

}  // namespace zhuxiao::directory
