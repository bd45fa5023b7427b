// What of a round's numbers a clearing could not count: the rule that Clear holds rows against, for readers of rounds
// to tell the rows it would refuse with all else that is wrong with them.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "services/matching/round_book.h"

namespace zhuxiao::matching {

// Takes a fault: the listing's position, its field, and what is wrong.
using RangeFaultSink = absl::FunctionRef<void(uint32_t listing, std::string_view field, std::string_view what)>;

// Gives `sink`, in the order of the listings, those of which a term could leave int64, those whose goods together with
// the ones before them are worth more than that, and those that leave so late, with an order due later still, that
// their days are not told apart. Requires what ValidateRound asks for.
void FindRangeFaults(const RoundBook& book, const ClearingPolicy& policy, RangeFaultSink sink);

}  // namespace zhuxiao::matching
