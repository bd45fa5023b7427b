#include "services/round/room.h"

#include <algorithm>
#include <functional>
#include <tuple>

#include "services/matching/welfare.h"

namespace zhuxiao::round {
namespace {

// Welfare in microfen.
constexpr int64_t kMicro = matching::kPriceParts;

}  // namespace

// Units of a listing that an order filled whole may take.
struct Room::Lot {
  int64_t unit_base = 1;
  int64_t unit_price_fen = 0;
  int64_t least = 1;
  int64_t most = 0;
  Wide plain_fen = 0;
  Wide bonus_fen = 0;
  int64_t bonus_units = 0;
  bool is_of_trade = false;
};

namespace {

struct Filling {
  Wide left_base = 0;
  Wide cost_fen = 0;
  Wide worth_fen = 0;
  bool is_with_listing = false;
};

// Takes of each lot in turn as much as fits; nothing where that is not the whole order.
template <typename Lot>
std::optional<Filling> FillFrom(const std::vector<Lot>& lots, int64_t quantity_base, Wide money_fen) {
  Filling filling{.left_base = quantity_base};
  Wide smallest_base = 0;
  for (const Lot& lot : lots) {
    Wide units = std::min<Wide>(lot.most, filling.left_base / lot.unit_base);
    if (lot.unit_price_fen > 0) units = std::min(units, (money_fen - filling.cost_fen) / lot.unit_price_fen);
    if (units < std::max<int64_t>(1, lot.least)) continue;
    filling.left_base -= units * lot.unit_base;
    filling.cost_fen += units * lot.unit_price_fen;
    filling.worth_fen += units * lot.plain_fen + std::min<Wide>(units, lot.bonus_units) * lot.bonus_fen;
    filling.is_with_listing |= lot.is_of_trade;
    smallest_base = smallest_base == 0 ? lot.unit_base : std::min<Wide>(smallest_base, lot.unit_base);
  }
  if (filling.left_base >= smallest_base) return std::nullopt;
  return filling;
}

}  // namespace

Room::Room(const ClearedRound& round, uint32_t commodity) : round_(round), book_(round.input.book) {
  for (uint32_t i = 0; i < book_.listings.size(); ++i) {
    if (book_.listings[i].commodity == commodity) listings_.push_back(i);
  }
  for (uint32_t i = 0; i < book_.orders.size(); ++i) {
    if (book_.orders[i].commodity == commodity) orders_.push_back(i);
  }
  sold_.resize(book_.listings.size());
  filled_base_.resize(book_.orders.size());
  spent_fen_.resize(book_.institutions.size());
  for (const matching::RoundContract& contract : round.outcome.contracts) {
    const matching::RoundListing& listing = book_.listings[contract.listing];
    sold_[contract.listing] += contract.units;
    filled_base_[contract.order] += contract.units * listing.unit_base;
    spent_fen_[book_.orders[contract.order].institution] += contract.units * listing.unit_price_fen;
  }
}

int64_t Room::left_fen(uint32_t order) const {
  const uint32_t institution = book_.orders[order].institution;
  return book_.institutions[institution].limit_fen - spent_fen_[institution];
}

int64_t Room::limit_price(uint32_t order) const {
  return round_.outcome.prices.institution[book_.orders[order].institution];
}

int64_t Room::UnitsOf(uint32_t listing, uint32_t order) const {
  const auto& contracts = round_.outcome.contracts;
  const auto it = std::lower_bound(
      contracts.begin(), contracts.end(), std::pair(order, listing),
      [](const matching::RoundContract& a, const auto& b) { return std::pair(a.order, a.listing) < b; });
  return it != contracts.end() && it->order == order && it->listing == listing ? it->units : 0;
}

int64_t Room::LeastUnits(const Trade& trade) const {
  return UnitsOf(trade.listing, trade.order) > 0 ? 1 : trade.listing_row.min_lot_units;
}

Trade Room::TradeOf(uint32_t listing, uint32_t order) const {
  return {.listing = listing, .order = order, .listing_row = book_.listings[listing], .order_row = book_.orders[order]};
}

Pair Room::PairOf(const Trade& trade) const {
  return round::PairOf(round_.input, round_.distances, trade.listing_row, trade.order_row);
}

Wide Room::SurplusMicro(const Trade& trade) const {
  const Pair pair = PairOf(trade);
  const matching::RoundPrices& prices = round_.outcome.prices;
  const Wide plain = Wide{pair.reason.unit.PlainFen()} * kMicro - prices.second_tranche[trade.listing];
  const Wide bonus = Wide{pair.reason.unit.BonusFen()} * kMicro - prices.first_tranche[trade.listing];
  const Wide best = FirstTrancheUnits(round_.input, trade.listing_row) > 0 ? std::max(plain, bonus) : plain;
  const Wide money =
      Wide{trade.listing_row.unit_price_fen} * limit_price(trade.order) / (matching::kLambdaParts / kMicro);
  return best - money;
}

v1::RoundReason Room::BarOf(const Trade& trade) const {
  const Pair pair = PairOf(trade);
  if (pair.bar != v1::ROUND_REASON_UNSPECIFIED) return pair.bar;
  const matching::RoundListing& row = trade.listing_row;
  const bool has_bonus = FirstTrancheUnits(round_.input, row) > 0;
  if ((has_bonus ? pair.reason.unit.BonusFen() : pair.reason.unit.PlainFen()) <= 0) {
    return v1::ROUND_REASON_NOT_WORTH_CARRYING;
  }
  if (row.min_lot_units > row.units) return v1::ROUND_REASON_LEAST_LOT;
  if (Wide{row.min_lot_units} * row.unit_base > trade.order_row.quantity_base) {
    return row.min_lot_units == 1 ? v1::ROUND_REASON_WHOLE_UNITS : v1::ROUND_REASON_LEAST_LOT;
  }
  const Wide limit_fen = Wide{book_.institutions[trade.order_row.institution].limit_fen} + trade.more_fen;
  return Wide{row.min_lot_units} * row.unit_price_fen > limit_fen ? v1::ROUND_REASON_SPENDING_LIMIT
                                                                  : v1::ROUND_REASON_UNSPECIFIED;
}

v1::RoundReason Room::GrowthBarOf(const Trade& trade) const {
  const matching::RoundListing& row = trade.listing_row;
  const Wide least = LeastUnits(trade);
  const int64_t left_base = trade.order_row.quantity_base - filled_base(trade.order);
  if (left_base < row.unit_base) return v1::ROUND_REASON_NO_MORE_DEMAND;
  if (left_base < least * row.unit_base) return v1::ROUND_REASON_LEAST_LOT;
  const int64_t left_units = row.units - sold(trade.listing);
  if (left_units <= 0) return v1::ROUND_REASON_BETTER_USE;
  if (left_units < least) return v1::ROUND_REASON_LEAST_LOT;
  if (least * row.unit_price_fen > Wide{left_fen(trade.order)} + trade.more_fen) {
    return v1::ROUND_REASON_SPENDING_LIMIT;
  }
  return WorthOf(trade, static_cast<int64_t>(least), sold(trade.listing)) <= 0 ? v1::ROUND_REASON_NOT_WORTH_CARRYING
                                                                               : v1::ROUND_REASON_UNSPECIFIED;
}

Wide Room::WorthOf(const Trade& trade, int64_t units, int64_t before) const {
  const Pair pair = PairOf(trade);
  const int64_t bonus_units =
      std::clamp<int64_t>(FirstTrancheUnits(round_.input, trade.listing_row) - before, 0, units);
  return Wide{units} * pair.reason.unit.PlainFen() + Wide{bonus_units} * pair.reason.unit.bonus_fen;
}

Wide Room::HeldWorth(uint32_t order) const {
  Wide worth = 0;
  for (const uint32_t listing : listings_) {
    const int64_t units = UnitsOf(listing, order);
    if (units > 0) worth += WorthOf(TradeOf(listing, order), units, sold(listing) - units);
  }
  return worth;
}

Wide Room::HeldCost(uint32_t order) const {
  Wide cost = 0;
  for (const uint32_t listing : listings_) {
    cost += Wide{UnitsOf(listing, order)} * book_.listings[listing].unit_price_fen;
  }
  return cost;
}

std::vector<Room::Lot> Room::LotsFor(const Trade& trade, Source source) const {
  std::vector<Lot> lots;
  for (const uint32_t listing : listings_) {
    Trade other = trade;
    if (listing != trade.listing) {
      other.listing = listing;
      other.listing_row = book_.listings[listing];
    }
    const matching::RoundListing& row = other.listing_row;
    const int64_t before = source == Source::kLeft ? sold(listing) - UnitsOf(listing, trade.order) : 0;
    if (row.units - before < row.min_lot_units || BarOf(other) != v1::ROUND_REASON_UNSPECIFIED) continue;
    const Pair pair = PairOf(other);
    lots.push_back({.unit_base = row.unit_base,
                    .unit_price_fen = row.unit_price_fen,
                    .least = row.min_lot_units,
                    .most = row.units - before,
                    .plain_fen = pair.reason.unit.PlainFen(),
                    .bonus_fen = pair.reason.unit.bonus_fen,
                    .bonus_units = std::max<int64_t>(0, FirstTrancheUnits(round_.input, row) - before),
                    .is_of_trade = listing == trade.listing});
  }
  return lots;
}

Wide Room::MoneyFor(const Trade& trade, Source source) const {
  if (source == Source::kLeft) return Wide{left_fen(trade.order)} + HeldCost(trade.order) + trade.more_fen;
  return Wide{book_.institutions[trade.order_row.institution].limit_fen} + trade.more_fen;
}

std::optional<WholeFill> Room::FillWhole(const Trade& trade, Source source) const {
  std::vector<Lot> lots = LotsFor(trade, source);
  const Wide money_fen = MoneyFor(trade, source);
  const Wide least_worth = source == Source::kLeft ? HeldWorth(trade.order) : 0;
  std::optional<WholeFill> best;
  const auto is_cheaper = [](const Lot& a, const Lot& b) {
    return Wide{a.unit_price_fen} * b.unit_base < Wide{b.unit_price_fen} * a.unit_base;
  };
  const auto is_larger = [](const Lot& a, const Lot& b) { return a.unit_base > b.unit_base; };
  const auto look = [&] {
    const auto filling = FillFrom(lots, trade.order_row.quantity_base, money_fen);
    if (!filling || filling->worth_fen <= least_worth || (best && best->cost_fen <= filling->cost_fen)) return;
    best = WholeFill{.base = static_cast<int64_t>(trade.order_row.quantity_base - filling->left_base),
                     .cost_fen = static_cast<int64_t>(std::min<Wide>(filling->cost_fen, INT64_MAX)),
                     .is_with_listing = filling->is_with_listing};
  };
  std::stable_sort(lots.begin(), lots.end(), is_cheaper);
  look();
  std::stable_sort(lots.begin(), lots.end(), is_larger);
  look();
  return best;
}

bool Room::Grows(const Trade& trade) const {
  if (trade.order_row.is_partial_allowed) {
    return BarOf(trade) == v1::ROUND_REASON_UNSPECIFIED && GrowthBarOf(trade) == v1::ROUND_REASON_UNSPECIFIED;
  }
  const auto whole = FillWhole(trade, Source::kLeft);
  return whole && whole->base > filled_base(trade.order);
}

}  // namespace zhuxiao::round
