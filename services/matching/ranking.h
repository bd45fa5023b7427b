// The parts of the listings that can serve an order, best first, found one by one without looking at most of the shelf.
// Internal to the matching module.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory_resource>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "services/matching/candidate.h"
#include "services/matching/greatest.h"
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

// A best-first stream (threshold algorithm, Fagin 2001): the groups of counties are bounded all at once, the rows of
// the best are bounded eight at a time, best first, the most promising row of all is screened, and a part is given out
// once nothing unopened can be better. Not thread-safe; holds on to the reader's shelf.
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
  absl::Span<const Candidate* const> owners() const { return owners_; }

 private:
  // A block of rows that were looked at: a bound of each, and by worth a base unit one of the rows behind them in the
  // group; negative: none can serve, or it was dealt with.
  struct OpenBlock {
    std::array<float, RowBlock::kSize> bounds{};
    float next = -1;
    uint32_t group = 0;
    uint32_t block = 0;
  };

  // The greatest of an open block's bounds, or the bound of one that is closed yet.
  struct BestOfBlock {
    float bound = 0;
    uint32_t lane = 0;   // of the block; kNext: OpenBlock::next; kClosed: a closed block
    uint32_t at = 0;     // in blocks_; of a closed block its group
    uint32_t block = 0;  // of a closed block, in its group

    friend bool operator<(const BestOfBlock& a, const BestOfBlock& b) { return a.bound < b.bound; }
  };

  static constexpr uint32_t kNext = RowBlock::kSize;
  static constexpr uint32_t kClosed = kNext + 1;

  // True where rows are wanted in another order than the shelf keeps them in.
  bool IsByFen() const { return key_ == RankKey::kWorthPerFen && group_terms_.has_scores; }
  const Part* Next(const Need& need);
  // Narrows the terms to contracts that fit.
  void Demand(const Need& need);
  // What is asked of the rows of a group at least `km` away.
  RowDemand DemandFrom(int32_t km) const;
  void OpenBestGroup();
  // Opens the first block of the group, from `block` on, that has a row to serve.
  void OpenNextBlock(uint32_t group, uint32_t block);
  // Lines all blocks of a group up, of which none is worth more a fen than `most`.
  void EnqueueBlocksByFen(uint32_t group, float most);
  // With a bound of each row.
  OpenBlock Opened(uint32_t group, uint32_t block) const;
  // Lines an open block up for the first time.
  void Enqueue(const OpenBlock& open);
  // Screens the best row of the best block, or opens what comes behind it.
  void AdvanceBestBlock();
  // Lines an open block up by its greatest bound, where it has one.
  void Enqueue(uint32_t at);
  void ScreenRow(const ShelfRow& row);
  // Moves the best part to given_.
  void TakeBestPart();

  const ShelfReader& reader_;
  const OrderView& view_;
  const RankKey key_;
  const Need whole_;
  RowFilter filter_;
  RowTerms row_terms_;
  GroupTerms group_terms_;

  // What most rankings need, without asking for memory.
  std::array<std::byte, 8 << 10> first_memory_;
  std::pmr::monotonic_buffer_resource memory_{first_memory_.data(), first_memory_.size()};
  Greatest group_bounds_;  // of the groups that are not open
  std::pmr::vector<OpenBlock> blocks_{&memory_};
  std::pmr::vector<BestOfBlock> best_blocks_{&memory_};  // a heap
  bool is_narrow_ = false;
  bool is_exhausted_ = false;
  absl::InlinedVector<Part, 16> parts_;              // a heap
  std::pmr::deque<Candidate> candidates_{&memory_};  // screened so far; parts point at them
  Part given_;
  absl::InlinedVector<const Candidate*, 16> owners_;
};

}  // namespace zhuxiao::matching
