// Best-first search over a shelf. Bounds are doubles rounded outward and only decide what to look at next; what is
// given out, and in which order, is decided by exact integers.
#include "services/matching/ranking.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "services/base/geo.h"
#include "services/matching/clearing/search.h"

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

// Of a bound: not below it, in fewer digits. What is negative stays so.
float RoundUp(double bound) { return static_cast<float>(bound * (1 + 1e-6) + 1e-30); }

// The score of what cannot be sold.
constexpr float kUnsellable = -std::numeric_limits<float>::infinity();

// By worth a fen the rows of a group stand in no order, and its bound hardly falls from one to the next: so many are
// looked at before the groups are compared again.
constexpr size_t kRowsAtOnceByFen = 8;

// A group no row of which was looked at.
constexpr uint32_t kUnopened = std::numeric_limits<uint32_t>::max();

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

inline float Ranking::BestScoreOf(const ShelfBounds& bounds, int32_t km) const {
  // Without a row to sell the lowest price is infinite.
  if (!(bounds.price <= demand_.highest_price) || km >= too_far_km_ || !IsWithinDemand(bounds)) return kUnsellable;
  if (!reader_.is_indexed()) return std::numeric_limits<float>::infinity();
  return bounds.score[kStepOfLife[std::min<size_t>(km / kKmPerDay + 1, kStepOfLife.size() - 1)]];
}

inline double Ranking::BoundOf(const ShelfBounds& bounds, float score, int32_t km) const {
  if (!reader_.is_indexed()) return kNoBound;
  const double plus = score + best_gap_;
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
  demand_.highest_price = RoundUp(filter_.highest_price());
  Demand(whole);
  const Shelf& shelf = reader_.shelf();
  group_bounds_.resize(std::max<size_t>(1, shelf.group_count()), -1);
  next_rows_.resize(shelf.group_count(), kUnopened);
  for (size_t group = 0; group < shelf.group_count(); ++group) {
    const ShelfBounds& bounds = shelf.BoundsAt(group);
    const int32_t km = view_.distance.group_km[group];
    const float score = BestScoreOf(bounds, km);
    group_bounds_[group] = score == kUnsellable ? -1 : RoundUp(BoundOf(bounds, score, km));
  }
  FindBestGroup();
}

bool Ranking::IsWeaker(const LookedAt& a, const LookedAt& b) {
  return a.bound < b.bound || (a.bound == b.bound && a.row->slot > b.row->slot);
}

double Ranking::BoundOf(const ShelfRow& row, double transport) const {
  if (!reader_.is_indexed()) return kNoBound;
  const double plus = row.score + gap_per_ratio_ * row.value_ratio;
  const double minus = transport * row.weight_ratio;
  const double bound = plus - minus + kSlack * (std::abs(plus) + minus);
  return key_ == RankKey::kWorthPerBase ? bound : bound / row.unit_price;
}

void Ranking::Demand(const Need& need) {
  demand_.most_lot_base = RoundUp(static_cast<double>(need.base));
  demand_.most_lot_fen = RoundUp(static_cast<double>(need.fen));
}

RowDemand Ranking::DemandFrom(int32_t km) const {
  const int32_t transit_days = km / kKmPerDay + 1;
  RowDemand demand = demand_;
  demand.ready_by_day = view_.order.deliver_by_day - transit_days;
  demand.sold_on_day = view_.ArrivalDay(0, transit_days) + view_.commodity.min_life_days;
  demand.kept_days = transit_days + view_.commodity.min_life_days;
  return demand;
}

void Ranking::FindBestGroup() { best_group_ = clearing::GreatestOf(group_bounds_.data(), group_bounds_.size()); }

void Ranking::OpenBestGroup(const Need& need) {
  const size_t group = best_group_;
  const ShelfBounds& bounds = reader_.shelf().BoundsAt(group);
  const ShelfGroup& rows = reader_.shelf().RowsAt(group);
  const int32_t km = view_.distance.group_km[group];
  const float most = group_bounds_[group];
  group_bounds_[group] = -1;
  FindBestGroup();
  if (!IsWithinDemand(bounds)) return;
  size_t next = next_rows_[group];
  // Rows of a higher score than any with enough life left come first, and are of no use.
  if (next == kUnopened) next = rows.FirstOf(BestScoreOf(bounds, km));
  const RowDemand demand = DemandFrom(km);
  const size_t at_once = key_ == RankKey::kWorthPerBase ? 1 : kRowsAtOnceByFen;
  size_t looked_at = 0;
  while (true) {
    next = rows.NextFrom(next, demand);
    if (next == rows.size()) return;
    const float left = std::min(most, RoundUp(BoundOf(bounds, rows[next].score, km)));
    if (!(left >= 0)) return;
    const bool is_enough = !rows_.empty() && left < rows_.front().bound;
    const bool may_leave = looked_at == 0 || looked_at >= at_once;
    if (may_leave && (is_enough || left < group_bounds_[best_group_])) {
      group_bounds_[group] = left;
      next_rows_[group] = static_cast<uint32_t>(next);
      if (left > group_bounds_[best_group_]) best_group_ = group;
      return;
    }
    OpenRow(rows[next++], need);
    ++looked_at;
  }
}

void Ranking::OpenRow(const ShelfRow& row, const Need& need) {
  const int64_t km = view_.distance.km[row.county];
  if (filter_.Refuse(row, static_cast<int32_t>(base::TransitDays(km))) != 0) return;
  const double bound = BoundOf(row, transport_per_km_ * static_cast<double>(km));
  if (!(bound >= 0) || !MayFit(row, need)) return;
  rows_.push_back({bound, &row});
  std::push_heap(rows_.begin(), rows_.end(), IsWeaker);
}

void Ranking::ScreenNextRow() {
  std::pop_heap(rows_.begin(), rows_.end(), IsWeaker);
  const StoredListing& listing = reader_.shelf().at(rows_.back().row->slot);
  rows_.pop_back();
  candidates_.emplace_back();
  if (Screen(view_, listing, candidates_.back()) != 0) {
    candidates_.pop_back();
    return;
  }
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
  Demand(need);
  return Next(need);
}

const Part* Ranking::Next(const Need& need) {
  while (true) {
    const double open_rows = rows_.empty() ? -1 : rows_.front().bound;
    const double open_groups = group_bounds_[best_group_];
    const double open = std::max(open_rows, open_groups);
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
    } else if (open_rows >= open) {
      ScreenNextRow();
    } else {
      OpenBestGroup(need);
    }
  }
}

}  // namespace zhuxiao::matching
