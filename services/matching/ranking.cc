// Best-first search over a shelf. Bounds are doubles rounded outward and only decide what to look at next; what is
// given out, and in which order, is decided by exact integers.
#include "services/matching/ranking.h"

#include <algorithm>
#include <array>
#include <limits>

#include "services/base/geo.h"

namespace zhuxiao::matching {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Cells selected by the first pass; most orders are served by fewer.
constexpr size_t kFirstSelection = 24;
// A lorry's day, as in base::TransitDays, and the days of the longest road on earth.
constexpr int64_t kKmPerDay = 600;
constexpr size_t kMaxTransitDays = 64;
// Far above the rounding of the few operations behind a bound, far below anything that would cost an extra look.
constexpr double kSlack = 1e-11;

double Quotient(int64_t numerator, int64_t denominator) {
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

double KeyOf(const Part& part, RankKey key) {
  return Quotient(part.welfare_fen, key == RankKey::kWelfarePerBase ? part.size_base : part.price_fen);
}

// False only where the smallest contract of the row surely does not fit.
bool MayFit(const ShelfRow& row, const Need& need) {
  return row.lot_base <= static_cast<double>(need.base) * (1 + kSlack) &&
         static_cast<double>(row.unit_price) * row.lot_base <= static_cast<double>(need.fen) * (1 + kSlack);
}

bool Fits(const Part& part, const Need& need) { return part.size_base <= need.base && part.price_fen <= need.fen; }

}  // namespace

bool ComesBefore(const Part& a, const Part& b, RankKey key) {
  const bool per_base = key == RankKey::kWelfarePerBase;
  const __int128 left = static_cast<__int128>(a.welfare_fen) * (per_base ? b.size_base : b.price_fen);
  const __int128 right = static_cast<__int128>(b.welfare_fen) * (per_base ? a.size_base : a.price_fen);
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
      gap_per_value_(Quotient(view.policy.gap_weight_ppm, base::kPpm) * Quotient(view.order.quota_gap_ppm, base::kPpm)),
      transport_per_km_(Quotient(view.commodity.transport_microfen_per_km_base, 1'000'000)),
      value_per_ratio_(Quotient(view.commodity.reference_price_fen, view.commodity.reference_base)),
      last_selected_{kInfinity, 0},
      filter_(view) {
  SelectBestCells();
}

bool Ranking::IsWeaker(const Bounded& a, const Bounded& b) {
  return a.bound < b.bound || (a.bound == b.bound && a.at > b.at);
}

template <typename Visit>
void Ranking::ForEachCell(const double& floor, Visit visit) const {
  const Shelf& shelf = reader_.shelf();
  const ShelfCells& cells = shelf.cells();
  const MatchOrder& order = view_.order;
  // The scores that hold for goods on the road for 1, 2, ... days.
  std::array<const float*, kMaxTransitDays> scores;
  size_t step = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    const int32_t life = std::max(static_cast<int32_t>(i) + 1, order.deliver_from_day - order.today);
    while (step + 1 < kLifeSteps.size() && kLifeSteps[step + 1] <= life) ++step;
    scores[i] = cells.score[step].data();
  }
  const int64_t too_far_km = std::max<int64_t>(0, order.deliver_by_day - order.today) * kKmPerDay;
  const double gap = gap_per_value_ * value_per_ratio_ * shelf.max_value_ratio();
  const double transport_per_km = transport_per_km_ * shelf.min_weight_ratio();
  const bool per_base = key_ == RankKey::kWelfarePerBase;
  const bool is_indexed = reader_.is_indexed();
  const double highest_price = filter_.highest_price();
  const uint32_t* county = cells.county.data();
  const float* price = cells.price.data();
  const auto count = static_cast<uint32_t>(cells.county.size());
  for (uint32_t position = 0; position < count; ++position) {
    const uint16_t km = view_.km_from[county[position]];
    const double plus = scores[km / kKmPerDay][position] + gap;
    const double minus = transport_per_km * km;
    double bound = plus - minus + kSlack * (plus + minus);
    // Whether a cell passes one of these is a coin's toss to a branch predictor; whether it passes all hardly ever.
    const bool is_better = (km < too_far_km) & (price[position] <= highest_price) & ((bound >= floor) | !is_indexed);
    if (!is_better) continue;
    if (!is_indexed) {
      bound = kInfinity;
    } else if (!per_base) {
      // Two bounds: the best welfare at the lowest price, and the best ratio before transport.
      const double lowest = cells.unit_price[position];
      bound = std::min(bound / lowest, (cells.score_per_fen[position] + gap / lowest) * (1 + kSlack));
    }
    visit(bound, position);
  }
}

void Ranking::SelectBestCells() {
  // A bounded heap with the weakest on top: one pass, and few moves once it is full. Positions ascend, so of equal
  // bounds the earlier stays.
  const auto weakest_on_top = [](const Bounded& a, const Bounded& b) { return IsWeaker(b, a); };
  double floor = 0;
  ForEachCell(floor, [&](double bound, uint32_t position) {
    if (cells_.size() == kFirstSelection) {
      if (bound <= cells_.front().bound) return;
      std::pop_heap(cells_.begin(), cells_.end(), weakest_on_top);
      cells_.pop_back();
    }
    cells_.push_back({bound, position});
    std::push_heap(cells_.begin(), cells_.end(), weakest_on_top);
    if (key_ == RankKey::kWelfarePerBase && cells_.size() == kFirstSelection) floor = cells_.front().bound;
  });
  if (!cells_.empty()) last_selected_ = cells_.front();
  has_other_cells_ = cells_.size() == kFirstSelection;
  std::make_heap(cells_.begin(), cells_.end(), IsWeaker);
}

void Ranking::SelectOtherCells() {
  has_other_cells_ = false;
  const double floor = 0;
  ForEachCell(floor, [&](double bound, uint32_t position) {
    const Bounded cell{bound, position};
    if (IsWeaker(cell, last_selected_)) cells_.push_back(cell);
  });
  std::make_heap(cells_.begin(), cells_.end(), IsWeaker);
}

void Ranking::OpenNextCell(const Need& need) {
  std::pop_heap(cells_.begin(), cells_.end(), IsWeaker);
  const uint32_t position = cells_.back().at;
  cells_.pop_back();
  const int64_t km = view_.km_from[reader_.shelf().cells().county[position]];
  const auto transit_days = static_cast<int32_t>(base::TransitDays(km));
  const double transport = transport_per_km_ * static_cast<double>(km);
  for (const ShelfRow& row : reader_.shelf().RowsAt(position)) {
    if (row.score < 0 || filter_.Refuse(row, transit_days) != 0) continue;
    const double plus = row.score + gap_per_value_ * value_per_ratio_ * row.value_ratio;
    const double minus = transport * row.weight_ratio;
    double bound = reader_.is_indexed() ? plus - minus + kSlack * (plus + minus) : kInfinity;
    if (bound < 0) continue;
    if (key_ == RankKey::kWelfarePerFen) bound /= row.unit_price;
    if (!MayFit(row, need)) {
      if (MayFit(row, whole_)) skipped_bound_ = std::max(skipped_bound_, bound);
      continue;
    }
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

double Ranking::OpenBound() const {
  const double unselected = has_other_cells_ ? last_selected_.bound : -1;
  const double cell = cells_.empty() ? unselected : cells_.front().bound;
  return rows_.empty() ? cell : std::max(cell, rows_.front().bound);
}

void Ranking::TakeBestPart() {
  std::pop_heap(parts_.begin(), parts_.end(), [this](const Part& a, const Part& b) { return ComesBefore(b, a, key_); });
  given_ = parts_.back();
  parts_.pop_back();
}

const Part* Ranking::Next(const Need& need) {
  while (true) {
    const double open = OpenBound();
    const double best = parts_.empty() ? -1 : KeyOf(parts_.front(), key_) * (1 - kSlack);
    if (!parts_.empty() && (open < 0 || best > open)) {
      TakeBestPart();
      has_skipped_ |= skipped_bound_ >= best;
      if (Fits(given_, need)) return &given_;
      has_skipped_ |= Fits(given_, whole_);
    } else if (open < 0) {
      has_skipped_ |= skipped_bound_ >= 0;
      is_exhausted_ = true;
      return nullptr;
    } else if (!rows_.empty() && rows_.front().bound >= open) {
      ScreenNextRow();
    } else if (cells_.empty()) {
      SelectOtherCells();
    } else {
      OpenNextCell(need);
    }
  }
}

}  // namespace zhuxiao::matching
