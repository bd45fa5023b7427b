// Branch and bound over the parts of a few listings, best worth a base unit first.
#include <algorithm>
#include <limits>
#include <numeric>

#include "services/matching/fill.h"

namespace zhuxiao::matching {
namespace {

class Search {
 public:
  Search(const std::vector<const Candidate*>& pool, const FillLimits& limits, const Fill& best, int64_t max_steps)
      : limits_(limits), best_worth_(best.worth_fen), best_tolerance_(best.ToleranceFen()), steps_left_(max_steps) {
    for (const Candidate* candidate : pool) {
      for (const Part& part : PartsOf(*candidate)) parts_.push_back(NodeOf(part, owner_count_));
      ++owner_count_;
    }
    std::sort(parts_.begin(), parts_.end(),
              [](const Node& a, const Node& b) { return ComesBefore(a.part, b.part, RankKey::kWorthPerBase); });
    before_.resize(parts_.size() + 1);
    for (size_t i = 0; i < parts_.size(); ++i) {
      before_[i + 1] = {.base = before_[i].base + parts_[i].whole_base,
                        .fen = before_[i].fen + parts_[i].whole_fen,
                        .worth_fen = before_[i].worth_fen + parts_[i].whole_worth};
    }
    int64_t below = 0;
    for (size_t i = parts_.size(); i-- > 0;) {
      // At most as much as the order asks for counts, so the sum stays small.
      below = std::min(limits.base, below + std::min(limits.base, parts_[i].whole_base));
      parts_[i].base_from_here = below;
    }
    units_.assign(owner_count_, 0);
  }

  // True where something better than `best` was found; `units` then has the units of each of the pool.
  bool Run(std::vector<int64_t>& units) {
    if (!parts_.empty() && MayFill(0, limits_.base)) {
      const Need whole{limits_.base, limits_.fen};
      Descend(0, whole, {}, BoundByBase(0, whole), 0);
    }
    units = best_units_;
    return !best_units_.empty();
  }

 private:
  struct Node {
    Part part;
    size_t owner = 0;
    // Of all its steps.
    int64_t whole_base = 0;
    int64_t whole_fen = 0;
    int64_t whole_worth = 0;
    int64_t base_from_here = 0;  // in this part and the later ones, capped at the order's quantity
  };

  // Of whole parts, from the first one on.
  struct Sum {
    int64_t base = 0;
    int64_t fen = 0;
    __int128 worth_fen = 0;
  };

  // Above the worth any choice of parts can add.
  struct Bound {
    int64_t worth_fen = 0;
    bool is_paid = false;  // the choice it is of is within the money, so that money gives no lower bound
  };

  // Of what is taken so far.
  struct Gain {
    int64_t worth_fen = 0;
    int64_t welfare_fen = 0;
  };

  static Node NodeOf(const Part& part, size_t owner) {
    return {.part = part,
            .owner = owner,
            .whole_base = part.steps() * part.size_base,
            .whole_fen = part.steps() * part.price_fen,
            .whole_worth = part.steps() * part.worth_fen};
  }

  bool Accepts(int64_t base_left) const { return !limits_.max_left_base || base_left < *limits_.max_left_base; }

  // What a gain worth looking for must exceed.
  int64_t Beyond() const { return best_worth_ + best_tolerance_; }

  // Of the parts from `first` on: all of them in order, the last one split.
  Bound BoundByBase(size_t first, const Need& left) const {
    const int64_t upto_base = before_[first].base + left.base;
    size_t last = first;
    while (last < parts_.size() && before_[last + 1].base <= upto_base) ++last;
    __int128 worth_fen = before_[last].worth_fen - before_[first].worth_fen;
    __int128 fen = before_[last].fen - before_[first].fen;
    if (last < parts_.size()) {
      const Part& part = parts_[last].part;
      const int64_t share_base = upto_base - before_[last].base;
      worth_fen += Share(part.worth_fen, share_base, part.size_base);
      fen += Share(part.price_fen, share_base, part.size_base);
    }
    return {.worth_fen = Capped(worth_fen), .is_paid = fen <= left.fen};
  }

  // The same with the parts in order of worth a fen, as far as the money goes.
  int64_t BoundByFen(size_t first, int64_t fen_left) {
    if (by_fen_.empty()) SortByFen();
    __int128 bound = 0;
    for (size_t i = 0; i < by_fen_.size() && fen_left > 0; ++i) {
      if (by_fen_[i] < first) continue;
      const Node& node = parts_[by_fen_[i]];
      if (node.whole_fen > fen_left) return Capped(bound + Share(node.part.worth_fen, fen_left, node.part.price_fen));
      bound += node.whole_worth;
      fen_left -= node.whole_fen;
    }
    return Capped(bound);
  }

  static int64_t Capped(__int128 bound) { return static_cast<int64_t>(std::min<__int128>(bound, kUnbounded)); }

