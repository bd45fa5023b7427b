// The parts of the listings that can serve an order, best first, found one by one without looking at most of the shelf.
// Internal to the matching module.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "services/matching/candidate.h"
#include "services/matching/row_filter.h"
#include "services/matching/shelf.h"

namespace zhuxiao::matching {

// What an order still asks for, and may still spend.
struct Need {
  int64_t base = 0;
  int64_t fen = 0;
};

// A slice of a candidate whose units are of one worth. Parts of a candidate follow each other in this order.
enum class PartKind : uint8_t { kLot, kFirstTranche, kRest };

struct Part {
  const Candidate* candidate = nullptr;
  PartKind kind = PartKind::kRest;
  int64_t units = 0;        // the lot's whole size, or the most units of the others
  int64_t worth_fen = 0;    // welfare less reserve, of the whole lot, or of one unit of the others; not negative
  int64_t welfare_fen = 0;  // of the same
  int64_t size_base = 0;    // of the whole lot, or of one unit
  int64_t price_fen = 0;    // of the whole lot, or of one unit

  // Units that go together: all of a lot, one of the others.
  int64_t step_units() const { return kind == PartKind::kLot ? units : 1; }
  int64_t steps() const { return kind == PartKind::kLot ? 1 : units; }
};

// What parts are compared by.
enum class RankKey { kWorthPerBase, kWorthPerFen };

// True where `a` comes strictly before `b`: more worth a base unit (or fen), exactly compared; then the lower
// listing_id; then the earlier part.
bool ComesBefore(const Part& a, const Part& b, RankKey key);

// True where a lot, or one unit, is within `need`.
inline bool Fits(const Part& part, const Need& need) {
  return part.size_base <= need.base && part.price_fen <= need.fen;
}

// The parts of a candidate, none of them empty.
absl::InlinedVector<Part, 3> PartsOf(const Candidate& candidate);

// A best-first stream (threshold algorithm, Fagin 2001): the rows of a group of counties, which the shelf keeps best
// first, are looked at for as long as no other group can have a better one, the most promising are screened, and a part
// is given out once nothing unopened can be better. Not thread-safe; holds on to the reader's shelf.
class Ranking {
 public:
  // `whole` is what the order asks for in all.
  Ranking(const ShelfReader& reader, const OrderView& view, RankKey key, const Need& whole);

  // The next part of which a lot, or one unit, fits the whole order; nullptr after the last. The part is valid until
  // the next call, its candidate as long as the ranking.
  const Part* Next() { return Next(whole_); }

  // From now on only parts that fit `need`, which must not grow from call to call: whole counties can be skipped.
  const Part* NextFitting(const Need& need);

  RankKey key() const { return key_; }

  // True once nullptr was returned.
  bool is_exhausted() const { return is_exhausted_; }
  // True once NextFitting was called.
  bool is_narrow() const { return is_narrow_; }

  // Whose parts Next gave, by their first part. Not those of NextFitting: which they are hangs on what is taken.
  const std::vector<const Candidate*>& owners() const { return owners_; }

 private:
  struct LookedAt {
    double bound = 0;
    const ShelfRow* row = nullptr;
  };
  static bool IsWeaker(const LookedAt& a, const LookedAt& b);

  // The highest score of the rows of a group that can arrive with enough life left; -infinity where none can serve.
  float BestScoreOf(const ShelfBounds& bounds, int32_t km) const;
  // An upper bound of the key of every row of a group at least `km` away whose scores are at most `score`; negative
  // where none can serve.
  double BoundOf(const ShelfBounds& bounds, float score, int32_t km) const;
  // The same for one row, which costs `transport` a gram or piece.
  double BoundOf(const ShelfRow& row, double transport) const;
  const Part* Next(const Need& need);
  // True where the smallest contracts under `bounds` are within demand_.
  bool IsWithinDemand(const ShelfBounds& bounds) const {
    return bounds.lot_base <= demand_.most_lot_base && bounds.lot_fen <= demand_.most_lot_fen;
  }
  // Narrows demand_ to contracts that fit.
  void Demand(const Need& need);
  // demand_ of goods from at least `km` away.
  RowDemand DemandFrom(int32_t km) const;
  // Looks at rows of the best group until another group, or something found, is at least as good as what is left.
  void OpenBestGroup(const Need& need);
  void OpenRow(const ShelfRow& row, const Need& need);
  void FindBestGroup();
  void ScreenNextRow();
  // Moves the best part to given_.
  void TakeBestPart();

  const ShelfReader& reader_;
  const OrderView& view_;
  const RankKey key_;
  const Need whole_;
  const double gap_per_ratio_;     // order's part of welfare a base unit, for a value ratio of 1
  const double transport_per_km_;  // a gram or piece
  const double best_gap_;          // a base unit of any listing, and the same for what follows
  const double least_transport_per_km_;
  const int32_t too_far_km_;

  // What is not opened yet: by group the bound of its next rows (negative: none can serve), and the first of them.
  absl::InlinedVector<float, 192> group_bounds_;
  absl::InlinedVector<uint32_t, 192> next_rows_;
  size_t best_group_ = 0;
  absl::InlinedVector<LookedAt, 64> rows_;  // looked at and not yet screened, a heap by bound
  bool is_narrow_ = false;
  bool is_exhausted_ = false;
  RowFilter filter_;
  RowDemand demand_;                     // without its days
  absl::InlinedVector<Part, 16> parts_;  // a heap
  std::deque<Candidate> candidates_;     // screened so far; parts point at them
  Part given_;
  std::vector<const Candidate*> owners_;
};

}  // namespace zhuxiao::matching
