// The rows of a few neighbouring counties on a shelf: the few numbers of each listing that decide whether it is worth a
// look, and what it can be worth at most to an order, eight rows at once. Internal to the matching module.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "services/base/clock.h"
#include "services/matching/book.h"

namespace zhuxiao::matching {

// What a listing is worth by itself under the indexed policy: the listing's part of welfare, less its reserve, of the
// part that goes first (ranking.h). -infinity: cannot be sold. Rounded up.
struct RowScore {
  float per_base =
      -std::numeric_limits<float>::infinity();  // with the fen that flooring gap and transport may give back
  float per_unit = -std::numeric_limits<float>::infinity();
  float value = 0;  // of a unit, at the commodity's reference price

  friend bool operator==(const RowScore&, const RowScore&) = default;
};

// The few numbers of a listing that decide whether it is worth a look. Floats are rounded outward: `score` never
// below, the others never above the exact figure.
struct ShelfRow {
  RowScore score;
  float price = 0;       // a price base unit
  float weight = 0;      // of a sale unit, as transport is charged
  float unit_base = 0;   // base units of a sale unit
  float unit_price = 0;  // what a base unit counts against the spending limit
  float lot_base = 0;    // base units of the smallest contract
  base::Day ready_day = 0;
  base::Day last_sale_day = 0;
  uint32_t slot = 0;
  uint32_t county = 0;
  CertificateSet certificates = 0;
  const std::vector<std::string>* programmes = nullptr;

  bool is_sellable() const { return score.per_base > -std::numeric_limits<float>::infinity(); }
  double lot_fen() const { return static_cast<double>(unit_price) * lot_base; }
  int32_t kept_days() const { return last_sale_day - ready_day; }
};

// The figures of eight rows, by column. A place without a row to sell has an infinite price and the least score.
struct alignas(64) RowBlock {
  static constexpr size_t kSize = 8;
  template <typename T>
  using Column = std::array<T, kSize>;

  Column<float> score;
  Column<float> unit_score;
  Column<float> price;
  Column<float> value;
  Column<float> weight;
  Column<float> unit_base;
  Column<float> unit_price;
  Column<float> lot_base;
  Column<base::Day> ready_day;
  Column<base::Day> last_sale_day;
  Column<uint16_t> county;

  // Over its rows, where there are any to sell.
  float score_per_fen;  // the most, at the unit_price
  float unit_price_least;
  float unit_price_most;
};
static_assert(sizeof(RowBlock) == 384, "six lines of memory");

// What an order asks of the rows of a group, no stricter than of any row by itself.
struct RowDemand {
  float highest_price = 0;     // a base unit
  float most_lot_base = 0;     // of the smallest contract
  float most_lot_fen = 0;      // likewise
  base::Day ready_by_day = 0;  // to arrive in time
  base::Day sold_on_day = 0;   // still to be sold then
  int32_t kept_days = 0;       // from ready to the last sale: the road, and the commodity's least remaining life
};

// What the order and the road add to a row's score.
struct RowTerms {
  float gap_share = 0;           // the order's part of a unit, of its value; never below the exact figure
  float transport_per_km = 0;    // fen for a weight of 1; never above it
  const uint16_t* km = nullptr;  // to the order, by county; another figure stands behind the last one
  bool is_per_fen = false;       // bounds are of worth a fen instead of a base unit
  bool has_scores = true;        // false: scores are of another day or policy, and bound nothing
};

// Writes an upper bound of each row's worth; -1 where it surely cannot serve. Whole fen are counted as the exact
// formula does: reserves leave so little of the worth that a fen more or less would let dozens of rows in.
void BoundRows(const RowBlock& block, const RowDemand& demand, const RowTerms& terms, float* bounds);

// An upper bound of the worth a fen of a block's rows, to whose base units order and road add at most `plus`; -1: none
// can serve.
float BoundPerFen(const RowBlock& block, float plus);

// Of a bound in so many float operations: above what they can have lost, and not worth an extra look.
inline constexpr float kBoundSlack = 1e-6F;

// The rows of a group of counties: by score, the best first; then by slot.
class ShelfGroup {
 public:
  size_t size() const { return rows_.size(); }
  const ShelfRow& operator[](size_t at) const { return rows_[at]; }
  std::vector<ShelfRow>::const_iterator begin() const { return rows_.begin(); }
  std::vector<ShelfRow>::const_iterator end() const { return rows_.end(); }

  // The same rows, RowBlock::kSize in each.
  const std::vector<RowBlock>& blocks() const { return blocks_; }
  // The first with a row of at most this score.
  size_t FirstBlockOf(float score) const;

  // Where the row of a slot stands, or would.
  size_t PlaceOf(float score, uint32_t slot) const;

  void Insert(const ShelfRow& row);
  void Erase(size_t at);
  // Gives the row another score, and its place by it.
  void Move(size_t at, const RowScore& score);
  // Takes the scores from `score_of(slot)`.
  template <typename ScoreOf>
  void Rescore(ScoreOf score_of) {
    for (ShelfRow& row : rows_) row.score = score_of(row.slot);
    Sort();
  }

 private:
  void Sort();
  // Writes the blocks anew, from this row on.
  void FillBlocks(size_t from);

  std::vector<ShelfRow> rows_;
  std::vector<RowBlock> blocks_;  // of the rows
};

}  // namespace zhuxiao::matching
