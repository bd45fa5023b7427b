// Best-first search over a shelf. Bounds are doubles rounded outward and only decide what to look at next; what is
// given out, and in which order, is decided by exact integers.
#include "services/matching/ranking.h"

#include <algorithm>

#include "services/base/geo.h"
#include "services/matching/clearing/search.h"

namespace zhuxiao::matching {
namespace {

// Far above the rounding of a part's key, far below anything that would cost an extra look.
constexpr double kSlack = 1e-11;

// As many blocks as most orders open.
constexpr size_t kBlocksAtFirst = 48;

// Of what is kept in the fewer digits of a float: not below it, and not above it.
float RoundUp(double value) { return static_cast<float>(value * (1 + 1e-6) + 1e-30); }
float RoundDown(double value) { return static_cast<float>(value * (1 - 1e-6)); }

double Quotient(int64_t numerator, int64_t denominator) {
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

double KeyOf(const Part& part, RankKey key) {
  return Quotient(part.worth_fen, key == RankKey::kWorthPerBase ? part.size_base : part.price_fen);
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
      filter_(view),
      group_bounds_(reader.shelf().bounds().size()) {
  const Shelf& shelf = reader_.shelf();
  const double gap_share =
      Quotient(view.policy.gap_weight_ppm, base::kPpm) * Quotient(view.order.quota_gap_ppm, base::kPpm);
  const double gap_per_ratio = gap_share * Quotient(view.commodity.reference_price_fen, view.commodity.reference_base);
  const double transport_per_km = Quotient(view.commodity.transport_microfen_per_km_base, 1'000'000);
  row_terms_ = {.gap_share = RoundUp(gap_share),
                .transport_per_km = RoundDown(transport_per_km),
                .km = view.distance.km,
                .is_per_fen = key == RankKey::kWorthPerFen,
                .has_scores = reader.is_indexed()};
  group_terms_ = {.highest_price = RoundUp(filter_.highest_price()),
                  .gap = RoundUp(gap_per_ratio * shelf.max_value_ratio()),
                  .transport_per_km = RoundDown(transport_per_km * shelf.min_weight_ratio()),
                  // Goods d days away at most come from nearer than d days of driving.
                  .too_far_km = std::max(0, view.order.deliver_by_day - view.order.today) * base::kKmPerDay,
                  .is_per_fen = row_terms_.is_per_fen,
                  .has_scores = row_terms_.has_scores,
                  .km = view.distance.group_km};
  Demand(whole);
  blocks_.reserve(kBlocksAtFirst);
  best_blocks_.reserve(kBlocksAtFirst);
  shelf.bounds().BoundAll(group_terms_, group_bounds_.data());
  group_bounds_.Build();
}

void Ranking::Demand(const Need& need) {
  group_terms_.most_lot_base = RoundUp(static_cast<double>(need.base));
  group_terms_.most_lot_fen = RoundUp(static_cast<double>(need.fen));
}

RowDemand Ranking::DemandFrom(int32_t km) const {
  const int32_t transit_days = km / base::kKmPerDay + 1;
  return {.highest_price = group_terms_.highest_price,
          .most_lot_base = group_terms_.most_lot_base,
          .most_lot_fen = group_terms_.most_lot_fen,
          .ready_by_day = view_.order.deliver_by_day - transit_days,
          .sold_on_day = view_.ArrivalDay(0, transit_days) + view_.commodity.min_life_days,
          .kept_days = transit_days + view_.commodity.min_life_days};
}

void Ranking::OpenBestGroup() {
  const auto group = static_cast<uint32_t>(group_bounds_.place());
  const float most = group_bounds_.value();
  group_bounds_.Set(group, -1);
  const GroupBounds& bounds = reader_.shelf().bounds();
  if (!bounds.IsWithin(group, group_terms_)) return;
  if (IsByFen()) return EnqueueBlocksByFen(group, most);
  // Rows of a higher score than any with enough life left come first, and are of no use.
  const size_t first = reader_.shelf().RowsAt(group).FirstBlockOf(bounds.BestScoreOf(group, group_terms_));
  OpenNextBlock(group, static_cast<uint32_t>(first));
}

Ranking::OpenBlock Ranking::Opened(uint32_t group, uint32_t block) const {
  OpenBlock open{.group = group, .block = block};
  BoundRows(reader_.shelf().RowsAt(group).blocks()[block], DemandFrom(group_terms_.km[group]), row_terms_,
            open.bounds.data());
  return open;
}

void Ranking::OpenNextBlock(uint32_t group, uint32_t block) {
  const std::vector<RowBlock>& blocks = reader_.shelf().RowsAt(group).blocks();
  const auto bound_from = [&](size_t at) {
    const GroupBounds& bounds = reader_.shelf().bounds();
    return at < blocks.size() ? bounds.BoundOf(group, blocks[at].score[0], group_terms_) : -1;
  };
  for (float here = bound_from(block); here >= 0; ++block) {
    OpenBlock open = Opened(group, block);
    here = bound_from(block + 1);
    if (*std::max_element(open.bounds.begin(), open.bounds.end()) < 0) continue;
    open.next = here;
    return Enqueue(open);
  }
}

void Ranking::EnqueueBlocksByFen(uint32_t group, float most) {
  const std::vector<RowBlock>& blocks = reader_.shelf().RowsAt(group).blocks();
  const float plus = GroupBounds::PlusOf(group, group_terms_);
  for (uint32_t block = 0; block < blocks.size(); ++block) {
    const float bound = std::min(most, BoundPerFen(blocks[block], plus));
    if (bound < 0) continue;
    best_blocks_.push_back({.bound = bound, .lane = kClosed, .at = group, .block = block});
    std::push_heap(best_blocks_.begin(), best_blocks_.end());
  }
}

void Ranking::Enqueue(const OpenBlock& open) {
  blocks_.push_back(open);
  Enqueue(static_cast<uint32_t>(blocks_.size() - 1));
}

void Ranking::Enqueue(uint32_t at) {
  const OpenBlock& open = blocks_[at];
  const auto lane = static_cast<uint32_t>(clearing::GreatestOf(open.bounds.data(), open.bounds.size()));
  const bool is_next_better = open.bounds[lane] < open.next;
  const float bound = is_next_better ? open.next : open.bounds[lane];
  if (bound < 0) return;
  best_blocks_.push_back({.bound = bound, .lane = is_next_better ? kNext : lane, .at = at});
  std::push_heap(best_blocks_.begin(), best_blocks_.end());
}

void Ranking::AdvanceBestBlock() {
  const BestOfBlock best = best_blocks_.front();
  std::pop_heap(best_blocks_.begin(), best_blocks_.end());
  best_blocks_.pop_back();
  if (best.lane == kClosed) return Enqueue(Opened(best.at, best.block));
  OpenBlock& open = blocks_[best.at];
  if (best.lane != kNext) {
    const ShelfRow& row = reader_.shelf().RowsAt(open.group)[open.block * RowBlock::kSize + best.lane];
    open.bounds[best.lane] = -1;
    Enqueue(best.at);
    return ScreenRow(row);
  }
  open.next = -1;
  const uint32_t group = open.group;
  const uint32_t next = open.block + 1;
  Enqueue(best.at);
  OpenNextBlock(group, next);
}

void Ranking::ScreenRow(const ShelfRow& row) {
  // The demand may be narrower by now.
  if (row.lot_base > group_terms_.most_lot_base || row.lot_fen() > group_terms_.most_lot_fen) return;
  const int64_t km = view_.distance.km[row.county];
  if (filter_.Refuse(row, static_cast<int32_t>(base::TransitDays(km))) != 0) return;
  candidates_.emplace_back();
  if (Screen(view_, reader_.shelf().at(row.slot), candidates_.back()) != 0) {
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
    const float open_blocks = best_blocks_.empty() ? -1 : best_blocks_.front().bound;
    const float open = std::max(open_blocks, group_bounds_.value());
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
    } else if (open_blocks >= open) {
      AdvanceBestBlock();
    } else {
      OpenBestGroup();
    }
  }
}

}  // namespace zhuxiao::matching
