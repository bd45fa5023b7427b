// Holds of partner platforms and the sales made from them, as other modules read them, and their upkeep by time.
// The methods of PartnerService stand in holds.h.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ledger/operation.h"
#include "services/store/store.h"
#include "zhuxiao/partner/v1/partner.pb.h"

namespace zhuxiao::partner {

// Call `visit` with every hold, and every platform sale, in the order they were made, until it answers an error.
absl::Status ForEachHold(store::Reader& reader, const std::function<absl::Status(const v1::Hold&)>& visit);
absl::Status ForEachPlatformSale(store::Reader& reader,
                                 const std::function<absl::Status(const v1::PlatformSale&)>& visit);

// The same for the sales of one supplier made in a calendar year of Asia/Shanghai.
absl::Status ForEachPlatformSaleOf(store::Reader& reader, std::string_view supplier_uscc, int year,
                                   const std::function<absl::Status(const v1::PlatformSale&)>& visit);

// Ids of holds whose time has passed at `now`, the oldest first, at most `limit`.
absl::StatusOr<std::vector<std::string>> DueHolds(store::Reader& reader, absl::Time now, size_t limit);

// Gives back what is left of a hold whose time has passed: EXPIRED. No effect where it is not due (any more).
absl::Status ExpireHold(ledger::Operation& operation, const std::string& hold_id);

}  // namespace zhuxiao::partner
