// Counting refusals, and finding the one thing that would help most.
#include "services/matching/refusal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/base/geo.h"
#include "services/matching/row_filter.h"

namespace zhuxiao::matching {
namespace {

size_t IndexOf(RefusalReason reason) { return static_cast<size_t>(reason); }

class Explanation {
 public:
  Explanation(const OrderView& view, const Fill& fill, const Leftover& leftover)
      : view_(view), leftover_(leftover), filter_(view) {
    for (const Take& take : fill.takes) taken_units_[take.candidate->listing] = take.units;
  }

  void Add(const Shelf& shelf, const ShelfRow& row, int32_t transit_days) {
    // With two reasons no single change helps, and the quick look tells the first: only what may be sold out, or is at
    // the edge of the limit price, needs the long look.
    const RefusalSet quick = filter_.Refuse(row, transit_days);
    if (std::popcount(quick) > 1 && row.is_sellable() && !filter_.IsPriceClose(row) &&
        view_.order.available_overrides.empty() && view_.order.barred_listings.empty()) {
      ++summary_.counts[IndexOf(First(quick))];
      return;
    }
    Add(shelf.at(row.slot));
  }

  RefusalSummary Finish(bool is_nearby_only) {
    summary_.is_nearby_only = is_nearby_only;
    const auto begin = alone_base_.begin();
    size_t binding = std::max_element(begin, alone_base_.end()) - begin;
    if (alone_base_[binding] == 0) {
      binding = std::max_element(summary_.counts.begin() + 1, summary_.counts.end()) - summary_.counts.begin();
      if (summary_.counts[binding] == 0) binding = IndexOf(RefusalReason::kNoListing);
    }
    summary_.binding = static_cast<RefusalReason>(binding);
    summary_.nearest = nearest_[binding].miss;
    return summary_;
  }

 private:
  void Add(const StoredListing& listing) {
    Candidate candidate;
    const int64_t taken = TakenUnits(listing);
    RefusalSet refused = Screen(view_, listing, candidate);
    if (taken > 0 && candidate.usable_units == taken) {
      refused = Only(candidate.is_reserved ? RefusalReason::kReserved : RefusalReason::kSoldOut);
    }
    if ((refused & (Only(RefusalReason::kSoldOut) | Only(RefusalReason::kReserved))) == 0)
      refused |= ScreenLeftover(listing, taken);
    if (refused == 0 && leftover_.is_all_or_nothing) refused = Only(RefusalReason::kAllOrNothing);
    const RefusalReason first = First(refused);
    ++summary_.counts[IndexOf(first)];
    if (std::popcount(refused) == 1) AddAlone(first, candidate, taken);
  }

  struct Nearest {
    int64_t distance = std::numeric_limits<int64_t>::max();
    std::optional<NearestMiss> miss;
  };

  int64_t TakenUnits(const StoredListing& listing) const {
    const auto it = taken_units_.find(&listing);
    return it == taken_units_.end() ? 0 : it->second;
  }

  int64_t SmallestUnits(const StoredListing& listing, int64_t taken) const {
    return taken > 0 ? 1 : listing.min_lot_units;
  }

  RefusalSet ScreenLeftover(const StoredListing& listing, int64_t taken) const {
    RefusalSet refused = 0;
    const int64_t units = SmallestUnits(listing, taken);
    if (listing.sale_unit_base > leftover_.base) {
      refused |= Only(RefusalReason::kWholeUnit);
    } else if (listing.sale_unit_base * units > leftover_.base) {
      refused |= Only(RefusalReason::kMinLot);
    }
    if (listing.unit_price_fen * units > leftover_.fen) refused |= Only(RefusalReason::kQuotaLimit);
    if (taken == 0 && leftover_.contracts == 0) refused |= Only(RefusalReason::kContractLimit);
    return refused;
  }

  // What the order's field would have to be for this listing to serve.
  std::optional<int64_t> Needed(RefusalReason reason, const Candidate& candidate, int64_t taken) const {
    const StoredListing& listing = *candidate.listing;
    const int64_t units = SmallestUnits(listing, taken);
    switch (reason) {
      case RefusalReason::kPriceAboveLimit: {
        // Rounded up: the lowest whole limit that is not below the price.
        const auto below = base::MulDivFloor(-listing.price_fen, view_.order.limit_base, listing.price_base);
        return below ? std::optional<int64_t>(-*below) : std::nullopt;
      }
      case RefusalReason::kNotDeliverableInTime:
        return candidate.arrival_day;
      case RefusalReason::kMinLot:
        if (candidate.available_units < listing.min_lot_units) return std::nullopt;
        return listing.sale_unit_base * units;
      case RefusalReason::kWholeUnit:
        return listing.sale_unit_base * units;
      case RefusalReason::kQuotaLimit:
        return listing.unit_price_fen * units;
      default:
        return std::nullopt;
    }
  }

  void AddAlone(RefusalReason reason, const Candidate& candidate, int64_t taken) {
    const StoredListing& listing = *candidate.listing;
    const int64_t held_back = std::min(leftover_.base, (candidate.available_units - taken) * listing.sale_unit_base);
    int64_t& sum = alone_base_[IndexOf(reason)];
    sum = base::CheckedAdd(sum, held_back).value_or(std::numeric_limits<int64_t>::max());
    // An order for all or nothing is served by what has enough for it.
    if (leftover_.is_all_or_nothing && held_back < leftover_.base) return;
    const auto needed = Needed(reason, candidate, taken);
    // What no number moves is nearest where the road is shortest.
    const int64_t distance = needed.value_or(candidate.km);
    Nearest& nearest = nearest_[IndexOf(reason)];
    if (nearest.miss && (distance > nearest.distance ||
                         (distance == nearest.distance && listing.listing_id >= nearest.miss->listing_id))) {
      return;
    }
    nearest = {distance, NearestMiss{listing.listing_id, reason, needed}};
  }

  const OrderView& view_;
  const Leftover& leftover_;
  RowFilter filter_;
  absl::flat_hash_map<const StoredListing*, int64_t> taken_units_;
  std::array<int64_t, kRefusalReasonCount> alone_base_{};
  std::array<Nearest, kRefusalReasonCount> nearest_;
  RefusalSummary summary_;
};

// The groups with listings, from the nearest on; of those as near as each other the one with the lower codes first.
std::vector<size_t> NearestGroups(const Shelf& shelf, const DistanceRow& distance) {
  std::vector<size_t> groups;
  for (size_t group = 0; group < shelf.group_count(); ++group) {
    if (shelf.RowsAt(group).size() > 0) groups.push_back(group);
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [&](size_t a, size_t b) { return distance.group_km[a] < distance.group_km[b]; });
  return groups;
}

}  // namespace

RefusalSummary ExplainLeftover(const Shelf& shelf, const OrderView& view, const Fill& fill, const Leftover& leftover) {
  Explanation explanation(view, fill, leftover);
  size_t seen = 0;
  for (size_t group : NearestGroups(shelf, view.distance)) {
    if (seen >= kMostExplained) return explanation.Finish(/*is_nearby_only=*/true);
    seen += shelf.RowsAt(group).size();
    for (const ShelfRow& row : shelf.RowsAt(group)) {
      explanation.Add(shelf, row, static_cast<int32_t>(base::TransitDays(view.distance.km[row.county])));
    }
  }
  return explanation.Finish(/*is_nearby_only=*/false);
}

}  // namespace zhuxiao::matching
