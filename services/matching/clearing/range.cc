#include "services/matching/clearing/range.h"

#include <algorithm>
#include <limits>

#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/matching/clearing/market.h"
#include "services/matching/row_faults.h"

namespace zhuxiao::matching::clearing {
namespace {

// Leaves room for ten weights and for sums of terms.
constexpr int64_t kMostFen = std::numeric_limits<int64_t>::max() / 4;
// The price of a unit must be a number of parts of a fen.
constexpr int64_t kMostUnitFen = std::numeric_limits<int64_t>::max() / kPriceParts;

class RangeCheck {
 public:
  RangeCheck(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads, RowFaults& faults)
      : terms_(book, policy), km_(roads.LongestKm()), faults_(faults) {}

  void Take(const RoundListing& listing) {
    const int64_t value_fen = terms_.ValueFen(listing);
    const bool is_counted =
        faults_.Require(value_fen <= base::kMaxAmountFen, "unit_base", "a unit is worth more than any amount can be") &&
        faults_.Require(terms_.TollFen(listing.commodity, km_, listing.unit_base) <= kMostFen, "unit_base",
                        "the transport of a unit costs more than can be counted") &&
        faults_.Require(terms_.ListingFen(listing, true) + terms_.GapFen(value_fen, base::kPpm) <= kMostUnitFen,
                        "unit_base", "the welfare of a unit is more than can be counted in parts of a fen");
    if (!is_counted) return;
    // The cost of all goods must be a number too, since limits count it.
    faults_.Require(static_cast<__int128>(listing.unit_price_fen) * listing.units <= kMostFen, "unit_price_fen",
                    "all units cost more than can be counted");
    faults_.Require(static_cast<__int128>(listing.unit_base) * listing.units <= std::numeric_limits<int64_t>::max(),
                    "units", "hold more base units than can be counted");
    const __int128 unit =
        static_cast<__int128>(terms_.ListingFen(listing, true)) + terms_.GapFen(value_fen, base::kPpm);
    if (unit > 0) worth_fen_ += unit * listing.units;
    if (!faults_.Require(worth_fen_ <= kMostFen, "units",
                         "with the listings before, the goods are worth more than can be counted")) {
      worth_fen_ = 0;
    }
  }

 private:
  const Terms terms_;
  const int64_t km_;
  RowFaults& faults_;
  __int128 worth_fen_ = 0;
};

int64_t LastDue(const RoundBook& book) {
  int64_t last = std::numeric_limits<int64_t>::min();
  for (const RoundOrder& order : book.orders) last = std::max<int64_t>(last, order.deliver_by_day);
  return last;
}

}  // namespace

int64_t LeavesOn(const RoundListing& listing, const ClearingPolicy& policy) {
  return std::max(policy.today, listing.ready_day);
}

int64_t FirstDay(const RoundBook& book, const ClearingPolicy& policy) {
  int64_t first = std::numeric_limits<int32_t>::max();
  for (const RoundListing& listing : book.listings) {
    if (listing.units > 0) first = std::min(first, LeavesOn(listing, policy));
  }
  return first;
}

absl::Status CheckRange(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads) {
  // Goods that leave within this many days of the first arrive before the days end.
  constexpr int64_t kToldApart = kMostReadyDays - kMostRoadDays;
  RowFaults faults;
  RangeCheck check(book, policy, roads, faults);
  const int64_t first_day = FirstDay(book, policy);
  const int64_t last_due = LastDue(book);
  for (size_t i = 0; i < book.listings.size() && !faults.IsFull(); ++i) {
    const RoundListing& listing = book.listings[i];
    faults.At("listings", i);
    check.Take(listing);
    const int64_t leaves_on = LeavesOn(listing, policy);
    if (listing.units == 0 || leaves_on - first_day <= kToldApart || last_due <= leaves_on) continue;
    faults.Require(
        false, "ready_day",
        base::StrCat("is over ", kToldApart, " days after the first day on which goods of the round can leave"));
  }
  return faults.errors().ToStatus();
}

}  // namespace zhuxiao::matching::clearing
