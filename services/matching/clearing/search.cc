// The search kernels. Bounds are computed for whole blocks at once; single lots are looked at only where they may win.
#include "services/matching/clearing/search.h"

#include <algorithm>
#include <bit>

#include "services/matching/clearing/wide.h"

namespace zhuxiao::matching::clearing {
namespace {

ZHUXIAO_WIDE void BoundAll(const float* __restrict low, const float* __restrict high, float share,
                           const float* __restrict toll, size_t count, float* __restrict bounds) {
  for (size_t i = 0; i < count; ++i) bounds[i] = low[i] + (high[i] - low[i]) * share - toll[i];
}

// The wide variants compute the same numbers; only the tests against the bar are gathered eight at a time.
#if ZHUXIAO_HAS_WIDE
__attribute__((target("avx2"))) uint32_t BoundCells(const CellBounds& of, float max_days, float bar, float* bounds) {
  static_assert(kBlockCells == 32);
  const __m256 share = _mm256_set1_ps(of.share);
  const __m256 most_days = _mm256_set1_ps(max_days);
  const __m256 bars = _mm256_set1_ps(bar);
  uint32_t above = 0;
  for (size_t i = 0; i < kBlockCells; i += 8) {
    const __m256 low = _mm256_loadu_ps(of.low + i);
    const __m256 rise = _mm256_mul_ps(_mm256_sub_ps(_mm256_loadu_ps(of.high + i), low), share);
    const __m256 bound = _mm256_sub_ps(_mm256_add_ps(low, rise), _mm256_loadu_ps(of.toll + i));
    const __m256 is_near = _mm256_cmp_ps(_mm256_loadu_ps(of.days + i), most_days, _CMP_LE_OQ);
    const __m256 is_above = _mm256_and_ps(is_near, _mm256_cmp_ps(bound, bars, _CMP_GT_OQ));
    _mm256_storeu_ps(bounds + i, bound);
    above |= static_cast<uint32_t>(_mm256_movemask_ps(is_above)) << i;
  }
  return above;
}

__attribute__((target("avx2"))) size_t CollectAbove(const float* values, size_t count, float bar, uint32_t* positions) {
  size_t found = 0;
  size_t i = 0;
  const __m256 bars = _mm256_set1_ps(bar);
  for (; i + 8 <= count; i += 8) {
    uint32_t above =
        static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(values + i), bars, _CMP_GT_OQ)));
    for (; above != 0; above &= above - 1) positions[found++] = static_cast<uint32_t>(i + std::countr_zero(above));
  }
  for (; i < count; ++i) {
    if (values[i] > bar) positions[found++] = static_cast<uint32_t>(i);
  }
  return found;
}

__attribute__((target("avx2"))) size_t FindGreatest(const float* values, size_t count) {
  const size_t whole = count / 8 * 8;
  if (whole == 0) return static_cast<size_t>(std::max_element(values, values + count) - values);
  __m256 most = _mm256_loadu_ps(values);
  for (size_t i = 8; i < whole; i += 8) most = _mm256_max_ps(most, _mm256_loadu_ps(values + i));
  for (size_t i = whole; i < count; ++i) most = _mm256_max_ps(most, _mm256_set1_ps(values[i]));
  most = _mm256_max_ps(most, _mm256_permute2f128_ps(most, most, 1));
  most = _mm256_max_ps(most, _mm256_permute_ps(most, 0b01001110));
  most = _mm256_max_ps(most, _mm256_permute_ps(most, 0b10110001));
  for (size_t i = 0; i < whole; i += 8) {
    const int found = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(values + i), most, _CMP_EQ_OQ));
    if (found != 0) return i + static_cast<size_t>(std::countr_zero(static_cast<uint32_t>(found)));
  }
  return static_cast<size_t>(std::max_element(values + whole, values + count) - values);
}
#endif

ZHUXIAO_PORTABLE size_t FindGreatest(const float* values, size_t count) {
  return static_cast<size_t>(std::max_element(values, values + count) - values);
}

ZHUXIAO_PORTABLE uint32_t BoundCells(const CellBounds& of, float max_days, float bar, float* bounds) {
  uint32_t above = 0;
  for (size_t i = 0; i < kBlockCells; ++i) {
    bounds[i] = of.low[i] + (of.high[i] - of.low[i]) * of.share - of.toll[i];
    above |= static_cast<uint32_t>(of.days[i] <= max_days && bounds[i] > bar) << i;
  }
  return above;
}

ZHUXIAO_PORTABLE size_t CollectAbove(const float* values, size_t count, float bar, uint32_t* positions) {
  size_t found = 0;
  for (size_t i = 0; i < count; ++i) {
    if (values[i] > bar) positions[found++] = static_cast<uint32_t>(i);
  }
  return found;
}

}  // namespace

uint32_t CellsAbove(const CellBounds& of, float max_days, float bar, float* bounds) {
  return BoundCells(of, max_days, bar, bounds);
}

size_t PositionsAbove(const float* values, size_t count, float bar, uint32_t* positions) {
  return CollectAbove(values, count, bar, positions);
}

size_t GreatestOf(const float* values, size_t count) { return FindGreatest(values, count); }

void Finder::BoundBlocks(const Market& market, const Row& row, float money) {
  knot_ = 0;
  while (knot_ + 1 < kKnotCount && money >= kKnots[knot_ + 1]) ++knot_;
  const bool is_last = knot_ + 1 == kKnotCount;
  share_ = is_last ? 0 : (money - kKnots[knot_]) / (kKnots[knot_ + 1] - kKnots[knot_]);
  block_bounds_.resize(market.block_count());
  BoundAll(market.BlockCeilings(knot_), market.BlockCeilings(is_last ? knot_ : knot_ + 1), share_,
           market.BlockTolls(row.group), market.block_count(), block_bounds_.data());
}

Best Finder::Find(const Market& market, Row& row, const Query& query) {
  Best best{.worth = query.floor, .second = query.floor};
  Visit(market, row, query.gap_ppm, query.money, query.price_rank, query.left_base, query.days, query.floor,
        [&](uint32_t lot, size_t cell, float worth) {
          const Lot& candidate = market.lots[lot];
          const float days = row.days[cell];
          if (candidate.price_rank > query.price_rank || candidate.slack_days < days ||
              candidate.ready_days + days > query.days) {
            return best.second;
          }
          if (candidate.min_base > query.lot_base || candidate.unit_price_fen > query.left_fen) return best.second;
          if (worth > best.worth) {
            best.second = best.worth;
            best.worth = worth;
            best.lot = lot;
          } else {
            best.second = worth;
          }
          return best.second;
        });
  return best;
}

}  // namespace zhuxiao::matching::clearing
