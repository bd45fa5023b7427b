// Keeping bounds of groups, and applying an order's terms to all of them.
#include "services/matching/group_bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "services/base/geo.h"
#include "services/matching/clearing/wide.h"

namespace zhuxiao::matching {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// The score of what cannot be sold.
constexpr float kUnsellable = -kInfinity;

float Above(float value) { return std::nextafter(value, kInfinity); }
float Below(float value) { return std::nextafter(value, -kInfinity); }

constexpr float kStepWidth = (kMostPlus - kLeastPlus) / (kPlusSteps - 1);

// A bound from a score, a gap and a road.
inline float Sum(float score, float gap, float transport) {
  return score + gap - transport + kBoundSlack * (std::abs(score) + gap + transport);
}

// The columns that bound worth a base unit.
struct ByBase {
  const float* score;  // of a step behind those of the one before
  const float* price;
  const float* lot_base;
  const float* lot_fen;
  size_t count;  // of groups, a multiple of kGroupsAtOnce
};

// The last of kLifeSteps that a road of that many whole days needs; longer ones need no less.
constexpr std::array<int32_t, 8> kStepOfDays = {0, 1, 2, 3, 3, 4, 4, 4};

#if ZHUXIAO_HAS_WIDE
__attribute__((target("avx2"))) inline __m256 IsAtMost(const float* column, float most) {
  return _mm256_cmp_ps(_mm256_loadu_ps(column), _mm256_set1_ps(most), _CMP_LE_OQ);
}

// Scores of eight groups from `at` on, each at its step.
__attribute__((target("avx2"))) inline __m256 ScoresAt(const ByBase& columns, size_t at, __m256i steps) {
  const int first = _mm_cvtsi128_si32(_mm256_castsi256_si128(steps));
  const __m256i is_same = _mm256_cmpeq_epi32(steps, _mm256_set1_epi32(first));
  if (_mm256_movemask_epi8(is_same) == -1) {
    return _mm256_loadu_ps(columns.score + static_cast<size_t>(first) * columns.count + at);
  }
  const __m256i rows = _mm256_mullo_epi32(steps, _mm256_set1_epi32(static_cast<int>(columns.count)));
  const __m256i places = _mm256_add_epi32(rows, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  return _mm256_i32gather_ps(columns.score + at, places, 4);
}

__attribute__((target("avx2"))) void BoundByBase(const GroupTerms& terms, const ByBase& columns, float* bounds) {
  const __m256 gap = _mm256_set1_ps(terms.gap);
  const __m256 per_km = _mm256_set1_ps(terms.transport_per_km);
  const __m256i step_of_days = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kStepOfDays.data()));
  for (size_t i = 0; i < columns.count; i += kGroupsAtOnce) {
    const __m256i km = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(terms.km + i)));
    const __m256 far = _mm256_cvtepi32_ps(km);
    // Where rounding loses a whole day the bound is one of rows that live less long, and so no lower.
    const __m256i days = _mm256_cvttps_epi32(_mm256_mul_ps(far, _mm256_set1_ps(1.0F / base::kKmPerDay)));
    const __m256i known_days = _mm256_min_epi32(days, _mm256_set1_epi32(kStepOfDays.size() - 1));
    const __m256 score = ScoresAt(columns, i, _mm256_permutevar8x32_epi32(step_of_days, known_days));
    const __m256 transport = _mm256_mul_ps(per_km, far);
    const __m256 size = _mm256_add_ps(_mm256_add_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0F), score), gap), transport);
    const __m256 sum = _mm256_sub_ps(_mm256_add_ps(score, gap), transport);
    const __m256 bound = _mm256_add_ps(sum, _mm256_mul_ps(_mm256_set1_ps(kBoundSlack), size));
    __m256 can_serve = IsAtMost(columns.price + i, terms.highest_price);
    can_serve = _mm256_and_ps(can_serve, IsAtMost(columns.lot_base + i, terms.most_lot_base));
    can_serve = _mm256_and_ps(can_serve, IsAtMost(columns.lot_fen + i, terms.most_lot_fen));
    const __m256i is_near = _mm256_cmpgt_epi32(_mm256_set1_epi32(terms.too_far_km), km);
    can_serve = _mm256_and_ps(can_serve, _mm256_castsi256_ps(is_near));
    can_serve = _mm256_and_ps(can_serve, _mm256_cmp_ps(bound, _mm256_setzero_ps(), _CMP_GE_OQ));
    _mm256_storeu_ps(bounds + i, _mm256_blendv_ps(_mm256_set1_ps(-1), bound, can_serve));
  }
}
#endif

ZHUXIAO_PORTABLE void BoundByBase(const GroupTerms& terms, const ByBase& columns, float* bounds) {
  for (size_t i = 0; i < columns.count; ++i) {
    const int32_t km = terms.km[i];
    const auto days = std::min<size_t>(km / base::kKmPerDay, kStepOfDays.size() - 1);
    const float score = columns.score[static_cast<size_t>(kStepOfDays[days]) * columns.count + i];
    const float bound = Sum(score, terms.gap, terms.transport_per_km * static_cast<float>(km));
    const bool can_serve = columns.price[i] <= terms.highest_price && columns.lot_base[i] <= terms.most_lot_base &&
                           columns.lot_fen[i] <= terms.most_lot_fen && km < terms.too_far_km;
    // What is not a number, of groups without a row that lives so long, is no bound either.
    bounds[i] = can_serve && bound >= 0 ? bound : -1;
  }
}

}  // namespace

