// The rows of a group, and the quick way past those that cannot serve.
#include <algorithm>

#include "services/matching/clearing/wide.h"
#include "services/matching/shelf.h"

namespace zhuxiao::matching {
namespace {

constexpr size_t kFewRows = 8;

bool IsBefore(const ShelfRow& row, float score, uint32_t slot) {
  return row.score > score || (row.score == score && row.slot < slot);
}

#if ZHUXIAO_HAS_WIDE
__attribute__((target("avx2"))) size_t FindFrom(size_t from, size_t count, const float* prices, const base::Day* days,
                                                float highest_price, base::Day day) {
  const __m256 highest = _mm256_set1_ps(highest_price);
  const __m256i before = _mm256_set1_epi32(day - 1);
  for (; from + 8 <= count; from += 8) {
    const __m256 is_cheap = _mm256_cmp_ps(_mm256_loadu_ps(prices + from), highest, _CMP_LE_OQ);
    const __m256i last = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(days + from));
    const __m256 is_fresh = _mm256_castsi256_ps(_mm256_cmpgt_epi32(last, before));
    const auto found = static_cast<uint32_t>(_mm256_movemask_ps(_mm256_and_ps(is_cheap, is_fresh)));
    if (found != 0) return from + static_cast<size_t>(__builtin_ctz(found));
  }
  while (from < count && !(prices[from] <= highest_price && days[from] >= day)) ++from;
  return from;
}
#endif

ZHUXIAO_PORTABLE size_t FindFrom(size_t from, size_t count, const float* prices, const base::Day* days,
                                 float highest_price, base::Day day) {
  while (from < count && !(prices[from] <= highest_price && days[from] >= day)) ++from;
  return from;
}

}  // namespace

size_t ShelfGroup::PlaceOf(float score, uint32_t slot) const {
  return std::partition_point(rows_.begin(), rows_.end(),
                              [&](const ShelfRow& row) { return IsBefore(row, score, slot); }) -
         rows_.begin();
}

size_t ShelfGroup::FirstOf(float score) const { return PlaceOf(score, 0); }

size_t ShelfGroup::NextFrom(size_t from, float highest_price, base::Day day) const {
  // A few rows are as quickly looked at as passed over, and lie in one place.
  if (rows_.size() < kFewRows) return from;
  return FindFrom(from, rows_.size(), prices_.data(), last_days_.data(), highest_price, day);
}

void ShelfGroup::Insert(const ShelfRow& row) {
  const size_t place = PlaceOf(row.score, row.slot);
  const auto at = static_cast<std::ptrdiff_t>(place);
  rows_.insert(rows_.begin() + at, row);
  prices_.insert(prices_.begin() + at, row.price);
  last_days_.insert(last_days_.begin() + at, row.last_sale_day);
}

void ShelfGroup::Erase(size_t place) {
  const auto at = static_cast<std::ptrdiff_t>(place);
  rows_.erase(rows_.begin() + at);
  prices_.erase(prices_.begin() + at);
  last_days_.erase(last_days_.begin() + at);
}

void ShelfGroup::Move(size_t place, float score) {
  ShelfRow row = rows_[place];
  Erase(place);
  row.score = score;
  Insert(row);
}

void ShelfGroup::Sort() {
  std::sort(rows_.begin(), rows_.end(),
            [](const ShelfRow& a, const ShelfRow& b) { return IsBefore(a, b.score, b.slot); });
  for (size_t i = 0; i < rows_.size(); ++i) {
    prices_[i] = rows_[i].price;
    last_days_[i] = rows_[i].last_sale_day;
  }
}

}  // namespace zhuxiao::matching
