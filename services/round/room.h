// What a cleared round left, and what a listing and an order could have traded of it: as they stood, or as they might
// have. An explanation offers no change that does not hold here.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "services/round/cleared_round.h"
#include "services/round/pair.h"
#include "services/round/round.h"

namespace zhuxiao::round {

using Wide = __int128;

// Money nobody has, to find what would be needed; a few of it still fit.
inline constexpr int64_t kAnyMoneyFen = INT64_MAX / 4;

// A listing and an order of a round with their rows, which may be changed, and money added to the spending limit.
struct Trade {
  uint32_t listing = 0;
  uint32_t order = 0;
  matching::RoundListing listing_row;
  matching::RoundOrder order_row;
  int64_t more_fen = 0;
};

// An order filled to within one unit.
struct WholeFill {
  int64_t base = 0;
  int64_t cost_fen = 0;
  bool is_with_listing = false;  // the listing of the trade gives some of it
};

// Of one commodity of a round, which must outlive it. Thread-compatible.
class Room {
 public:
  Room(const ClearedRound& round, uint32_t commodity);

  const ClearedRound& round() const { return round_; }
  // Those of the commodity, by position.
  const std::vector<uint32_t>& listings() const { return listings_; }
  const std::vector<uint32_t>& orders() const { return orders_; }

  int64_t sold(uint32_t listing) const { return sold_[listing]; }
  int64_t filled_base(uint32_t order) const { return filled_base_[order]; }
  // Of its buyer's spending limit.
  int64_t left_fen(uint32_t order) const;
  int64_t limit_price(uint32_t order) const;
  // Units the round gave the order of the listing.
  int64_t UnitsOf(uint32_t listing, uint32_t order) const;
  // The fewest units by which the round could have given the order more of the listing: one, or the least lot.
  int64_t LeastUnits(const Trade& trade) const;

  Trade TradeOf(uint32_t listing, uint32_t order) const;
  Pair PairOf(const Trade& trade) const;
  // What a unit is worth to the order above the prices, in microfen.
  Wide SurplusMicro(const Trade& trade) const;

  // What bars the two whatever else is traded: dates, price, worth, then the least lot and the whole spending limit.
  // UNSPECIFIED where they may trade.
  v1::RoundReason BarOf(const Trade& trade) const;
  // What keeps two that may trade from trading more of what the round left: NO_MORE_DEMAND, LEAST_LOT, BETTER_USE where
  // the listing is sold out, SPENDING_LIMIT, NOT_WORTH_CARRYING; UNSPECIFIED where nothing does.
  v1::RoundReason GrowthBarOf(const Trade& trade) const;

  // Fills the trade's order whole: of what the round left with what the order has, or of everything there is. Nothing
  // where no way is found; of several goods the cheapest are tried first, then the largest units.
  enum class Source { kLeft, kEverything };
  std::optional<WholeFill> FillWhole(const Trade& trade, Source source) const;

  // True where the order could have had more, and this of the listing where the order takes parts, out of what the
  // round left.
  bool Grows(const Trade& trade) const;

 private:
  struct Lot;

  std::vector<Lot> LotsFor(const Trade& trade, Source source) const;
  Wide MoneyFor(const Trade& trade, Source source) const;
  // Welfare of `units` of the trade where `before` others of the listing are sold.
  Wide WorthOf(const Trade& trade, int64_t units, int64_t before) const;
  // Of what the round gave the order.
  Wide HeldWorth(uint32_t order) const;
  Wide HeldCost(uint32_t order) const;

  const ClearedRound& round_;
  const matching::RoundBook& book_;
  std::vector<uint32_t> listings_;
  std::vector<uint32_t> orders_;
  std::vector<int64_t> sold_;
  std::vector<int64_t> filled_base_;
  std::vector<int64_t> spent_fen_;
};

}  // namespace zhuxiao::round
