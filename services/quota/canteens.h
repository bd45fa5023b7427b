// Who declares and counts for whom: a shared canteen has one representative, whose quota all spending of those who
// share it counts for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/store/store.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::quota {

// The institution whose quota the spending of `institution` counts for: its representative where it shares the canteen
// of another, else itself.
const std::string& UnitOf(const directory::v1::Institution& institution);
// The same by code; NOT_FOUND where there is no such institution.
absl::StatusOr<std::string> UnitOf(store::Reader& reader, std::string_view uscc);

// The region of the institution's seat. NOT_FOUND where there is no such institution.
absl::StatusOr<std::string> SeatOf(store::Reader& reader, const std::string& uscc);
// The same where the caller is the institution, an officer of that region or reads
// everything; NOT_FOUND otherwise, as for an institution that is unknown.
absl::StatusOr<std::string> RegionFor(store::Reader& reader, const base::Caller& caller, const std::string& uscc);

}  // namespace zhuxiao::quota
