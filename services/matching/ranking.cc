// Best-first search over a shelf. Bounds are doubles rounded outward and only decide what to look at next; what is
// given out, and in which order, is decided by exact integers.
#include "services/matching/ranking.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "services/base/geo.h"

namespace zhuxiao::matching {
namespace {

constexpr double kNoBound = std::numeric_limits<double>::infinity();
// Far above the rounding of the few operations behind a bound, far below anything that would cost an extra look.
constexpr double kSlack = 1e-11;

// A lorry's day, as in base::TransitDays: goods d days away at most come from nearer than d of them.
constexpr int32_t kKmPerDay = 600;

// The last of kLifeSteps that is not above a number of days.
constexpr auto kStepOfLife = [] {
  std::array<uint8_t, kLifeSteps.back() + 1> steps{};
  for (size_t days = 1; days < steps.size(); ++days) {
    steps[days] = steps[days - 1];
    if (steps[days] + 1u < kLifeSteps.size() && kLifeSteps[steps[days] + 1] <= static_cast<int32_t>(days))
      ++steps[days];
  }
  return steps;
}();

double Quotient(int64_t numerator, int64_t denominator) {
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

double KeyOf(const Part& part, RankKey key) {
  return Quotient(part.worth_fen, key == RankKey::kWorthPerBase ? part.size_base : part.price_fen);
}

// False only where the smallest contract of the row surely does not fit.
bool MayFit(const ShelfRow& row, const Need& need) {
  return row.lot_base <= static_cast<double>(need.base) * (1 + kSlack) &&
         row.lot_fen() <= static_cast<double>(need.fen) * (1 + kSlack);
}

}  // namespace

bool ComesBefore(const Part& a, const Part& b, RankKey key) {
  const bool per_base = key == RankKey::kWorthPerBase;
  const __int128 left = static_cast<__int128>(a.worth_fen) * (per_base ? b.size_base : b.price_fen);
  const __int128 right = static_cast<__int128>(b.worth_fen) * (per_base ? a.size_base : a.price_fen);
  if (left != right) return left > right;
  if (a.candidate->listing != b.candidate->listing) {
    return a.candidate->listing->listing_id < b.candidate->listing->listing_id;
  }
  return a.kind < b.kind;
}

absl::InlinedVector<Part, 3> PartsOf(const Candidate& candidate) {
  absl::InlinedVector<Part, 3> parts;
  const StoredListing& listing = *candidate.listing;
  int64_t taken = 0;
  const auto add = [&](PartKind kind, int64_t upto_units) {
    const int64_t units = std::min(upto_units, candidate.usable_units) - taken;
    if (units <= 0) return;
    const int64_t step = kind == PartKind::kLot ? units : 1;
    parts.push_back({.candidate = &candidate,
                     .kind = kind,
                     .units = units,
                     .worth_fen = candidate.WorthFen(taken + step) - candidate.WorthFen(taken),
                     .welfare_fen = candidate.WelfareFen(taken + step) - candidate.WelfareFen(taken),
                     .size_base = step * listing.sale_unit_base,
                     .price_fen = step * listing.unit_price_fen});
    taken += units;
  };
  if (HasLot(candidate)) add(PartKind::kLot, listing.min_lot_units);
  add(PartKind::kFirstTranche, candidate.bonus_units);
  add(PartKind::kRest, candidate.usable_units);
  return parts;
}

Ranking::Ranking(const ShelfReader& reader, const OrderView& view, RankKey key, const Need& whole)
    : reader_(reader),
      view_(view),
      key_(key),
      whole_(whole),
      gap_per_ratio_(Quotient(view.policy.gap_weight_ppm, base::kPpm) * Quotient(view.order.quota_gap_ppm, base::kPpm) *
                     Quotient(view.commodity.reference_price_fen, view.commodity.reference_base)),
      transport_per_km_(Quotient(view.commodity.transport_microfen_per_km_base, 1'000'000)),
      best_gap_(gap_per_ratio_ * reader.shelf().max_value_ratio()),
      least_transport_per_km_(transport_per_km_ * reader.shelf().min_weight_ratio()),
      too_far_km_(std::max(0, view.order.deliver_by_day - view.order.today) * kKmPerDay),
      filter_(view) {
  const std::vector<ShelfBounds>& bounds = reader_.shelf().group_bounds();
  for (uint32_t group = 0; group < bounds.size(); ++group) {
    const double bound = BoundOf(bounds[group], view_.distance.group_km[group]);
    if (bound >= 0) groups_.push_back({bound, group});
  }
  std::make_heap(groups_.begin(), groups_.end(), IsWeaker);
}

bool Ranking::IsWeaker(const Bounded& a, const Bounded& b) {
  return a.bound < b.bound || (a.bound == b.bound && a.at > b.at);
}

double Ranking::BoundOf(const ShelfBounds& bounds, int32_t km) const {
  // Without a row to sell the lowest price is infinite.
  if (!(bounds.price <= filter_.highest_price()) || km >= too_far_km_) return -1;
  if (!reader_.is_indexed()) return kNoBound;
  const int32_t life = std::max(km / kKmPerDay + 1, view_.order.deliver_from_day - view_.order.today);
  const double plus = bounds.score[kStepOfLife[std::min<size_t>(life, kStepOfLife.size() - 1)]] + best_gap_;
  const double minus = least_transport_per_km_ * km;
  const double bound = plus - minus + kSlack * (std::abs(plus) + minus);
  if (key_ == RankKey::kWorthPerBase || !(bound >= 0)) return bound;
  // Two bounds: the best welfare at the lowest price; and the best ratio, with the order's part and the transport at
  // whichever price makes the most of them.
  const double rest = best_gap_ - minus;
  const double per_fen = rest / (rest > 0 ? bounds.unit_price : bounds.unit_price_most);
  const double ratio = bounds.score_per_fen + per_fen + kSlack * (std::abs(bounds.score_per_fen) + std::abs(per_fen));
  return std::max(0.0, std::min(bound / bounds.unit_price, ratio));
}

double Ranking::BoundOf(const ShelfRow& row, double transport) const {
  if (!reader_.is_indexed()) return kNoBound;
  const double plus = row.score + gap_per_ratio_ * row.value_ratio;
  const double minus = transport * row.weight_ratio;
  const double bound = plus - minus + kSlack * (std::abs(plus) + minus);
  return key_ == RankKey::kWorthPerBase ? bound : bound / row.unit_price;
}

bool Ranking::IsSkipped(const ShelfBounds& bounds, const Need& need) const {
  return is_narrow_ && (bounds.lot_base > static_cast<double>(need.base) * (1 + kSlack) ||
                        bounds.lot_fen > static_cast<double>(need.fen) * (1 + kSlack));
}

void Ranking::OpenNextGroup(const Need& need) {
  std::pop_heap(groups_.begin(), groups_.end(), IsWeaker);
  const uint32_t group = groups_.back().at;
  groups_.pop_back();
  if (IsSkipped(reader_.shelf().group_bounds()[group], need)) return;
  const auto first = static_cast<uint32_t>(group * kCountyGroupSize);
  const auto last = std::min<size_t>(first + kCountyGroupSize, view_.county_count);
  for (uint32_t county = first; county < last; ++county) {
    const double bound = BoundOf(reader_.shelf().BoundsAt(county), view_.distance.km[county]);
    if (!(bound >= 0)) continue;
    cells_.push_back({bound, county});
    std::push_heap(cells_.begin(), cells_.end(), IsWeaker);
  }
}

void Ranking::OpenNextCell(const Need& need) {
  std::pop_heap(cells_.begin(), cells_.end(), IsWeaker);
  const uint32_t county = cells_.back().at;
  cells_.pop_back();
  if (IsSkipped(reader_.shelf().BoundsAt(county), need)) return;
  const int64_t km = view_.distance.km[county];
  const auto transit_days = static_cast<int32_t>(base::TransitDays(km));
  const double transport = transport_per_km_ * static_cast<double>(km);
  for (const ShelfRow& row : reader_.shelf().RowsAt(county)) {
    if (!row.is_sellable() || filter_.Refuse(row, transit_days) != 0) continue;
    const double bound = BoundOf(row, transport);
    if (!(bound >= 0) || !MayFit(row, need)) continue;
    rows_.push_back({bound, row.slot});
    std::push_heap(rows_.begin(), rows_.end(), IsWeaker);
  }
}

void Ranking::ScreenNextRow() {
  std::pop_heap(rows_.begin(), rows_.end(), IsWeaker);
  const StoredListing& listing = reader_.shelf().at(rows_.back().at);
  rows_.pop_back();
  Candidate candidate;
  if (Screen(view_, listing, candidate) != 0) return;
  candidates_.push_back(candidate);
  for (const Part& part : PartsOf(candidates_.back())) {
    parts_.push_back(part);
    std::push_heap(parts_.begin(), parts_.end(),
                   [this](const Part& a, const Part& b) { return ComesBefore(b, a, key_); });
  }
}

void Ranking::TakeBestPart() {
  std::pop_heap(parts_.begin(), parts_.end(), [this](const Part& a, const Part& b) { return ComesBefore(b, a, key_); });
  given_ = parts_.back();
  parts_.pop_back();
}

const Part* Ranking::NextFitting(const Need& need) {
  is_narrow_ = true;
  return Next(need);
}

const Part* Ranking::Next(const Need& need) {
  const auto top = [](const auto& heap) { return heap.empty() ? -1 : heap.front().bound; };
  while (true) {
    const double open = std::max({top(groups_), top(cells_), top(rows_)});
    const double best = parts_.empty() ? -1 : KeyOf(parts_.front(), key_) * (1 - kSlack);
    if (!parts_.empty() && (open < 0 || best > open)) {
      TakeBestPart();
      if (!Fits(given_, need)) continue;
      const auto is_owner = [&] {
        return std::find(owners_.begin(), owners_.end(), given_.candidate) != owners_.end();
      };
      if (!is_narrow_ && !is_owner()) owners_.push_back(given_.candidate);
      return &given_;
    } else if (open < 0) {
      is_exhausted_ = true;
      return nullptr;
    } else if (top(rows_) >= open) {
      ScreenNextRow();
    } else if (top(cells_) >= open) {
      OpenNextCell(need);
    } else {
      OpenNextGroup(need);
    }
  }
}

}  // namespace zhuxiao::matching
