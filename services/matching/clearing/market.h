// One commodity's side of a clearing round: its lots (a tranche of a listing each) by county, its orders by county,
// and bounds that let a buyer find its best lot without looking at most of them. Values are per base unit, as shares
// of the commodity's reference value, in single precision: they steer the auction; welfare and proof are integers.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "services/matching/clearing/roads.h"
#include "services/matching/round_book.h"
#include "services/matching/welfare.h"

namespace zhuxiao::matching::clearing {

// The bounds of a cell are kept for buyers with these values of money (welfare per fen of limit) and interpolated
// between them, which never falls below the truth since the best value is convex in the value of money.
inline constexpr size_t kKnotCount = 8;
inline constexpr float kKnots[kKnotCount] = {0, 0.2f, 0.4f, 0.6f, 0.8f, 1.1f, 1.5f, 2.2f};

// Cells are scanned in blocks of this many; the arrays are padded to whole blocks.
inline constexpr size_t kBlockCells = 32;

inline constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();
// Stands for minus infinity; finite, so that interpolating between two of them stays a number.
inline constexpr float kNothing = -1e30f;

// What the search reads of a lot.
struct Lot {
  float worth = 0;         // before transport and the buyer's part, at the present price
  float cost = 0;          // the ask
  int32_t price_rank = 0;  // position of the ask among the commodity's distinct asks
  int16_t slack_days = 0;  // transit that still leaves the goods their life
  int16_t ready_days = 0;  // to when the goods can leave, from the first day on which any can
  int64_t min_base = 0;    // the least contract
  int64_t unit_price_fen = 0;
};

// Lots sold in the same unit, for which whole fen of value, quota gap and transport round alike, of like price and
// like life, so that a buyer can pass over the classes it can have nothing of.
struct LotClass {
  int64_t unit_base = 1;
  int32_t least_price_rank = 0;
  int16_t most_slack_days = 0;
  int64_t value_fen = 0;  // of a unit at the reference price
  double per_fen = 0;     // what a fen a unit comes to
  uint32_t block_begin = 0;
  uint32_t block_end = 0;
};

// The goods of one county and class. Padding has no lots.
struct Cell {
  uint32_t county = 0;
  uint32_t lot_begin = 0;
  uint32_t lot_end = 0;
};

// Units a buyer holds for the time being, at the price it bid.
struct Hold {
  float bid = 0;
  uint32_t buyer = 0;  // position in Market::buyers
  int64_t units = 0;
};

// What a bid reads and writes of a lot.
struct Stock {
  float gross = 0;  // worth at price zero
  float price = 0;
  uint32_t listing = 0;
  uint32_t cell = 0;
  bool is_first_tranche = false;
  uint32_t lot_class = 0;
  int64_t welfare_fen = 0;  // of a unit: the listing's part
  int64_t unit_base = 1;
  int64_t unit_price_fen = 0;
  int64_t min_units = 1;
  int64_t units = 0;
  int64_t free_units = 0;
  std::vector<Hold> holds;  // a heap by bid, the lowest in front
};

// An order.
struct Buyer {
  uint32_t order = 0;
  uint32_t institution = 0;
  uint32_t group = 0;
  int32_t price_rank = 0;  // the greatest allowed; -1: none
  int16_t days = 0;        // until delivery is due, from the same day
  bool is_waiting = false;
  bool is_partial_allowed = true;
  bool is_out = false;    // takes all or nothing, and could not get all
  int32_t gap_ppm = 0;    // of its institution's quota
  float money_floor = 0;  // value of money to its institution apart from this order
  float money = 0;        // value of money at its last bid, where its budget binds
  int64_t quantity_base = 0;
  int64_t budget_fen = kUnlimited;
  int64_t left_base = 0;
  int64_t left_fen = 0;
};

// The buyers of one county.
struct Group {
  uint32_t county = 0;
  uint32_t begin = 0;
  uint32_t end = 0;
  bool is_queued = false;
  std::vector<uint32_t> waiting;
};

// Tolls and transit from the cells to one county, filled block by block as they are asked for. One a thread.
struct Row {
  uint32_t group = 0;
  const uint16_t* km_from = nullptr;  // by county
  uint32_t stamp = 0;
  std::vector<uint32_t> stamps;  // by block: filled where equal to stamp
  std::vector<float> toll;
  std::vector<float> days;
  std::vector<uint16_t> km;
};

// Not thread-safe; different markets are independent. Must not outlive the round's policy.
struct Market {
  uint32_t commodity = 0;
  double fen_per_base = 0;               // reference value; > 0
  const MatchPolicy* weights = nullptr;  // the round's
  BookCommodity rates;
  int64_t least_unit_base = 1;
  int64_t least_unit_price_fen = 0;
  std::vector<LotClass> lot_classes;
  std::vector<Cell> cells;            // by class, each padded to whole blocks, then by county
  std::vector<float> ceilings;        // knot by knot: the most any lot of a cell is worth before transport and gap
  std::vector<float> block_ceilings;  // likewise, of a block
  std::vector<float> block_tolls;     // group by group: the least toll from any cell of a block
  std::vector<Lot> lots;
  std::vector<Stock> stocks;
  std::vector<Buyer> buyers;
  std::vector<Group> groups;
  std::vector<float> kept_prices;

