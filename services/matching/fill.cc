// Taking parts in order of rank.
#include "services/matching/fill.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace zhuxiao::matching {
namespace {

// Parts of new listings met after the last contract was given, before looking for more of the taken ones ends.
constexpr int kMaxContractMisses = 64;

// ceil(worth * share / whole).
__int128 ShareUp(int64_t worth, int64_t share, int64_t whole) {
  return (static_cast<__int128>(worth) * share + whole - 1) / whole;
}

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
  const int64_t enough_fen = limits.fen / kSpentShare;
  // Dantzig's bound: what is still open when order is first departed from, at the density of the part at hand.
  std::optional<int64_t> bound_fen;
  Part last;
  const bool per_base = ranking.key() == RankKey::kWorthPerBase;
  const size_t alternatives = per_base ? kSearchAlternatives : kSearchAlternativesOfEach;
  const auto depart = [&] {
    if (bound_fen) return;
    const __int128 bound = fill.worth_fen + (per_base ? ShareUp(last.worth_fen, need.base, last.size_base)
                                                      : ShareUp(last.worth_fen, need.fen, last.price_fen));
    bound_fen = static_cast<int64_t>(std::min<__int128>(bound, std::numeric_limits<int64_t>::max()));
  };
  int misses = 0;
  while (need.base >= shelf.min_unit_base() && need.fen >= enough_fen && misses < kMaxContractMisses) {
    const bool is_enough = ranking.is_narrow() || ranking.owners().size() >= fill.takes.size() + alternatives;
    const Part* part = is_enough ? ranking.NextFitting(need) : ranking.Next();
    if (part == nullptr) break;
    last = *part;
    if (!Fits(*part, need)) {
      depart();
      // Money is short. What else it could buy is for the ranking by fen to find.
      if (per_base && part->size_base <= need.base) break;
      continue;
    }
    Take* take = FindTake(fill.takes, part->candidate);
    const bool is_over_contracts = take == nullptr && fill.takes.size() >= static_cast<size_t>(limits.contracts);
    const bool misses_lot = take == nullptr && part->kind != PartKind::kLot && HasLot(*part->candidate);
    misses += is_over_contracts;
    if (is_over_contracts || misses_lot) {
      depart();
      continue;
    }
    const int64_t steps = std::min({part->steps(), need.base / part->size_base, need.fen / part->price_fen});
    if (steps < part->steps()) depart();
    if (take == nullptr) take = &fill.takes.emplace_back(Take{part->candidate, 0});
    take->units += steps * part->step_units();
    need.base -= steps * part->size_base;
    need.fen -= steps * part->price_fen;
    fill.worth_fen += steps * part->worth_fen;
    fill.welfare_fen += steps * part->welfare_fen;
  }
  // Whatever was not looked at any more ranks after the last part.
  if ((per_base ? need.base : need.fen) > 0 && last.candidate != nullptr && !ranking.is_exhausted()) depart();
  fill.base = usable_base - need.base;
  fill.fen = limits.fen - need.fen;
  fill.bound_fen = bound_fen.value_or(fill.worth_fen);
  fill.takes_all = ranking.is_exhausted() && !bound_fen;
  return fill;
}

}  // namespace zhuxiao::matching
