// What would have let an order or a listing trade more in a round, all else as it was: one field and its value, found
// among the values that lift what bars each counterpart, and each tried on the changed row (room.h).
#pragma once

#include <string>

#include "services/round/room.h"
#include "services/round/round.h"

namespace zhuxiao::round {

// Of an order's row, or its buyer's spending limit. Texts are empty where the change would not have helped.
class OrderChanges {
 public:
  OrderChanges(const Room& room, uint32_t order) : room_(room), order_(order) {}
  // The change that lifts `reason`, for example "limit_price at least 3.50 yuan".
  std::string Lifting(v1::RoundReason reason) const;
  // The first there is, whatever it lifts.
  std::string Any() const;

 private:
  const Room& room_;
  const uint32_t order_;
};

// The same of a listing's row.
class ListingChanges {
 public:
  ListingChanges(const Room& room, uint32_t listing) : room_(room), listing_(listing) {}
  std::string Lifting(v1::RoundReason reason) const;
  std::string Any() const;

 private:
  const Room& room_;
  const uint32_t listing_;
};

}  // namespace zhuxiao::round