  const float* Ceilings(size_t knot) const { return &ceilings[knot * cells.size()]; }
  void SetPrice(uint32_t lot, float price) {
    stocks[lot].price = price;
    lots[lot].worth = stocks[lot].gross - price;
  }
  const float* BlockCeilings(size_t knot) const { return &block_ceilings[knot * block_count()]; }
  const float* BlockTolls(uint32_t group) const { return &block_tolls[group * block_count()]; }
  std::vector<uint32_t> block_class;  // position in lot_classes
  size_t block_count() const { return cells.size() / kBlockCells; }
  // Brings the ceilings up to date after a price of the cell has changed.
  void RefreshCell(uint32_t cell);
  void RefreshBlock(size_t block);
  void RefreshAll();
  // Remembers all prices, and takes them back for the lots that is_kept(lot) says so of, with every lot in sight.
  void KeepPrices();
  template <typename IsKept>
  void RestorePrices(const IsKept& is_kept) {
    for (uint32_t lot = 0; lot < stocks.size(); ++lot) {
      SetPrice(lot, is_kept(lot) ? kept_prices[lot] : stocks[lot].price);
    }
    RefreshAll();
  }
  // Makes the row that of a group; blocks are filled by FillBlock.
  void StartRow(const Roads& roads, uint32_t group, Row& row) const;
  void FillBlock(const LotClass& lot_class, size_t block, Row& row) const;
  void MeasureBlocks(const Roads& roads);
  // What a buyer's quota gap adds to the goods of a class.
  float GapWorth(const LotClass& lot_class, int32_t gap_ppm) const;
  int64_t GapFen(const LotClass& lot_class, int32_t gap_ppm) const;
  int64_t TollFen(int64_t km, int64_t unit_base) const;
};

// The exact terms of a round's welfare, in whole fen a unit (welfare.h gives the formulas).
class Terms {
 public:
  Terms(const RoundBook& book, const ClearingPolicy& policy) : book_(book), policy_(policy) {}

  int64_t ValueFen(const RoundListing& listing) const;
  int64_t ListingFen(const RoundListing& listing, bool is_first_tranche) const;
  // What a unit of the first tranche is worth above one of the second.
  int64_t BonusFen(const RoundListing& listing) const { return ListingFen(listing, true) - ListingFen(listing, false); }
  int64_t GapFen(int64_t value_fen, int64_t quota_gap_ppm) const;
  int64_t TollFen(uint32_t commodity, int64_t km, int64_t unit_base) const;
  int64_t FirstTrancheUnits(int64_t units) const;
  // Welfare of a unit of the listing's second tranche for the order, so far away.
  int64_t PlainFen(const RoundListing& listing, const RoundOrder& order, int64_t km) const;

 private:
  const RoundBook& book_;
  const ClearingPolicy& policy_;
};

// The markets of all commodities that have both goods worth something and orders, largest first. Requires CheckRange.
std::vector<Market> MakeMarkets(const RoundBook& book, const ClearingPolicy& policy, int threads);

}  // namespace zhuxiao::matching::clearing
