#include "services/round/explain_listing.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "services/round/changes.h"
#include "services/round/explain_parts.h"
#include "services/round/room.h"

namespace zhuxiao::round {
namespace {

// Orders that take no part for which a way to fill them is looked for; each look is over all goods.
constexpr int kMaxWholeLooks = 100;

class ListingExplanation {
 public:
  ListingExplanation(const ClearedRound& round, uint32_t listing)
      : round_(round),
        room_(round, round.input.book.listings[listing].commodity),
        listing_(listing),
        row_(round.input.book.listings[listing]) {}

  v1::ExplainRoundResponse Run() {
    response_.set_offered(row_.units);
    response_.set_cleared(room_.sold(listing_));
    response_.set_first_price_microfen(round_.outcome.prices.first_tranche[listing_]);
    response_.set_second_price_microfen(round_.outcome.prices.second_tranche[listing_]);
    for (const uint32_t order : room_.orders()) Look(order);
    tally_.Tell(response_);
    response_.set_reason(Reason());
    return std::move(response_);
  }

 private:
  void Look(uint32_t order) {
    const Trade trade = room_.TradeOf(listing_, order);
    const bool is_serving = room_.UnitsOf(listing_, order) > 0;
    if (is_serving) TellServedBy(round_.input.ids.orders[order], response_);
    v1::RoundReason bar = room_.BarOf(trade);
    if (bar == v1::ROUND_REASON_UNSPECIFIED && !MayBeWhole(trade)) bar = v1::ROUND_REASON_NOT_FILLED_WHOLE;
    if (bar != v1::ROUND_REASON_UNSPECIFIED) return tally_.Add(bar);
    const v1::RoundReason growth = GrowthReason(trade);
    growth_.Add(growth);
    const bool is_served_by_it = is_serving && growth == v1::ROUND_REASON_NO_MORE_DEMAND;
    tally_.Add(is_served_by_it ? v1::ROUND_REASON_BETTER_USE : growth);
    if (is_serving || growth != v1::ROUND_REASON_BETTER_USE) return;
    // What the order would have to give up for a unit is not counted, so the order may be next and yet be content.
    const Wide surplus = room_.SurplusMicro(trade);
    if (best_ && surplus <= *best_) return;
    best_ = surplus;
    response_.set_next_id(std::string(round_.input.ids.orders[order]));
    response_.set_next_short_microfen(Clamp(surplus));
  }

  // False where an order that takes no part cannot be filled by all the goods there are.
  bool MayBeWhole(const Trade& trade) {
    if (trade.order_row.is_partial_allowed || room_.filled_base(trade.order) > 0) return true;
    if (++whole_looks_ > kMaxWholeLooks) return true;
    return room_.FillWhole(trade, Room::Source::kEverything).has_value();
  }

  // Why the order took no more of the listing.
  v1::RoundReason GrowthReason(const Trade& trade) const {
    const v1::RoundReason growth = room_.GrowthBarOf(trade);
    switch (growth) {
      case v1::ROUND_REASON_NO_MORE_DEMAND: {
        const Wide of_it = Wide{room_.UnitsOf(listing_, trade.order)} * row_.unit_base;
        return of_it == room_.filled_base(trade.order) ? growth : v1::ROUND_REASON_BETTER_USE;
      }
      case v1::ROUND_REASON_BETTER_USE:
      case v1::ROUND_REASON_UNSPECIFIED:
        return room_.limit_price(trade.order) > 0 ? v1::ROUND_REASON_SPENDING_LIMIT : v1::ROUND_REASON_BETTER_USE;
      default:
        return growth;
    }
  }

  // Tells the change, too.
  v1::RoundReason Reason() {
    if (room_.sold(listing_) == row_.units) return v1::ROUND_REASON_FULL;
    const ListingChanges changes(room_, listing_);
    if (growth_.Ranked().empty()) return TellBar(tally_, changes, response_);
    const v1::RoundReason reason = PartReason();
    TellChange(reason, changes, response_);
    return reason;
  }

  // Orders that have all they asked for do not say why the rest was not sold, while there are others.
  v1::RoundReason PartReason() const {
    constexpr std::array kReasons = {v1::ROUND_REASON_SPENDING_LIMIT, v1::ROUND_REASON_BETTER_USE,
                                     v1::ROUND_REASON_LEAST_LOT, v1::ROUND_REASON_NOT_WORTH_CARRYING};
    const auto most = std::max_element(kReasons.begin(), kReasons.end(), [this](v1::RoundReason a, v1::RoundReason b) {
      return growth_.of(a) < growth_.of(b);
    });
    return growth_.of(*most) > 0 ? *most : v1::ROUND_REASON_NO_MORE_DEMAND;
  }

  const ClearedRound& round_;
  const Room room_;
  const uint32_t listing_;
  const matching::RoundListing& row_;
  v1::ExplainRoundResponse response_;
  Tally tally_;
  Tally growth_;  // why those that may trade did not trade more
  int whole_looks_ = 0;
  std::optional<Wide> best_;
};

}  // namespace

v1::ExplainRoundResponse ExplainListing(const ClearedRound& round, uint32_t listing) {
  return ListingExplanation(round, listing).Run();
}

}  // namespace zhuxiao::round
