#include "services/matching/clearing/range.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/matching/clearing/market.h"
#include "services/matching/range_faults.h"
#include "services/matching/row_faults.h"

namespace zhuxiao::matching::clearing {
namespace {

// Leaves room for ten weights and for sums of terms.
constexpr int64_t kMostFen = std::numeric_limits<int64_t>::max() / 4;
// The price of a unit must be a number of parts of a fen.
constexpr int64_t kMostUnitFen = std::numeric_limits<int64_t>::max() / kPriceParts;

// No road has more kilometres: they are kept in 16 bits.
constexpr int64_t kMostKm = std::numeric_limits<uint16_t>::max();

class RangeCheck {
 public:
  // `longest_km` gives the longest road of the round; it is asked for only where some goods could not go any distance.
  RangeCheck(const RoundBook& book, const ClearingPolicy& policy, absl::FunctionRef<int64_t()> longest_km,
             RangeFaultSink sink)
      : book_(book), policy_(policy), terms_(book, policy), longest_km_(longest_km), sink_(sink) {}

  void Run() {
    const int64_t first_day = FirstDay(book_, policy_);
    const int64_t last_due = LastDue(book_);
    for (; listing_ < book_.listings.size(); ++listing_) {
      const RoundListing& listing = book_.listings[listing_];
      Take(listing);
      const int64_t leaves_on = LeavesOn(listing, policy_);
      const bool is_told_apart = listing.units == 0 || leaves_on - first_day <= kToldApart || last_due <= leaves_on;
      if (is_told_apart) continue;
      Require(false, "ready_day",
              base::StrCat("is over ", kToldApart, " days after the first day on which goods of the round can leave"));
    }
  }

 private:
  // Goods that leave within this many days of the first arrive before the days end.
  static constexpr int64_t kToldApart = kMostReadyDays - kMostRoadDays;

  static int64_t LastDue(const RoundBook& book) {
    int64_t last = std::numeric_limits<int64_t>::min();
    for (const RoundOrder& order : book.orders) last = std::max<int64_t>(last, order.deliver_by_day);
    return last;
  }

  bool Require(bool holds, std::string_view field, std::string_view what) {
    if (!holds) sink_(listing_, field, what);
    return holds;
  }

  bool IsTollCounted(const RoundListing& listing) {
    if (terms_.TollFen(listing.commodity, kMostKm, listing.unit_base) <= kMostFen) return true;
    if (!km_) km_ = longest_km_();
    return terms_.TollFen(listing.commodity, *km_, listing.unit_base) <= kMostFen;
  }

  void Take(const RoundListing& listing) {
    const int64_t value_fen = terms_.ValueFen(listing);
    const bool is_counted =
        Require(value_fen <= base::kMaxAmountFen, "unit_base", "a unit is worth more than any amount can be") &&
        Require(IsTollCounted(listing), "unit_base", "the transport of a unit costs more than can be counted") &&
        Require(terms_.ListingFen(listing, true) + terms_.GapFen(value_fen, base::kPpm) <= kMostUnitFen, "unit_base",
                "the welfare of a unit is more than can be counted in parts of a fen");
    if (!is_counted) return;
    // The cost of all goods must be a number too, since limits count it.
    Require(static_cast<__int128>(listing.unit_price_fen) * listing.units <= kMostFen, "unit_price_fen",
            "all units cost more than can be counted");
    Require(static_cast<__int128>(listing.unit_base) * listing.units <= std::numeric_limits<int64_t>::max(), "units",
            "hold more base units than can be counted");
    const __int128 unit =
        static_cast<__int128>(terms_.ListingFen(listing, true)) + terms_.GapFen(value_fen, base::kPpm);
    if (unit > 0) worth_fen_ += unit * listing.units;
    if (!Require(worth_fen_ <= kMostFen, "units",
                 "with the listings before, the goods are worth more than can be counted")) {
      worth_fen_ = 0;
    }
  }

  const RoundBook& book_;
  const ClearingPolicy& policy_;
  const Terms terms_;
  const absl::FunctionRef<int64_t()> longest_km_;
  const RangeFaultSink sink_;
  uint32_t listing_ = 0;
  std::optional<int64_t> km_;
  __int128 worth_fen_ = 0;
};

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
  RowFaults faults;
  const auto tell = [&](uint32_t listing, std::string_view field, std::string_view what) {
    faults.At("listings", listing);
    faults.Require(false, field, what);
  };
  RangeCheck(
      book, policy, [&] { return roads.LongestKm(); }, tell)
      .Run();
  return faults.ToStatus();
}

}  // namespace zhuxiao::matching::clearing

namespace zhuxiao::matching {

void FindRangeFaults(const RoundBook& book, const ClearingPolicy& policy, RangeFaultSink sink) {
  const auto longest_km = [&] {
    return clearing::Roads(book.counties, clearing::DestinationsOf(book), /*threads=*/1).LongestKm();
  };
  clearing::RangeCheck(book, policy, longest_km, sink).Run();
}

}  // namespace zhuxiao::matching
