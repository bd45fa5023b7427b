// Finds the lot that is worth most to a buyer at the present prices, and the runner-up.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "services/matching/clearing/market.h"

namespace zhuxiao::matching::clearing {

inline constexpr uint32_t kNoLot = std::numeric_limits<uint32_t>::max();

// What a buyer asks for.
struct Query {
  int32_t gap_ppm = 0;
  float money = 0;  // value of money
  int32_t price_rank = 0;
  int16_t days = 0;
  int64_t lot_base = 0;           // lots whose least contract is larger are passed over
  int64_t left_base = 0;          // and those sold in larger units
  int64_t left_fen = kUnlimited;  // and those of which it affords no unit
  float floor = 0;                // lots worth this or less are of no interest
};

// Net worth of the best lot and the runner-up; never below Query::floor, which stands for "none".
struct Best {
  uint32_t lot = kNoLot;
  float worth = 0;
  float second = 0;
};

// Of the cells of one block: bounds at two knots, how far between them, and tolls and transit.
struct CellBounds {
  const float* low = nullptr;
  const float* high = nullptr;
  float share = 0;
  const float* toll = nullptr;
  const float* days = nullptr;
};

// Fills bounds[i] = low[i] + (high[i] - low[i]) * share - toll[i]; returns a bit for each cell above `bar` and not
// farther than max_days.
uint32_t CellsAbove(const CellBounds& of, float max_days, float bar, float* bounds);

// Writes the positions of the values above `bar`, ascending; returns how many.
size_t PositionsAbove(const float* values, size_t count, float bar, uint32_t* positions);

// The position of a greatest of `count` values, the first of them. Requires count > 0.
size_t GreatestOf(const float* values, size_t count);

// Scratch memory of a search; one a thread.
class Finder {
 public:
  Best Find(const Market& market, Row& row, const Query& query);

  // Calls visit(lot, cell, gap worth) for each lot whose net worth may exceed `least`, and takes the new least from
  // what it returns. Passes over whole
  // classes too dear, too old or in units too large; the exact filters are left to the visitor.
  template <typename Visitor>
  void Visit(const Market& market, Row& row, int32_t gap_ppm, float money, int32_t price_rank, int64_t left_base,
             float days, float least, const Visitor& visit);

 private:
  // Bounds what each block is worth with money at this value; finds the knots around it.
  void BoundBlocks(const Market& market, const Row& row, float money);

  size_t knot_ = 0;
  float share_ = 0;
  std::vector<float> block_bounds_;
  std::vector<float> gaps_;
  std::vector<uint32_t> above_;
};

template <typename Visitor>
void Finder::Visit(const Market& market, Row& row, int32_t gap_ppm, float money, int32_t price_rank, int64_t left_base,
                   float days, float least, const Visitor& visit) {
  BoundBlocks(market, row, money);
  float bounds[kBlockCells];
  const auto scan = [&](size_t block) {
    const LotClass& lot_class = market.lot_classes[market.block_class[block]];
    const float gap = gaps_[market.block_class[block]];
    if (row.stamps[block] != row.stamp) market.FillBlock(lot_class, block, row);
    const size_t first = block * kBlockCells;
    const CellBounds of{market.Ceilings(knot_) + first, market.Ceilings(std::min(knot_ + 1, kKnotCount - 1)) + first,
                        share_, &row.toll[first], &row.days[first]};
    uint32_t above = CellsAbove(of, std::min<float>(days, lot_class.most_slack_days), least - gap, bounds);
    for (; above != 0; above &= above - 1) {
      const size_t i = static_cast<size_t>(std::countr_zero(above));
      if (bounds[i] + gap <= least) continue;
      const Cell& cell = market.cells[first + i];
      const float off = gap - row.toll[first + i];
      for (uint32_t lot = cell.lot_begin; lot < cell.lot_end; ++lot) {
        const Lot& candidate = market.lots[lot];
        const float worth = candidate.worth - candidate.cost * money + off;
        if (worth > least) least = std::max(least, visit(lot, first + i, worth));
      }
    }
  };
  gaps_.resize(market.lot_classes.size());
  for (size_t i = 0; i < market.lot_classes.size(); ++i) {
    const LotClass& lot_class = market.lot_classes[i];
    const bool is_barred = lot_class.least_price_rank > price_rank || lot_class.unit_base > left_base;
    gaps_[i] = is_barred ? kNothing : market.GapWorth(lot_class, gap_ppm);
    for (size_t block = lot_class.block_begin; block < lot_class.block_end; ++block) block_bounds_[block] += gaps_[i];
  }
  // The best two blocks first: they raise the bar for all others.
  for (int i = 0; i < 2; ++i) {
    const size_t block = GreatestOf(block_bounds_.data(), market.block_count());
    if (block_bounds_[block] <= least) return;
    block_bounds_[block] = kNothing;
    scan(block);
  }
  above_.resize(market.block_count());
  const size_t count = PositionsAbove(block_bounds_.data(), market.block_count(), least, above_.data());
  for (size_t i = 0; i < count; ++i) {
    if (block_bounds_[above_[i]] > least) scan(above_[i]);
  }
}

}  // namespace zhuxiao::matching::clearing
