#include "services/matching/clearing/range.h"

#include <algorithm>
#include <limits>

#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/matching/clear.h"
#include "services/matching/clearing/market.h"

namespace zhuxiao::matching::clearing {
namespace {

// Leaves room for ten weights and for sums of terms.
constexpr int64_t kMostFen = std::numeric_limits<int64_t>::max() / 4;
// The price of a unit must be a number of parts of a fen.
constexpr int64_t kMostUnitFen = std::numeric_limits<int64_t>::max() / kPriceParts;

class RangeCheck {
 public:
  RangeCheck(const RoundBook& book, const ClearingPolicy& policy, const Roads& roads)
      : terms_(book, policy), km_(roads.LongestKm()) {}

  void Take(size_t position, const RoundListing& listing) {
    const auto require = [&](bool holds, std::string_view field, std::string_view what) {
      if (!holds) Add(position, field, what);
      return holds;
    };
    const int64_t value_fen = terms_.ValueFen(listing);
    const bool is_counted =
        require(value_fen <= base::kMaxAmountFen, "unit_base", "a unit is worth more than any amount can be") &&
        require(terms_.TollFen(listing.commodity, km_, listing.unit_base) <= kMostFen, "unit_base",
                "the transport of a unit costs more than can be counted") &&
        require(terms_.ListingFen(listing, true) + terms_.GapFen(value_fen, base::kPpm) <= kMostUnitFen, "unit_base",
                "the welfare of a unit is more than can be counted in parts of a fen");
    if (!is_counted) return;
    // The cost of all goods must be a number too, since limits count it.
    require(static_cast<__int128>(listing.unit_price_fen) * listing.units <= kMostFen, "unit_price_fen",
            "all units cost more than can be counted");
    require(static_cast<__int128>(listing.unit_base) * listing.units <= std::numeric_limits<int64_t>::max(), "units",
            "hold more base units than can be counted");
    const __int128 unit =
        static_cast<__int128>(terms_.ListingFen(listing, true)) + terms_.GapFen(value_fen, base::kPpm);
    if (unit > 0) worth_fen_ += unit * listing.units;
    if (!require(worth_fen_ <= kMostFen, "units",
                 "with the listings before, the goods are worth more than can be counted"))
      worth_fen_ = 0;
  }

  void Add(size_t position, std::string_view field, std::string_view what) {
    if (IsFull()) return;
    errors_.Add(base::StrCat("listings[", position, "].", field), what);
  }

  bool IsFull() const { return errors_.violations().size() >= kMaxNamedFaults; }
  absl::Status ToStatus() const { return errors_.ToStatus(); }

 private:
  const Terms terms_;
  const int64_t km_;
  __int128 worth_fen_ = 0;
  base::FieldErrors errors_;
};

// The last day that can be told from those after it.
int64_t LastDay(const RoundBook& book, const ClearingPolicy& policy) { return FirstDay(book, policy) + kMostReadyDays; }

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
  RangeCheck check(book, policy, roads);
  const int64_t last_day = LastDay(book, policy);
  const int64_t last_due = LastDue(book);
  for (size_t i = 0; i < book.listings.size() && !check.IsFull(); ++i) {
    const RoundListing& listing = book.listings[i];
    check.Take(i, listing);
    const int64_t leaves_on = LeavesOn(listing, policy);
    if (listing.units > 0 && leaves_on > last_day - kMostRoadDays && last_due > leaves_on) {
      check.Add(i, "ready_day",
                base::StrCat("is over ", kMostReadyDays - kMostRoadDays,
                             " days after the first day on which goods of the round can leave"));
    }
  }
  return check.ToStatus();
}

}  // namespace zhuxiao::matching::clearing
