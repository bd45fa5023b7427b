// Stall cases (滞销个案), as other modules read them. The methods of StallService stand in cases.h and reading.h; what
// time brings in upkeep.h. A case is about one listing, which stays the one home of quantity, price, level and
// balances.
#pragma once

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/store/store.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao::stall {

// The case as stored, without its listing; NOT_FOUND where there is none.
absl::StatusOr<v1::StallCase> GetCase(store::Reader& reader, std::string_view case_id);

// Calls `visit` with every case as stored but without who reported it, in the order they were opened.
absl::Status ForEachCase(store::Reader& reader, const std::function<absl::Status(const v1::StallCase&)>& visit);

}  // namespace zhuxiao::stall
