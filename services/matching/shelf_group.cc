// The rows of a group, and the quick way past those that cannot serve.
#include "services/matching/shelf_group.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "services/matching/clearing/wide.h"

namespace zhuxiao::matching {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// The price of what is not for sale.
constexpr float kNotForSale = kInfinity;

// Two rounding errors of a float.
constexpr float kUlp = 2.4e-7F;

bool IsBefore(const ShelfRow& row, float score, uint32_t slot) {
  return row.score.per_base > score || (row.score.per_base == score && row.slot < slot);
}

#if ZHUXIAO_HAS_WIDE
__attribute__((target("avx2"))) inline __m256 Floats(const RowBlock::Column<float>& column) {
  return _mm256_load_ps(column.data());
}

__attribute__((target("avx2"))) inline __m256i Days(const RowBlock::Column<base::Day>& column) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(column.data()));
}

__attribute__((target("avx2"))) void BoundEight(const RowBlock& block, const RowDemand& demand, const RowTerms& terms,
                                                float* bounds) {
  const __m256 unit_price = Floats(block.unit_price);
  const __m256 lot_base = Floats(block.lot_base);
  const __m256 lot_fen = _mm256_mul_ps(unit_price, lot_base);
  const __m256i ready_day = Days(block.ready_day);
  const __m256i last_sale_day = Days(block.last_sale_day);
  const __m256i kept_days = _mm256_sub_epi32(last_sale_day, ready_day);
  const __m256i is_late =
      _mm256_or_si256(_mm256_cmpgt_epi32(ready_day, _mm256_set1_epi32(demand.ready_by_day)),
                      _mm256_or_si256(_mm256_cmpgt_epi32(_mm256_set1_epi32(demand.sold_on_day), last_sale_day),
                                      _mm256_cmpgt_epi32(_mm256_set1_epi32(demand.kept_days), kept_days)));
  __m256 fits = _mm256_cmp_ps(Floats(block.price), _mm256_set1_ps(demand.highest_price), _CMP_LE_OQ);
  fits = _mm256_and_ps(fits, _mm256_cmp_ps(lot_base, _mm256_set1_ps(demand.most_lot_base), _CMP_LE_OQ));
  fits = _mm256_and_ps(fits, _mm256_cmp_ps(lot_fen, _mm256_set1_ps(demand.most_lot_fen), _CMP_LE_OQ));
  fits = _mm256_andnot_ps(_mm256_castsi256_ps(is_late), fits);

  // Two figures are read for each county, of which the lower is wanted.
  const __m256i counties = _mm256_cvtepu16_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(block.county.data())));
  const __m256i pairs = _mm256_i32gather_epi32(reinterpret_cast<const int*>(terms.km), counties, 2);
  const __m256 km = _mm256_cvtepi32_ps(_mm256_and_si256(pairs, _mm256_set1_epi32(0xFFFF)));
  const __m256 up = _mm256_set1_ps(1 + kBoundSlack);
  const __m256 gap = _mm256_mul_ps(_mm256_set1_ps(terms.gap_share), Floats(block.value));
  const __m256 transport =
      _mm256_mul_ps(_mm256_mul_ps(_mm256_set1_ps(terms.transport_per_km), km), Floats(block.weight));
  const __m256 whole_gap = _mm256_floor_ps(_mm256_mul_ps(gap, up));
  const __m256 whole_transport = _mm256_floor_ps(_mm256_mul_ps(transport, _mm256_set1_ps(1 - kBoundSlack)));
  const __m256 unit_score = Floats(block.unit_score);
  const __m256 worth = _mm256_sub_ps(_mm256_add_ps(unit_score, whole_gap), whole_transport);
  // Whole numbers of so many digits are exact, and larger ones as near as this.
  const __m256 size = _mm256_add_ps(_mm256_add_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0F), unit_score), gap), transport);
  const __m256 rest = _mm256_mul_ps(_mm256_set1_ps(kUlp), size);
  __m256 bound = _mm256_mul_ps(_mm256_div_ps(_mm256_add_ps(worth, rest), Floats(block.unit_base)), up);
  if (terms.is_per_fen) bound = _mm256_mul_ps(_mm256_div_ps(bound, unit_price), up);
  if (!terms.has_scores) bound = _mm256_set1_ps(kInfinity);
  fits = _mm256_and_ps(fits, _mm256_cmp_ps(bound, _mm256_setzero_ps(), _CMP_GE_OQ));
  _mm256_storeu_ps(bounds, _mm256_blendv_ps(_mm256_set1_ps(-1), bound, fits));
}
#endif

