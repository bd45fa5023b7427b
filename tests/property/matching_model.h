// Matching once more, slow and obvious: every listing looked at, every allocation of small instances tried.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/matching/match.h"

namespace zhuxiao::matching {

// What one listing could do for one order.
struct ModelListing {
  BookListing listing;
  int64_t max_units = 0;          // that are available, not of negative welfare and not below their reserve
  int64_t bonus_units = 0;        // left of the first tranche
  int64_t plain_fen = 0;          // welfare of a unit
  int64_t bonus_fen = 0;          // welfare of a unit of the first tranche
  int64_t plain_reserve_fen = 0;  // what it must be at least
  int64_t bonus_reserve_fen = 0;

  int64_t WelfareFen(int64_t units) const;
  // Welfare beyond the reserves, which a match makes the most of.
  int64_t WorthFen(int64_t units) const;
};

// Units by listing id.
using Allocation = std::map<std::string, int64_t>;

Allocation ToAllocation(const MatchResult& result);

// The listings that can serve, of those given.
std::vector<ModelListing> Serving(const base::CountyTable& counties, const BookCommodity& commodity,
                                  const std::vector<BookListing>& listings, const MatchPolicy& policy,
                                  const MatchOrder& order);

// The most any allocation of whole units can be worth, all of them tried; nullopt where the order allows no partial
// fill and none fills it.
std::optional<int64_t> BestWorthFen(const std::vector<ModelListing>& serving, const MatchOrder& order);

// Lots and tranches sorted by worth a base unit and taken in that order, as match.h says. nullopt where a part did
// not fit whole before the order was full: then taking in order need not be the best, and the match may differ.
std::optional<Allocation> TakeInOrder(const std::vector<ModelListing>& serving, const MatchOrder& order);

}  // namespace zhuxiao::matching
