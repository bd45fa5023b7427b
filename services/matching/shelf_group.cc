// The rows of a group, and the quick way past those that cannot serve.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "services/matching/clearing/wide.h"
#include "services/matching/shelf.h"

namespace zhuxiao::matching {
namespace {

// Of so few rows those before a score are passed over more quickly than counted.
constexpr size_t kFewRows = 64;

constexpr float kNotForSale = std::numeric_limits<float>::infinity();

bool IsBefore(const ShelfRow& row, float score, uint32_t slot) {
  return row.score > score || (row.score == score && row.slot < slot);
}

#if ZHUXIAO_HAS_WIDE
__attribute__((target("avx2"))) uint32_t FittingRows(const RowBlock& block, const RowDemand& demand) {
  const auto is_at_most = [](const RowBlock::Column<float>& column, float most) __attribute__((target("avx2"))) {
    return _mm256_cmp_ps(_mm256_loadu_ps(column.data()), _mm256_set1_ps(most), _CMP_LE_OQ);
  };
  const auto is_above = [](const RowBlock::Column<int32_t>& column, int32_t bar) __attribute__((target("avx2"))) {
    const __m256i days = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(column.data()));
    return _mm256_castsi256_ps(_mm256_cmpgt_epi32(days, _mm256_set1_epi32(bar)));
  };
  __m256 fits = is_at_most(block.price, demand.highest_price);
  fits = _mm256_and_ps(fits, is_at_most(block.lot_base, demand.most_lot_base));
  fits = _mm256_and_ps(fits, is_at_most(block.lot_fen, demand.most_lot_fen));
  fits = _mm256_andnot_ps(is_above(block.ready_day, demand.ready_by_day), fits);
  fits = _mm256_and_ps(fits, is_above(block.last_sale_day, demand.sold_on_day - 1));
  fits = _mm256_and_ps(fits, is_above(block.kept_days, demand.kept_days - 1));
  return static_cast<uint32_t>(_mm256_movemask_ps(fits));
}
#endif

ZHUXIAO_PORTABLE uint32_t FittingRows(const RowBlock& block, const RowDemand& demand) {
  uint32_t fitting = 0;
  for (size_t i = 0; i < RowBlock::kSize; ++i) {
    const bool fits = block.price[i] <= demand.highest_price && block.lot_base[i] <= demand.most_lot_base &&
                      block.lot_fen[i] <= demand.most_lot_fen && block.ready_day[i] <= demand.ready_by_day &&
                      block.last_sale_day[i] >= demand.sold_on_day && block.kept_days[i] >= demand.kept_days;
    fitting |= static_cast<uint32_t>(fits) << i;
  }
  return fitting;
}

}  // namespace

size_t ShelfGroup::PlaceOf(float score, uint32_t slot) const {
  return std::partition_point(rows_.begin(), rows_.end(),
                              [&](const ShelfRow& row) { return IsBefore(row, score, slot); }) -
         rows_.begin();
}

size_t ShelfGroup::FirstOf(float score) const { return rows_.size() <= kFewRows ? 0 : PlaceOf(score, 0); }

size_t ShelfGroup::NextFrom(size_t from, const RowDemand& demand) const {
  uint32_t wanted = ~0U << (from % RowBlock::kSize);
  for (size_t block = from / RowBlock::kSize; block < blocks_.size(); ++block) {
    const uint32_t fitting = FittingRows(blocks_[block], demand) & wanted;
    if (fitting != 0) return block * RowBlock::kSize + static_cast<size_t>(std::countr_zero(fitting));
    wanted = ~0U;
  }
  return rows_.size();
}

void ShelfGroup::Insert(const ShelfRow& row) {
  const size_t place = PlaceOf(row.score, row.slot);
  rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(place), row);
  FillBlocks(place);
}

void ShelfGroup::Erase(size_t place) {
  rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(place));
  FillBlocks(place);
}

void ShelfGroup::Move(size_t place, float score) {
  ShelfRow row = rows_[place];
  row.score = score;
  rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(place));
  const size_t to = PlaceOf(score, row.slot);
  rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(to), row);
  FillBlocks(std::min(place, to));
}

void ShelfGroup::Sort() {
  std::sort(rows_.begin(), rows_.end(),
            [](const ShelfRow& a, const ShelfRow& b) { return IsBefore(a, b.score, b.slot); });
  FillBlocks(0);
}

void ShelfGroup::FillBlocks(size_t from) {
  blocks_.resize((rows_.size() + RowBlock::kSize - 1) / RowBlock::kSize);
  for (size_t i = from; i < blocks_.size() * RowBlock::kSize; ++i) {
    RowBlock& block = blocks_[i / RowBlock::kSize];
    const size_t at = i % RowBlock::kSize;
    block.price[at] = kNotForSale;
    if (i >= rows_.size() || !rows_[i].is_sellable()) continue;
    const ShelfRow& row = rows_[i];
    block.price[at] = row.price;
    block.lot_base[at] = row.lot_base;
    block.lot_fen[at] = std::nextafter(static_cast<float>(row.lot_fen()), 0.0F);
    block.ready_day[at] = row.ready_day;
    block.last_sale_day[at] = row.last_sale_day;
    block.kept_days[at] = row.kept_days();
  }
}

}  // namespace zhuxiao::matching
