// Taking parts in order of rank.
#include "services/matching/fill.h"

#include <algorithm>

namespace zhuxiao::matching {
namespace {

// Parts in a row that did not fit before taking in order gives up; the search takes over from there.
constexpr int kMaxMisses = 64;

Take* FindTake(std::vector<Take>& takes, const Candidate* candidate) {
  const auto it = std::find_if(takes.begin(), takes.end(), [&](const Take& t) { return t.candidate == candidate; });
  return it == takes.end() ? nullptr : &*it;
}

}  // namespace

Fill FillInOrder(Ranking& ranking, const FillLimits& limits, int64_t min_unit_base) {
  Fill fill;
  Need need{.base = limits.base, .fen = limits.fen};
  bool is_in_order = true;  // every part so far was taken whole, or was the last that the full order had room for
  bool is_exhausted = false;
  int misses = 0;
  while (need.base >= min_unit_base && misses < kMaxMisses) {
    const Part* part = ranking.Next(need);
    if (part == nullptr) {
      is_exhausted = !ranking.has_skipped_for_base() && !ranking.has_skipped_for_fen();
      break;
    }
    Take* take = FindTake(fill.takes, part->candidate);
    const int64_t by_base = need.base / part->size_base;
    const int64_t by_fen = need.fen / part->price_fen;
    int64_t steps = std::min({part->steps(), by_base, by_fen});
    fill.is_bound_by_fen |= by_fen < std::min(part->steps(), by_base);
    const bool misses_lot = part->kind != PartKind::kLot && part->candidate->listing->min_lot_units > 1;
    if (take == nullptr && (misses_lot || fill.takes.size() >= static_cast<size_t>(limits.contracts))) steps = 0;
    if (steps == 0) {
      is_in_order = false;
      ++misses;
      continue;
    }
    if (take == nullptr) take = &fill.takes.emplace_back(Take{part->candidate, 0});
    take->units += steps * part->step_units();
    need.base -= steps * part->size_base;
    need.fen -= steps * part->price_fen;
    fill.welfare_fen += steps * part->welfare_fen;
    is_in_order &= steps == part->steps() || need.base == 0;
  }
  fill.base = limits.base - need.base;
  fill.fen = limits.fen - need.fen;
  fill.is_bound_by_fen |= ranking.has_skipped_for_fen();
  fill.is_optimal = is_in_order && (is_exhausted || need.base == 0);
  return fill;
}

}  // namespace zhuxiao::matching
