// The early warning (返贫预警): whether unsold goods would keep linked households below the income line of the year.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/store/store.h"
#include "zhuxiao/directory/v1/directory.pb.h"
#include "zhuxiao/listing/v1/listing.pb.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao::stall {

// What a supplier may expect of a year besides the goods in question: settled contracts and platform sales of the year,
// contracts under way, and what its other listings that are open and not stalled offer. Fen.
absl::StatusOr<int64_t> ExpectedFen(store::Reader& reader, const listing::v1::Listing& stalled, int year);

// The households that stay below the line with `expected_fen` alone and reach it with `at_risk_fen` besides, each by
// its share of either, rounded down. nullopt where there are none. The time is the caller's.
std::optional<v1::StallWarning> WarningOf(const v1::StallWarningRule& rule, const directory::v1::Linkage& linkage,
                                          int64_t expected_fen, int64_t at_risk_fen);

// The warning for a listing with balances by the rule, as of `now`; nullopt where none holds.
absl::StatusOr<std::optional<v1::StallWarning>> WarningFor(store::Reader& reader, const v1::StallWarningRule& rule,
                                                           const listing::v1::Listing& listing, absl::Time now);

}  // namespace zhuxiao::stall
