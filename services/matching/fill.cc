// Taking parts in order of rank.
#include "services/matching/fill.h"

#include <algorithm>

namespace zhuxiao::matching {
namespace {

// Parts of new listings met after the last contract was given, before looking for more of the taken ones ends.
constexpr int kMaxContractMisses = 64;

Take* FindTake(std::vector<Take>& takes, const Candidate* candidate) {
  const auto it = std::find_if(takes.begin(), takes.end(), [&](const Take& t) { return t.candidate == candidate; });
  return it == takes.end() ? nullptr : &*it;
}

}  // namespace

Fill FillInOrder(Ranking& ranking, const FillLimits& limits, const Shelf& shelf) {
  Fill fill;
  if (shelf.unit_divisor() == 0) return fill;
  // No sum of sale units reaches into the remainder.
  const int64_t usable_base = limits.base - limits.base % shelf.unit_divisor();
  Need need{.base = usable_base, .fen = limits.fen};
  bool is_in_order = true;  // every part so far was taken whole, or was the last that the full order had room for
  bool is_exhausted = false;
  int misses = 0;
  while (need.base >= shelf.min_unit_base() && misses < kMaxContractMisses) {
    const Part* part = ranking.Next(need);
    if (part == nullptr) {
      is_exhausted = !ranking.has_skipped();
      break;
    }
    Take* take = FindTake(fill.takes, part->candidate);
    const bool is_over_contracts = take == nullptr && fill.takes.size() >= static_cast<size_t>(limits.contracts);
    const bool misses_lot = take == nullptr && part->kind != PartKind::kLot && HasLot(*part->candidate);
    misses += is_over_contracts;
    if (is_over_contracts || misses_lot) {
      is_in_order = false;
      continue;
    }
    const int64_t steps = std::min({part->steps(), need.base / part->size_base, need.fen / part->price_fen});
    if (take == nullptr) take = &fill.takes.emplace_back(Take{part->candidate, 0});
    take->units += steps * part->step_units();
    need.base -= steps * part->size_base;
    need.fen -= steps * part->price_fen;
    fill.welfare_fen += steps * part->welfare_fen;
    is_in_order &= steps == part->steps() || need.base == 0;
  }
  fill.base = usable_base - need.base;
  fill.fen = limits.fen - need.fen;
  fill.is_optimal = is_in_order && (is_exhausted || (need.base == 0 && !ranking.has_skipped()));
  return fill;
}

}  // namespace zhuxiao::matching
