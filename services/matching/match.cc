// One order's match: check the order, fill it, explain what is left.
#include "services/matching/match.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "services/base/errors.h"
#include "services/base/geo.h"
#include "services/matching/candidate.h"
#include "services/matching/fill.h"
#include "services/matching/ranking.h"
#include "services/matching/refusal.h"
#include "services/matching/row_filter.h"
#include "services/matching/shelf.h"

namespace zhuxiao::matching {
namespace {

// Days from 1970 to 2243, as in the book.
constexpr base::Day kLastDay = 100'000;

// No sum of kMaxContracts amounts reaches it.
constexpr int64_t kUnlimitedFen = std::numeric_limits<int64_t>::max();

absl::Status CheckOrder(const MatchOrder& order, const std::optional<size_t>& destination) {
  base::FieldErrors errors;
  errors.Require(order.quantity_base >= 1 && order.quantity_base <= base::kMaxQuantityBase, "order.quantity_base",
                 "must be 1 to 10^13");
  errors.Require(order.limit_price_fen >= 1 && order.limit_price_fen <= base::kMaxAmountFen, "order.limit_price_fen",
                 "must be 1 to 10^15");
  errors.Require(order.limit_base >= 1 && order.limit_base <= base::kMaxQuantityBase, "order.limit_base",
                 "must be 1 to 10^13");
  errors.Require(destination.has_value(), "order.destination_code", "must lie in a known county");
  const auto day = [](base::Day value) { return value >= 0 && value <= kLastDay; };
  errors.Require(day(order.today), "order.today", "must be a day of 1970 to 2243");
  errors.Require(day(order.deliver_from_day), "order.deliver_from_day", "must be a day of 1970 to 2243");
  errors.Require(day(order.deliver_by_day) && order.deliver_by_day >= order.deliver_from_day, "order.deliver_by_day",
                 "must be a day not before deliver_from_day");
  errors.Require(order.excluded_suppliers.size() <= kMaxExcludedSuppliers, "order.excluded_suppliers",
                 "must be at most 64");
  errors.Require(order.quota_gap_ppm >= 0 && order.quota_gap_ppm <= kMaxSharePpm, "order.quota_gap_ppm",
                 "must be 0 to 1000000");
  errors.Require(order.remaining_limit_fen.value_or(0) >= 0, "order.remaining_limit_fen", "must not be negative");
  errors.Require(order.max_contracts >= 1 && order.max_contracts <= kMaxContracts, "order.max_contracts",
                 "must be 1 to 128");
  return errors.ToStatus();
}

// The smallest sale unit among the listings that can serve, if it is at most `upto_base`.
std::optional<int64_t> SmallestServingUnit(const Shelf& shelf, const OrderView& view, int64_t upto_base) {
  std::optional<int64_t> smallest;
  int64_t below = upto_base + 1;
  RowFilter filter(view);
  for (size_t group = 0; group < shelf.group_count(); ++group) {
    if (shelf.bounds().LowestPrice(group) > filter.highest_price()) continue;
    for (const ShelfRow& row : shelf.RowsAt(group)) {
      if (!row.is_sellable()) break;
      if (filter.Refuse(row, static_cast<int32_t>(base::TransitDays(view.distance.km[row.county]))) != 0) continue;
      const StoredListing& listing = shelf.at(row.slot);
      Candidate candidate;
      if (listing.sale_unit_base >= below || Screen(view, listing, candidate) != 0) continue;
      below = listing.sale_unit_base;
      smallest = below;
      if (below <= shelf.min_unit_base()) return smallest;
    }
  }
  return smallest;
}

MatchProposal Propose(const OrderView& view, const Take& take) {
  const Candidate& candidate = *take.candidate;
  const StoredListing& listing = *candidate.listing;
  return {.listing_id = listing.listing_id,
          .supplier_id = *listing.supplier_id,
          .units = take.units,
          .sale_unit_base = listing.sale_unit_base,
          .unit_price_fen = listing.unit_price_fen,
          .amount_fen = take.units * listing.unit_price_fen,
          .available_units = candidate.available_units,
          .revision = listing.revision,
          .reason = {.unit = candidate.unit,
                     .bonus_units = std::min(take.units, candidate.bonus_units),
                     .km = candidate.km,
                     .transit_days = candidate.transit_days,
                     .days_left = DaysLeft(listing.last_sale_day, view.order.today),
                     .arrival_day = candidate.arrival_day,
                     .total_fen = candidate.WelfareFen(take.units),
                     .reserve_fen = candidate.ReserveFen(take.units)}};
}

class Matching {
 public:
  Matching(const ShelfReader& reader, const OrderView& view)
      : reader_(reader),
        view_(view),
        limits_({.base = view.order.quantity_base,
                 .fen = view.order.remaining_limit_fen.value_or(kUnlimitedFen),
                 .contracts = view.order.max_contracts}),
        whole_({limits_.base, limits_.fen}),
        in_order_(reader, view, RankKey::kWorthPerBase, whole_) {}

