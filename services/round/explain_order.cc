#include "services/round/explain_order.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/round/changes.h"
#include "services/round/explain_parts.h"
#include "services/round/room.h"

namespace zhuxiao::round {
namespace {

class OrderExplanation {
 public:
  OrderExplanation(const ClearedRound& round, uint32_t order)
      : round_(round),
        room_(round, round.input.book.orders[order].commodity),
        order_(order),
        row_(round.input.book.orders[order]) {}

  v1::ExplainRoundResponse Run() {
    response_.set_offered(row_.quantity_base);
    response_.set_cleared(room_.filled_base(order_));
    response_.set_limit_price_nanofen(room_.limit_price(order_));
    for (const uint32_t listing : room_.listings()) Look(listing);
    TellNext();
    response_.set_reason(Reason());
    tally_.Tell(response_);
    return std::move(response_);
  }

 private:
  void Look(uint32_t listing) {
    const Trade trade = room_.TradeOf(listing, order_);
    const bool is_serving = room_.UnitsOf(listing, order_) > 0;
    if (is_serving) TellServedBy(round_.input.ids.listings[listing], response_);
    if (const v1::RoundReason bar = room_.BarOf(trade); bar != v1::ROUND_REASON_UNSPECIFIED) return tally_.Add(bar);
    possible_.push_back(trade);
    growth_.Add(room_.GrowthBarOf(trade));
    const Wide surplus = room_.SurplusMicro(trade);
    const int64_t unit_base = trade.listing_row.unit_base;
    if (surplus * worth_base_ > worth_micro_ * unit_base) {
      worth_micro_ = surplus;
      worth_base_ = unit_base;
    }
    if (!is_serving) unused_.emplace_back(listing, surplus);
  }

  // The unused listing whose worth falls least short of what a base unit is worth to the order.
  void TellNext() {
    std::optional<Wide> best;
    for (const auto& [listing, surplus] : unused_) {
      const int64_t unit_base = round_.input.book.listings[listing].unit_base;
      const Wide short_of = surplus - worth_micro_ * unit_base / worth_base_;
      if (best && short_of <= *best) continue;
      best = short_of;
      response_.set_next_id(std::string(round_.input.ids.listings[listing]));
      response_.set_next_short_microfen(Clamp(short_of));
    }
  }

  // Tells the change, too.
  v1::RoundReason Reason() {
    const OrderChanges changes(room_, order_);
    const bool is_full = room_.filled_base(order_) == row_.quantity_base;
    std::optional<v1::RoundReason> whole;
    if (!row_.is_partial_allowed && room_.filled_base(order_) == 0 && !possible_.empty()) whole = WholeReason();
    const auto counted = whole == v1::ROUND_REASON_NOT_FILLED_WHOLE ? *whole : v1::ROUND_REASON_BETTER_USE;
    for (size_t i = 0; i < possible_.size(); ++i) tally_.Add(counted);
    if (is_full) return v1::ROUND_REASON_FULL;
    if (possible_.empty()) return TellBar(tally_, changes, response_);
    const v1::RoundReason reason = whole ? *whole : PartReason();
    TellChange(reason, changes, response_);
    return reason;
  }

  // Of an order with possible listings that takes no part and got nothing.
  v1::RoundReason WholeReason() const {
    const Trade trade = possible_.front();
    if (!room_.FillWhole(trade, Room::Source::kEverything)) {
      Trade rich = trade;
      rich.more_fen = kAnyMoneyFen;
      return room_.FillWhole(rich, Room::Source::kEverything) ? v1::ROUND_REASON_SPENDING_LIMIT
                                                              : v1::ROUND_REASON_NOT_FILLED_WHOLE;
    }
    Trade rich = trade;
    rich.more_fen = kAnyMoneyFen;
    const bool is_for_money = room_.FillWhole(rich, Room::Source::kLeft) || room_.limit_price(order_) > 0;
    return is_for_money ? v1::ROUND_REASON_SPENDING_LIMIT : v1::ROUND_REASON_BETTER_USE;
  }

  v1::RoundReason PartReason() const {
    const auto count = static_cast<int64_t>(possible_.size());
    const int64_t too_small = growth_.of(v1::ROUND_REASON_NO_MORE_DEMAND);
    if (too_small == count) return v1::ROUND_REASON_WHOLE_UNITS;
    if (too_small + growth_.of(v1::ROUND_REASON_LEAST_LOT) == count) return v1::ROUND_REASON_LEAST_LOT;
    if (growth_.of(v1::ROUND_REASON_SPENDING_LIMIT) > 0 || room_.limit_price(order_) > 0) {
      return v1::ROUND_REASON_SPENDING_LIMIT;
    }
    const bool is_for_use = growth_.of(v1::ROUND_REASON_BETTER_USE) > 0 || growth_.of(v1::ROUND_REASON_UNSPECIFIED) > 0;
    return is_for_use ? v1::ROUND_REASON_BETTER_USE : v1::ROUND_REASON_NOT_WORTH_CARRYING;
  }

  const ClearedRound& round_;
  const Room room_;
  const uint32_t order_;
  const matching::RoundOrder& row_;
  v1::ExplainRoundResponse response_;
  Tally tally_;
  std::vector<Trade> possible_;
  Tally growth_;  // what keeps the possible ones from more
  // The most a base unit is worth to the order above the prices, as a fraction; at least 0.
  Wide worth_micro_ = 0;
  int64_t worth_base_ = 1;
  std::vector<std::pair<uint32_t, Wide>> unused_;
};

}  // namespace

v1::ExplainRoundResponse ExplainOrder(const ClearedRound& round, uint32_t order) {
  return OrderExplanation(round, order).Run();
}

}  // namespace zhuxiao::round
