// Checks of exported books and their feed: those of `zhuxiao verify`, and as a second opinion, which shares nothing
// with them, the invariants of the trade in their shortest form.
#pragma once

#include <string>
#include <vector>

#include "zhuxiao/audit/v1/audit.pb.h"

namespace zhuxiao::testing {

struct Books {
  std::vector<audit::v1::ExportBooksResponse> rows;
  std::vector<audit::v1::ReadFeedResponse> events;
};

// One line for everything that does not hold: events missing or out of order, a request that took effect twice,
// balances that are not the sum of the feed's moves or do not add up, more used than the limit, accounts or entries
// that do not sum to 0, contracts beyond their order.
std::vector<std::string> BrokenSums(const Books& books);

// What `zhuxiao verify` finds, one line each that starts with the name of the rule.
std::vector<std::string> VerifyFindings(const Books& books);

}  // namespace zhuxiao::testing