  MatchResult Run() {
    Fill fill = FillInOrder(in_order_, limits_, reader_.shelf());
    if (!fill.IsGoodEnough() && IsShortOfMoney(fill)) fill = FillByFen(fill);
    if (!fill.IsGoodEnough()) fill = *SearchFill(Pool(fill), limits_, fill, kMaxSearchSteps);
    const bool is_given_up = !view_.order.allow_partial && !MakeWhole(fill);
    return ToResult(fill, is_given_up);
  }

 private:
  // Where money is what is short, taking the best worth a fen first may fill better. Either order bounds both.
  Fill FillByFen(const Fill& by_base) {
    by_fen_.emplace(reader_, view_, RankKey::kWorthPerFen, whole_);
    Fill fill = FillInOrder(*by_fen_, limits_, reader_.shelf());
    const int64_t bound_fen = std::min(by_base.bound_fen, fill.bound_fen);
    if (fill.worth_fen <= by_base.worth_fen) fill = by_base;
    fill.bound_fen = bound_fen;
    return fill;
  }

  // What a search may choose from: what is taken, and the next best. What else was looked at on the way is left out:
  // that depends on the index, and the answer must not.
  const std::vector<const Candidate*>& Pool(const Fill& fill) {
    if (!pool_.empty()) return pool_;
    for (const Take& take : fill.takes) AddToPool(take.candidate);
    if (!by_fen_ && IsShortOfMoney(fill)) by_fen_.emplace(reader_, view_, RankKey::kWorthPerFen, whole_);
    AddOwners(in_order_, fill.takes.size() + (by_fen_ ? kSearchAlternativesOfEach : kSearchAlternatives));
    if (by_fen_) AddOwners(*by_fen_, fill.takes.size() + kSearchAlternativesOfEach);
    return pool_;
  }

  // Those of the ranking, which goes on until there are `enough` or no more.
  void AddOwners(Ranking& ranking, size_t enough) {
    while (!ranking.is_narrow() && ranking.owners().size() < enough && ranking.Next() != nullptr) continue;
    for (const Candidate* owner : ranking.owners()) AddToPool(owner);
  }

  void AddToPool(const Candidate* candidate) {
    const auto same = [&](const Candidate* other) { return other->listing == candidate->listing; };
    if (std::none_of(pool_.begin(), pool_.end(), same)) pool_.push_back(candidate);
  }

  // True where what is unspent does not pay for what is left at the order's limit price.
  bool IsShortOfMoney(const Fill& fill) const {
    return view_.order.remaining_limit_fen.has_value() &&
           !IsPriceAllowed(view_.order.limit_price_fen, view_.order.limit_base, limits_.fen - fill.fen,
                           std::max<int64_t>(1, limits_.base - fill.base));
  }