ZHUXIAO_PORTABLE void BoundEight(const RowBlock& block, const RowDemand& demand, const RowTerms& terms, float* bounds) {
  for (size_t i = 0; i < RowBlock::kSize; ++i) {
    const bool fits = block.price[i] <= demand.highest_price && block.lot_base[i] <= demand.most_lot_base &&
                      block.unit_price[i] * block.lot_base[i] <= demand.most_lot_fen &&
                      block.ready_day[i] <= demand.ready_by_day && block.last_sale_day[i] >= demand.sold_on_day &&
                      block.last_sale_day[i] - block.ready_day[i] >= demand.kept_days;
    const float gap = terms.gap_share * block.value[i];
    const float transport = terms.transport_per_km * static_cast<float>(terms.km[block.county[i]]) * block.weight[i];
    const float worth =
        block.unit_score[i] + std::floor(gap * (1 + kBoundSlack)) - std::floor(transport * (1 - kBoundSlack));
    const float size = std::abs(block.unit_score[i]) + gap + transport;
    float bound = (worth + kUlp * size) / block.unit_base[i] * (1 + kBoundSlack);
    if (terms.is_per_fen) bound = bound / block.unit_price[i] * (1 + kBoundSlack);
    if (!terms.has_scores) bound = kInfinity;
    bounds[i] = fits && bound >= 0 ? bound : -1;
  }
}

}  // namespace

void BoundRows(const RowBlock& block, const RowDemand& demand, const RowTerms& terms, float* bounds) {
  BoundEight(block, demand, terms, bounds);
}

float BoundPerFen(const RowBlock& block, float plus) {
  const float added = plus / (plus < 0 ? block.unit_price_most : block.unit_price_least);
  const float bound = block.score_per_fen + added + 4 * kBoundSlack * (std::abs(block.score_per_fen) + std::abs(added));
  return bound >= 0 ? bound : -1;
}

size_t ShelfGroup::PlaceOf(float score, uint32_t slot) const {
  return std::partition_point(rows_.begin(), rows_.end(),
                              [&](const ShelfRow& row) { return IsBefore(row, score, slot); }) -
         rows_.begin();
}

size_t ShelfGroup::FirstBlockOf(float score) const {
  return std::partition_point(blocks_.begin(), blocks_.end(),
                              [&](const RowBlock& block) { return block.score.back() > score; }) -
         blocks_.begin();
}

void ShelfGroup::Insert(const ShelfRow& row) {
  const size_t place = PlaceOf(row.score.per_base, row.slot);
  rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(place), row);
  FillBlocks(place);
}

void ShelfGroup::Erase(size_t place) {
  rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(place));
  FillBlocks(place);
}

void ShelfGroup::Move(size_t place, const RowScore& score) {
  ShelfRow row = rows_[place];
  row.score = score;
  rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(place));
  const size_t to = PlaceOf(score.per_base, row.slot);
  rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(to), row);
  FillBlocks(std::min(place, to));
}

void ShelfGroup::Sort() {
  std::sort(rows_.begin(), rows_.end(),
            [](const ShelfRow& a, const ShelfRow& b) { return IsBefore(a, b.score.per_base, b.slot); });
  FillBlocks(0);
}

void ShelfGroup::FillBlocks(size_t from) {
  blocks_.resize((rows_.size() + RowBlock::kSize - 1) / RowBlock::kSize);
  for (size_t i = from / RowBlock::kSize * RowBlock::kSize; i < blocks_.size() * RowBlock::kSize; ++i) {
    RowBlock& block = blocks_[i / RowBlock::kSize];
    const size_t at = i % RowBlock::kSize;
    const bool is_sellable = i < rows_.size() && rows_[i].is_sellable();
    const ShelfRow row = i < rows_.size() ? rows_[i] : ShelfRow{};
    block.score[at] = row.score.per_base;
    block.unit_score[at] = row.score.per_unit;
    block.price[at] = is_sellable ? row.price : kNotForSale;
    block.value[at] = row.score.value;
    block.weight[at] = row.weight;
    block.unit_base[at] = row.unit_base;
    block.unit_price[at] = row.unit_price;
    block.lot_base[at] = row.lot_base;
    block.ready_day[at] = row.ready_day;
    block.last_sale_day[at] = row.last_sale_day;
    block.county[at] = static_cast<uint16_t>(row.county);
    if (at == 0) block.score_per_fen = -kInfinity, block.unit_price_least = kInfinity, block.unit_price_most = 0;
    if (!is_sellable) continue;
    block.score_per_fen = std::max(block.score_per_fen, row.score.per_base / row.unit_price);
    block.unit_price_least = std::min(block.unit_price_least, row.unit_price);
    block.unit_price_most = std::max(block.unit_price_most, row.unit_price);
  }
}

}  // namespace zhuxiao::matching
