// What time brings to orders and contracts: the rows that are due. The maintenance loop runs the steps one
// transaction each, so that a step that fails delays no other.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/store/store.h"

namespace zhuxiao::order {

// Ids of contracts whose deadline is at or before `now`, the oldest first; ExpireContract takes each.
absl::StatusOr<std::vector<std::string>> DueContracts(store::Reader& reader, absl::Time now, size_t limit);

// Ids of standing orders whose time is over; ExpireStanding takes each.
absl::StatusOr<std::vector<std::string>> DueOrders(store::Reader& reader, absl::Time now, size_t limit);

// Ids of standing orders of a commodity after `after` (empty: from the first), in the order they were placed;
// FillStanding takes each.
absl::StatusOr<std::vector<std::string>> StandingOrders(store::Reader& reader, const std::string& commodity,
                                                        const std::string& after, size_t limit);

}  // namespace zhuxiao::order
