// The sums behind a stall case, pure: where units stand, what is at risk, what rules say of it, what was saved.
#pragma once

#include <cstdint>
#include <optional>

#include "services/base/clock.h"
#include "zhuxiao/listing/v1/listing.pb.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao::stall {

// Where the units of a listing with balances stand.
v1::StallFigures FiguresOf(const listing::v1::Listing& listing);

// Units available times the unit price; kMaxAmountFen where that is more.
int64_t ValueAtRiskFen(const listing::v1::Listing& listing);

// Days from `today` to the last-sale day, 0 once it is there.
int32_t DaysLeft(const listing::v1::Listing& listing, base::Day today);

// The highest rule whose three conditions the listing meets, or nullptr. Of rules of one level the first.
const v1::StallRaisingRule* RaisingRuleFor(const v1::GetStallRulesResponse& rules, const listing::v1::Listing& listing,
                                           base::Day today);

// What the server sees in a listing's sales, where that is a stall by the rule: on the market min_age_days or more,
// worth min_value or more, and the rest lasting longer at the window's rate than cover_ppm of the days left. The rate
// is over the window's days, or fewer where the listing is younger; where nothing was taken the rest lasts for ever.
// nullopt where it is no stall, or nothing is left. `taken_units` below 0 (more came back than went) counts as 0.
std::optional<v1::StallDetection> Detect(const v1::StallDetectionRule& rule, const listing::v1::Listing& listing,
                                         int64_t taken_units, base::Day today);

// How a case comes out at these figures: saved and lost since it was opened. Time, who and level are the caller's.
v1::StallClosing CloseFigures(const v1::StallFigures& opening, const listing::v1::Listing& listing);

// True where a closing counts as cleared: at least cleared_ppm of saved and lost was saved. Nothing lost is cleared.
bool IsCleared(const v1::StallClosing& closing, int64_t cleared_ppm);

}  // namespace zhuxiao::stall
