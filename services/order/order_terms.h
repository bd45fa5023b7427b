// What an order must be like, and what it asks of matching.
#pragma once

#include "absl/time/time.h"
#include "services/base/errors.h"
#include "services/matching/match.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

inline constexpr int64_t kMaxLimitBase = 1'000'000'000;  // base units one limit price is for: a shipload in grams

// Adds a violation for every field of `order` that is wrong in any state, with paths under "order.".
void CheckOrder(const v1::Order& order, absl::Time now, base::FieldErrors& errors);

// The order as matching takes it, for what is left of it. Quota figures and overrides are the caller's to add.
matching::MatchOrder ToMatchOrder(const v1::Order& order, absl::Time now);

// What stays unfilled of a match, for people and programs. `listings` of the catalogue's reasons are counted.
v1::Unfilled ToUnfilled(const matching::MatchResult& result);

// The refusal of an order that neither fills nor stands: QUOTA_EXCEEDED where the spending limit binds, else
// NOTHING_MATCHED; the metadata counts the listings by reason and names the nearest change.
absl::Status RefuseUnfilled(const v1::Order& order, const v1::Unfilled& unfilled);

v1::RefusalReason ToProto(matching::RefusalReason reason);

}  // namespace zhuxiao::order