  // Turns `fill` into one that leaves less than the smallest serving unit; false, emptying it, where none is found.
  bool MakeWhole(Fill& fill) {
    const int64_t left_base = limits_.base - fill.base;
    if (left_base == 0) return true;
    // Everything that can serve is taken, and the order asks for more than one unit beyond it.
    if (fill.takes_all && IsBeyondTakenUnits(fill, left_base)) {
      fill = Fill{};
      return false;
    }
    const auto unit = SmallestServingUnit(reader_.shelf(), view_, left_base);
    if (!unit && !fill.takes.empty()) return true;
    FillLimits whole = limits_;
    whole.max_left_base = unit;
    std::optional<Fill> found = unit ? SearchFill(Pool(fill), whole, fill, kMaxWholeSearchSteps) : std::nullopt;
    fill = found.value_or(Fill{});
    return found.has_value();
  }

  static bool IsBeyondTakenUnits(const Fill& fill, int64_t left_base) {
    return std::all_of(fill.takes.begin(), fill.takes.end(), [&](const Take& take) {
      return take.units == take.candidate->usable_units && take.candidate->listing->sale_unit_base <= left_base;
    });
  }

  MatchResult ToResult(const Fill& fill, bool is_given_up) const {
    MatchResult result;
    result.proposals.reserve(fill.takes.size());
    for (const Take& take : fill.takes) result.proposals.push_back(Propose(view_, take));
    std::sort(result.proposals.begin(), result.proposals.end(),
              [](const MatchProposal& a, const MatchProposal& b) { return a.listing_id < b.listing_id; });
    result.filled_base = fill.base;
    result.unfilled_base = view_.order.quantity_base - fill.base;
    result.amount_fen = fill.fen;
    result.welfare_fen = fill.welfare_fen;
    if (result.unfilled_base > 0 && view_.order.explain) {
      const Leftover leftover{.base = result.unfilled_base,
                              .fen = limits_.fen - fill.fen,
                              .contracts = limits_.contracts - static_cast<int32_t>(fill.takes.size()),
                              .is_all_or_nothing = is_given_up};
      result.refusal = ExplainLeftover(reader_.shelf(), view_, fill, leftover);
    }
    return result;
  }

  const ShelfReader& reader_;
  const OrderView& view_;
  const FillLimits limits_;
  const Need whole_;
  // Rankings own the candidates that fills and the pool point at.
  Ranking in_order_;
  std::optional<Ranking> by_fen_;
  std::vector<const Candidate*> pool_;
};

}  // namespace

std::string_view NameOf(RefusalReason reason) {
  constexpr std::array<std::string_view, kRefusalReasonCount> kNames = {"NONE",
                                                                        "SOLD_OUT",
                                                                        "PRICE_ABOVE_LIMIT",
                                                                        "NOT_DELIVERABLE_IN_TIME",
                                                                        "TOO_LITTLE_LIFE_LEFT",
                                                                        "CERTIFICATE",
                                                                        "PROGRAMME",
                                                                        "SUPPLIER_EXCLUDED",
                                                                        "OUT_OF_SCOPE",
                                                                        "MIN_LOT",
                                                                        "WHOLE_UNIT",
                                                                        "QUOTA_LIMIT",
                                                                        "CONTRACT_LIMIT",
                                                                        "NOT_WORTH",
                                                                        "RESERVED",
                                                                        "ALL_OR_NOTHING",
                                                                        "NO_LISTING"};
  return kNames[static_cast<size_t>(reason)];
}

absl::StatusOr<MatchResult> Match(const Book& book, const MatchPolicy& policy, const MatchOrder& order) {
  if (absl::Status status = Validate(policy); !status.ok()) return status;
  const std::optional<size_t> destination = book.counties().IndexOf(order.destination_code);
  if (absl::Status status = CheckOrder(order, destination); !status.ok()) return status;
  const Shelf* shelf = book.ShelfOf(order.commodity);
  if (shelf == nullptr) return base::NotFound("commodity", order.commodity);
  const ShelfReader reader(*shelf, policy, order.today);
  const OrderView view{policy, order, shelf->commodity(), book.distances().RowTo(*destination),
                       book.distances().size()};
  return Matching(reader, view).Run();
}

}  // namespace zhuxiao::matching