GroupBounds::GroupBounds(size_t county_count)
    : count_(GroupRoom(county_count)),
      score_(kLifeSteps.size() * count_, kUnsellable),
      per_fen_(kLifeSteps.size() * kPlusSteps * count_, kUnsellable),
      price_(count_, kInfinity),
      unit_price_(count_, kInfinity),
      unit_price_most_(count_, 0),
      lot_base_(count_, kInfinity),
      lot_fen_(count_, kInfinity) {}

void GroupBounds::Clear(size_t group) {
  for (size_t step = 0; step < kLifeSteps.size(); ++step) score_[step * count_ + group] = kUnsellable;
  for (size_t at = group; at < per_fen_.size(); at += count_) per_fen_[at] = kUnsellable;
  price_[group] = unit_price_[group] = lot_base_[group] = lot_fen_[group] = kInfinity;
  unit_price_most_[group] = 0;
}

size_t GroupBounds::StepOf(int32_t km) {
  return static_cast<size_t>(kStepOfDays[std::min<size_t>(km / base::kKmPerDay, kStepOfDays.size() - 1)]);
}

std::array<float, kPlusSteps> GroupBounds::PerFenOf(const ShelfRow& row) const {
  std::array<float, kPlusSteps> per_fen{};
  for (size_t step = 0; step < kPlusSteps; ++step) {
    const float plus = value_fen_ * (kLeastPlus + kStepWidth * static_cast<float>(step));
    per_fen[step] =
        (row.score.per_base + plus + kBoundSlack * (std::abs(row.score.per_base) + std::abs(plus))) / row.unit_price;
  }
  return per_fen;
}

void GroupBounds::Cover(size_t group, const ShelfRow& row, size_t steps) {
  const std::array<float, kPlusSteps> per_fen = PerFenOf(row);
  for (size_t step = 0; step < steps; ++step) {
    float& score = score_[step * count_ + group];
    score = std::max(score, row.score.per_base);
    for (size_t plus = 0; plus < kPlusSteps; ++plus) {
      float& most = per_fen_[(step * kPlusSteps + plus) * count_ + group];
      most = std::max(most, per_fen[plus]);
    }
  }
  price_[group] = std::min(price_[group], row.price);
  unit_price_[group] = std::min(unit_price_[group], row.unit_price);
  // A row's figure is at most two steps of a float below the exact one.
  unit_price_most_[group] = std::max(unit_price_most_[group], Above(Above(Above(row.unit_price))));
  lot_base_[group] = std::min(lot_base_[group], row.lot_base);
  lot_fen_[group] = std::min(lot_fen_[group], Below(static_cast<float>(row.lot_fen())));
}

bool GroupBounds::IsHeldBy(size_t group, const ShelfRow& row, size_t steps) const {
  bool is_held = price_[group] == row.price || unit_price_[group] == row.unit_price ||
                 unit_price_most_[group] == Above(Above(Above(row.unit_price))) || lot_base_[group] == row.lot_base ||
                 lot_fen_[group] == Below(static_cast<float>(row.lot_fen()));
  const std::array<float, kPlusSteps> per_fen = PerFenOf(row);
  for (size_t step = 0; step < steps; ++step) {
    is_held |= Score(step)[group] == row.score.per_base;
    for (size_t plus = 0; plus < kPlusSteps; ++plus) is_held |= PerFen(step, plus)[group] == per_fen[plus];
  }
  return is_held;
}

void GroupBounds::BoundAll(const GroupTerms& terms, float* bounds) const {
  if (!terms.has_scores) {
    for (size_t group = 0; group < count_; ++group)
      bounds[group] = price_[group] <= terms.highest_price ? kInfinity : -1;
    return;
  }
  const ByBase columns{score_.data(), price_.data(), lot_base_.data(), lot_fen_.data(), count_};
  BoundByBase(terms, columns, bounds);
  if (!terms.is_per_fen) return;
  for (size_t group = 0; group < count_; ++group) {
    if (bounds[group] >= 0) bounds[group] = BoundOf(group, BestScoreOf(group, terms), terms);
  }
}

float GroupBounds::BoundOf(size_t group, float score, const GroupTerms& terms) const {
  if (!terms.has_scores) return score == kUnsellable ? -1 : kInfinity;
  const float transport = terms.transport_per_km * static_cast<float>(terms.km[group]);
  const float bound = Sum(score, terms.gap, transport);
  // Not a number where nothing is sold.
  if (!(bound >= 0)) return -1;
  if (!terms.is_per_fen) return bound;
  const float plus = terms.gap - transport + kBoundSlack * (terms.gap + transport);
  return std::max(
      0.0F, std::min(bound / unit_price_[group], PerFenAt(group, StepOf(terms.km[group]), plus)) * (1 + kBoundSlack));
}

float GroupBounds::PerFenAt(size_t group, size_t life, float plus) const {
  const float least = kLeastPlus * value_fen_;
  const float most = kMostPlus * value_fen_;
  const float slack = kBoundSlack * std::abs(plus);
  if (plus <= least) {
    return PerFen(life, 0)[group] + (plus - least) / unit_price_most_[group] + slack / unit_price_[group];
  }
  if (plus >= most) return PerFen(life, kPlusSteps - 1)[group] + (plus - most + slack) / unit_price_[group];
  const float place = (plus - least) / (kStepWidth * value_fen_);
  const size_t step = std::min(static_cast<size_t>(place), kPlusSteps - 2);
  const float low = PerFen(life, step)[group];
  const float high = PerFen(life, step + 1)[group];
  if (high == kInfinity) return high;
  // Rounding may put the place a little before the one that is meant.
  return low + (high - low) * (place - static_cast<float>(step)) +
         kBoundSlack * kPlusSteps * (std::abs(low) + std::abs(high));
}

}  // namespace zhuxiao::matching