  // ceil(worth * share / whole): only the last part taken is split, so at most one fen is given away.
  static __int128 Share(int64_t worth, int64_t share, int64_t whole) {
    int64_t product = 0;
    if (!__builtin_mul_overflow(worth, share, &product)) return product / whole + (product % whole != 0);
    return (static_cast<__int128>(worth) * share + whole - 1) / whole;
  }

  void SortByFen() {
    by_fen_.resize(parts_.size());
    std::iota(by_fen_.begin(), by_fen_.end(), 0);
    std::sort(by_fen_.begin(), by_fen_.end(), [this](size_t a, size_t b) {
      return ComesBefore(parts_[a].part, parts_[b].part, RankKey::kWorthPerFen);
    });
  }

  // False where even all parts from `next` on leave too much unfilled.
  bool MayFill(size_t next, int64_t left_base) const {
    return !limits_.max_left_base || left_base - parts_[next].base_from_here < *limits_.max_left_base;
  }

  // Tries the parts from `at` on, of which `bound` is.
  void Descend(size_t at, const Need& left, const Gain& gain, const Bound& bound, int32_t contracts) {
    if (gain.worth_fen > best_worth_ && Accepts(left.base)) {
      best_worth_ = gain.worth_fen;
      best_tolerance_ = gain.welfare_fen / kSearchTolerance;
      best_units_ = units_;
    }
    if (at == parts_.size() || bound.worth_fen <= Beyond() - gain.worth_fen) return;
    if (!bound.is_paid && BoundByFen(at, left.fen) <= Beyond() - gain.worth_fen) return;
    const Part& part = parts_[at].part;
    const size_t owner = parts_[at].owner;
    const bool is_new = units_[owner] == 0;
    const bool misses_lot = part.kind != PartKind::kLot && HasLot(*part.candidate);
    const bool is_closed = is_new && (misses_lot || contracts >= limits_.contracts);
    int64_t steps = is_closed ? 0 : std::min({part.steps(), left.base / part.size_base, left.fen / part.price_fen});
    for (; steps >= 0; --steps) {
      if (--steps_left_ < 0) return;
      const Need rest{left.base - steps * part.size_base, left.fen - steps * part.price_fen};
      const Gain sum{gain.worth_fen + steps * part.worth_fen, gain.welfare_fen + steps * part.welfare_fen};
      const Bound rest_bound = BoundByBase(at + 1, rest);
      // Fewer of this part and more of the later, lesser ones never raises the bound.
      if (rest_bound.worth_fen <= Beyond() - sum.worth_fen) return;
      if (at + 1 < parts_.size() && !MayFill(at + 1, rest.base)) return;
      units_[owner] += steps * part.step_units();
      Descend(at + 1, rest, sum, rest_bound, contracts + (is_new && steps > 0 ? 1 : 0));
      units_[owner] -= steps * part.step_units();
    }
  }

  static constexpr int64_t kUnbounded = std::numeric_limits<int64_t>::max() / 2;

  const FillLimits& limits_;
  int64_t best_worth_;
  int64_t best_tolerance_;
  int64_t steps_left_;
  size_t owner_count_ = 0;
  std::vector<Node> parts_;
  std::vector<Sum> before_;  // before each part, and of all
  std::vector<size_t> by_fen_;
  std::vector<int64_t> units_;
  std::vector<int64_t> best_units_;
};

Fill ToFill(const std::vector<const Candidate*>& pool, const std::vector<int64_t>& units) {
  Fill fill;
  for (size_t i = 0; i < pool.size(); ++i) {
    if (units[i] == 0) continue;
    fill.takes.push_back({pool[i], units[i]});
    fill.base += units[i] * pool[i]->listing->sale_unit_base;
    fill.fen += units[i] * pool[i]->listing->unit_price_fen;
    fill.worth_fen += pool[i]->WorthFen(units[i]);
    fill.welfare_fen += pool[i]->WelfareFen(units[i]);
  }
  return fill;
}

}  // namespace

std::optional<Fill> SearchFill(const std::vector<const Candidate*>& pool, const FillLimits& limits, const Fill& start,
                               int64_t max_steps) {
  const bool is_start_good = !limits.max_left_base || limits.base - start.base < *limits.max_left_base;
  // Without the remainder that no sum of sale units reaches into, the bounds are much tighter.
  int64_t divisor = 0;
  for (const Candidate* candidate : pool) divisor = std::gcd(divisor, candidate->listing->sale_unit_base);
  const int64_t remainder = divisor == 0 ? 0 : limits.base % divisor;
  FillLimits usable = limits;
  usable.base -= remainder;
  if (usable.max_left_base) *usable.max_left_base -= remainder;
  std::vector<int64_t> units;
  Fill nothing;
  nothing.worth_fen = -1;
  Search search(pool, usable, is_start_good ? start : nothing, max_steps);
  if (search.Run(units)) return ToFill(pool, units);
  return is_start_good ? std::optional<Fill>(start) : std::nullopt;
}

}  // namespace zhuxiao::matching
