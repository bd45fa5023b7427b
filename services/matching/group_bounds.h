// Upper bounds of what the rows of each group of counties can be worth to an order, kept by column so that all groups
// of a shelf are bounded at once. Internal to the matching module.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "services/matching/distance.h"
#include "services/matching/shelf_group.h"

namespace zhuxiao::matching {

// Thresholds of days left, from today and from when the goods are ready, over and above the commodity's least remaining
// life: the bound for threshold k covers the rows with at least kLifeSteps[k] more days. The road takes 1 to 9 days
// inside the country, seldom more than five.
inline constexpr std::array<int32_t, 5> kLifeSteps = {1, 2, 3, 4, 6};

// Worth a fen is bounded at so many values of what the order and the road add to a base unit (its plus), from
// kLeastPlus to kMostPlus of the commodity's reference value. The best row's worth a fen is a convex function of the
// plus, so the straight line between two of them bounds it, and beyond the last ones the steepest or flattest of its
// slopes does. Gaps add up to a fifth of the value under the shipped policy, roads take a third of it seldom.
inline constexpr size_t kPlusSteps = 8;
inline constexpr float kLeastPlus = -0.5F;
inline constexpr float kMostPlus = 0.2F;

// What an order asks of all groups, no stricter than of any row, and what it adds to a score at most.
struct GroupTerms {
  float highest_price = 0;       // as in RowDemand
  float most_lot_base = 0;       // likewise
  float most_lot_fen = 0;        // likewise
  float gap = 0;                 // a base unit of any row; never below the exact figure
  float transport_per_km = 0;    // a base unit of any row; never above it
  int32_t too_far_km = 0;        // goods from there on arrive too late
  bool is_per_fen = false;       // bounds are of worth a fen instead of a base unit
  bool has_scores = true;        // false: scores are of another day or policy, and bound nothing
  const uint16_t* km = nullptr;  // from the nearest county of each group, as of DistanceRow
};

// Over the sellable rows. Not thread-safe.
class GroupBounds {
 public:
  explicit GroupBounds(size_t county_count);

  // What BoundAll writes: GroupRoom of them, those too many without rows.
  size_t size() const { return count_; }

  // Takes the value of a base unit that plusses are multiples of; all groups must be made anew.
  void SetValue(float value_fen) { value_fen_ = value_fen; }
  // Forgets the rows of a group.
  void Clear(size_t group);
  // Raises a group's bounds to cover a row that has the first `steps` of kLifeSteps.
  void Cover(size_t group, const ShelfRow& row, size_t steps);
  // False where a group's bounds stand without the row.
  bool IsHeldBy(size_t group, const ShelfRow& row, size_t steps) const;

  // Of a base unit; infinite where nothing is sold.
  float LowestPrice(size_t group) const { return price_[group]; }
  // Writes a bound of each group's rows; -1 where none of them can serve.
  void BoundAll(const GroupTerms& terms, float* bounds) const;
  // A bound of those of a group's rows that score at most `score`, likewise.
  float BoundOf(size_t group, float score, const GroupTerms& terms) const;
  // What order and road add to a base unit of a group's rows at most.
  static float PlusOf(size_t group, const GroupTerms& terms) {
    const float transport = terms.transport_per_km * static_cast<float>(terms.km[group]);
    return terms.gap - transport + kBoundSlack * (terms.gap + transport);
  }
  // The highest score of a group's rows that can arrive with enough life left; -infinity: none can.
  float BestScoreOf(size_t group, const GroupTerms& terms) const {
    return terms.has_scores ? Score(StepOf(terms.km[group]))[group] : std::numeric_limits<float>::infinity();
  }
  // True where the smallest contracts of the group are within the terms.
  bool IsWithin(size_t group, const GroupTerms& terms) const {
    return lot_base_[group] <= terms.most_lot_base && lot_fen_[group] <= terms.most_lot_fen;
  }

 private:
  // The last of kLifeSteps that is not above the days such a road takes.
  static size_t StepOf(int32_t km);
  const float* Score(size_t step) const { return &score_[step * count_]; }
  // At the first of the plusses, those of the others behind it.
  const float* PerFen(size_t life, size_t plus) const { return &per_fen_[(life * kPlusSteps + plus) * count_]; }
  std::array<float, kPlusSteps> PerFenOf(const ShelfRow& row) const;
  // Of a group's rows that live so long and whose plus is at most this.
  float PerFenAt(size_t group, size_t life, float plus) const;

  const size_t count_;
  float value_fen_ = 0;
  // By group, those of a step behind those of the one before.
  std::vector<float> score_;            // the best row with that life left; -infinity: none
  std::vector<float> per_fen_;          // the most worth a fen of such a row at each plus
  std::vector<float> price_;            // the lowest price a base unit; infinite: nothing is sold
  std::vector<float> unit_price_;       // the lowest unit_price of a row
  std::vector<float> unit_price_most_;  // no row's exact price of a base unit is above it
  std::vector<float> lot_base_;         // the fewest base units of a contract
  std::vector<float> lot_fen_;          // the least a contract costs
};

}  // namespace zhuxiao::matching
