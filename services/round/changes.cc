#include "services/round/changes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "services/base/clock.h"
#include "services/base/money.h"
#include "services/base/strings.h"

namespace zhuxiao::round {
namespace {

// Values tried where each is a search over all goods, which is for orders that take no part: a person waits.
constexpr size_t kMaxSearches = 50;

// A change to one field. `apply` changes the trade just so far that its counterpart is reached, and answers how far
// that is, the less the better; nothing where the field is not what bars it.
struct Field {
  v1::RoundReason lifts;
  std::optional<int64_t> (*apply)(const Room& room, Trade& trade);
  std::string (*text)(int64_t far);
};

std::optional<int64_t> Fitting(Wide value) {
  if (value < -Wide{INT64_MAX} || value > INT64_MAX) return std::nullopt;
  return static_cast<int64_t>(value);
}

std::string Day(int64_t day) { return base::FormatDay(static_cast<base::Day>(day)); }

std::optional<int64_t> RaiseLimitPrice(const Room&, Trade& trade) {
  matching::RoundOrder& row = trade.order_row;
  const Wide needed = Wide{trade.listing_row.unit_price_fen} * row.limit_base;
  const auto price = Fitting((needed + trade.listing_row.unit_base - 1) / trade.listing_row.unit_base);
  if (!price || *price <= row.limit_price_fen) return std::nullopt;
  return row.limit_price_fen = *price;
}

std::optional<int64_t> RaiseDeliverBy(const Room& room, Trade& trade) {
  const base::Day arrival = room.PairOf(trade).reason.arrival_day;
  if (arrival <= trade.order_row.deliver_by_day) return std::nullopt;
  return trade.order_row.deliver_by_day = arrival;
}

std::optional<int64_t> RaiseQuantity(const Room& room, Trade& trade) {
  const auto base = Fitting(Wide{room.LeastUnits(trade)} * trade.listing_row.unit_base + room.filled_base(trade.order));
  if (!base || *base <= trade.order_row.quantity_base || *base > base::kMaxQuantityBase) return std::nullopt;
  return trade.order_row.quantity_base = *base;
}

std::optional<int64_t> RaiseSpendingLimit(const Room& room, Trade& trade) {
  Wide needed = Wide{room.LeastUnits(trade)} * trade.listing_row.unit_price_fen;
  if (!trade.order_row.is_partial_allowed) {
    Trade rich = trade;
    rich.more_fen = kAnyMoneyFen;
    const auto whole = room.FillWhole(rich, Room::Source::kLeft);
    if (!whole || room.filled_base(trade.order) > 0) return std::nullopt;
    needed = whole->cost_fen;
  }
  const auto more = Fitting(needed - room.left_fen(trade.order));
  if (!more || *more <= 0 || *more > kAnyMoneyFen) return std::nullopt;
  return trade.more_fen = *more;
}

std::optional<int64_t> LowerPrice(const Room& room, Trade& trade) {
  matching::RoundListing& row = trade.listing_row;
  const auto within = Fitting(Wide{trade.order_row.limit_price_fen} * row.unit_base / trade.order_row.limit_base);
  if (!within) return std::nullopt;
  const int64_t price = std::min(*within, room.left_fen(trade.order) / room.LeastUnits(trade));
  if (price < 1 || price >= row.unit_price_fen) return std::nullopt;
  row.unit_price_fen = price;
  return -price;
}

std::optional<int64_t> BeReadyEarlier(const Room& room, Trade& trade) {
  matching::RoundListing& row = trade.listing_row;
  const matching::MatchReason reason = room.PairOf(trade).reason;
  const int32_t life = room.round().input.book.commodities[row.commodity].min_life_days;
  const int32_t latest_arrival = std::min(trade.order_row.deliver_by_day, row.last_sale_day - life);
  const int32_t ready = latest_arrival - reason.transit_days;
  // What the road alone makes too late is not helped by goods that were ready before the round.
  if (ready < room.round().input.policy.today || ready >= row.ready_day) return std::nullopt;
  row.ready_day = ready;
  return -int64_t{ready};
}

std::optional<int64_t> SellLonger(const Room& room, Trade& trade) {
  matching::RoundListing& row = trade.listing_row;
  const int32_t last =
      room.PairOf(trade).reason.arrival_day + room.round().input.book.commodities[row.commodity].min_life_days;
  if (last <= row.last_sale_day) return std::nullopt;
  return row.last_sale_day = last;
}

std::optional<int64_t> LowerLeastLot(const Room& room, Trade& trade) {
  matching::RoundListing& row = trade.listing_row;
  if (room.UnitsOf(trade.listing, trade.order) > 0) return std::nullopt;
  int64_t lot = std::min(row.units - room.sold(trade.listing),
                         (trade.order_row.quantity_base - room.filled_base(trade.order)) / row.unit_base);
  if (row.unit_price_fen > 0) lot = std::min(lot, room.left_fen(trade.order) / row.unit_price_fen);
  if (lot < 1 || lot >= row.min_lot_units) return std::nullopt;
  row.min_lot_units = lot;
  return -lot;
}

// For a least lot; or, for an order that takes no part, as much as it asks for.
std::optional<int64_t> OfferMore(const Room& room, Trade& trade) {
  matching::RoundListing& row = trade.listing_row;
  const bool is_whole = !trade.order_row.is_partial_allowed;
  if (is_whole && room.filled_base(trade.order) > 0) return std::nullopt;
  const int64_t needed = is_whole ? trade.order_row.quantity_base / row.unit_base : room.LeastUnits(trade);
  const auto units = Fitting(Wide{room.sold(trade.listing)} + needed);
  if (!units || *units <= row.units) return std::nullopt;
  return row.units = *units;
}

constexpr std::array<Field, 4> kOrderFields = {{
    {v1::ROUND_REASON_PRICE_ABOVE_LIMIT, RaiseLimitPrice,
     [](int64_t fen) { return base::StrCat("limit_price at least ", base::FormatYuan(fen), " yuan"); }},
    {v1::ROUND_REASON_ARRIVES_TOO_LATE, RaiseDeliverBy,
     [](int64_t day) { return base::StrCat("deliver_by_time at least ", Day(day)); }},
    {v1::ROUND_REASON_LEAST_LOT, RaiseQuantity,
     [](int64_t quantity) { return base::StrCat("quantity_base at least ", quantity); }},
    {v1::ROUND_REASON_SPENDING_LIMIT, RaiseSpendingLimit,
     [](int64_t fen) { return base::StrCat("spending limit higher by at least ", base::FormatYuan(fen), " yuan"); }},
}};

constexpr std::array<Field, 5> kListingFields = {{
    {v1::ROUND_REASON_PRICE_ABOVE_LIMIT, LowerPrice,
     [](int64_t fen) { return base::StrCat("unit_price at most ", base::FormatYuan(-fen), " yuan"); }},
    {v1::ROUND_REASON_ARRIVES_TOO_LATE, BeReadyEarlier,
     [](int64_t day) { return base::StrCat("ready_time at most ", Day(-day)); }},
    {v1::ROUND_REASON_TOO_LITTLE_LIFE, SellLonger,
     [](int64_t day) { return base::StrCat("last_sale_time at least ", Day(day)); }},
    {v1::ROUND_REASON_LEAST_LOT, LowerLeastLot,
     [](int64_t units) { return base::StrCat("min_lot_units at most ", -units); }},
    {v1::ROUND_REASON_NOT_FILLED_WHOLE, OfferMore,
     [](int64_t units) { return base::StrCat("listed_units at least ", units); }},
}};

struct Try {
  int64_t far = 0;
  Trade trade;
};

// The values of the field over all counterparts, the least first.
std::vector<Try> Tries(const Room& room, const Field& field, std::vector<Trade> trades) {
  std::vector<Try> tries;
  for (Trade& trade : trades) {
    if (const auto far = field.apply(room, trade)) tries.push_back({*far, trade});
  }
  std::stable_sort(tries.begin(), tries.end(), [](const Try& a, const Try& b) { return a.far < b.far; });
  return tries;
}

std::string OrderChange(const Room& room, uint32_t order, const Field& field) {
  std::vector<Trade> trades;
  for (const uint32_t listing : room.listings()) trades.push_back(room.TradeOf(listing, order));
  size_t searches = 0;
  for (const Try& one : Tries(room, field, std::move(trades))) {
    if (!one.trade.order_row.is_partial_allowed && ++searches > kMaxSearches) break;
    if (room.Grows(one.trade)) return field.text(one.far);
  }
  return "";
}

// "allow_partial", "quantity_base at most 4500", or both.
std::string PartChange(const Room& room, uint32_t order) {
  if (room.listings().empty()) return "";
  const Trade first = room.TradeOf(room.listings().front(), order);
  if (first.order_row.is_partial_allowed || room.filled_base(order) > 0) return "";
  bool is_part_possible = false;
  Wide left_base = 0;
  for (const uint32_t listing : room.listings()) {
    Trade trade = room.TradeOf(listing, order);
    trade.order_row.is_partial_allowed = true;
    if (!room.Grows(trade)) continue;
    is_part_possible = true;
    left_base += Wide{trade.listing_row.units - room.sold(listing)} * trade.listing_row.unit_base;
  }
  if (!is_part_possible) return "";
  Trade less = first;
  if (left_base >= first.order_row.quantity_base) return "allow_partial";
  less.order_row.quantity_base = static_cast<int64_t>(left_base);
  if (!room.Grows(less)) return "allow_partial";
  return base::StrCat("allow_partial, or quantity_base at most ", less.order_row.quantity_base);
}

std::string ListingChange(const Room& room, uint32_t listing, const Field& field) {
  std::vector<Trade> trades;
  for (const uint32_t order : room.orders()) trades.push_back(room.TradeOf(listing, order));
  size_t searches = 0;
  for (const Try& one : Tries(room, field, std::move(trades))) {
    if (one.trade.order_row.is_partial_allowed) {
      if (room.Grows(one.trade)) return field.text(one.far);
      continue;
    }
    // Most have all they asked for; the others are filled whole, with this listing and not without the change.
    if (room.filled_base(one.trade.order) > 0 || room.BarOf(one.trade) != v1::ROUND_REASON_UNSPECIFIED) continue;
    if (++searches > kMaxSearches) break;
    const auto whole = room.FillWhole(one.trade, Room::Source::kLeft);
    if (!whole || !whole->is_with_listing || room.Grows(room.TradeOf(listing, one.trade.order))) continue;
    return field.text(one.far);
  }
  return "";
}

v1::RoundReason FieldReason(v1::RoundReason reason) {
  return reason == v1::ROUND_REASON_WHOLE_UNITS ? v1::ROUND_REASON_LEAST_LOT : reason;
}

}  // namespace

std::string OrderChanges::Lifting(v1::RoundReason reason) const {
  if (reason == v1::ROUND_REASON_NOT_FILLED_WHOLE) return PartChange(room_, order_);
  for (const Field& field : kOrderFields) {
    if (field.lifts == FieldReason(reason)) return OrderChange(room_, order_, field);
  }
  return "";
}

std::string OrderChanges::Any() const {
  for (const Field& field : kOrderFields) {
    if (std::string change = OrderChange(room_, order_, field); !change.empty()) return change;
  }
  return PartChange(room_, order_);
}

std::string ListingChanges::Lifting(v1::RoundReason reason) const {
  for (const Field& field : kListingFields) {
    if (field.lifts == FieldReason(reason)) return ListingChange(room_, listing_, field);
  }
  return "";
}

std::string ListingChanges::Any() const {
  for (const Field& field : kListingFields) {
    if (std::string change = ListingChange(room_, listing_, field); !change.empty()) return change;
  }
  return "";
}

}  // namespace zhuxiao::round
