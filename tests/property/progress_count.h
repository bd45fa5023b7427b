// Progress of quotas counted over in the plainest way: from contracts, approvals and declarations, one institution
// after another, to hold against the report.
#pragma once

#include "tests/property/trade_books.h"
#include "tests/property/trade_world.h"

namespace zhuxiao::testing {

// Expects the report of the world's current year and the year before to be what the count of `books` comes to: of every
// institution, read in pages of `page_size`, and summed by parent and channel.
void ExpectProgress(TradeWorld& world, const TradeBooks& books, size_t page_size);

}  // namespace zhuxiao::testing
