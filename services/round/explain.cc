#include "services/round/explain.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/listing/listing.h"
#include "services/matching/policy.h"
#include "services/order/order.h"
#include "services/round/archive.h"
#include "services/round/lines.h"
#include "services/round/pair.h"
#include "services/round/reading.h"

namespace zhuxiao::round {
namespace {

using base::Role;
using Wide = __int128;

// Counterparts named one by one.
constexpr int kMaxServedBy = 100;

// Welfare in microfen.
constexpr int64_t kMicro = matching::kPriceParts;

int64_t Clamp(Wide value) {
  constexpr int64_t kMost = INT64_MAX;
  return static_cast<int64_t>(std::clamp<Wide>(value, -Wide{kMost}, kMost));
}

int64_t CeilDiv(Wide a, int64_t b) { return Clamp((a + b - 1) / b); }

std::optional<uint32_t> Find(const round_files::IdTable& ids, std::string_view id) {
  size_t low = 0;
  size_t high = ids.size();
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    (ids[middle] < id ? low : high) = ids[middle] < id ? middle + 1 : middle;
  }
  if (low == ids.size() || ids[low] != id) return std::nullopt;
  return static_cast<uint32_t>(low);
}

// Figures of a round that explanations read.
class Figures {
 public:
  explicit Figures(const ClearedRound& round) : round_(round), book_(round.input.book) {
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

  int64_t sold(uint32_t listing) const { return sold_[listing]; }
  int64_t filled_base(uint32_t order) const { return filled_base_[order]; }
  int64_t left_base(uint32_t order) const { return book_.orders[order].quantity_base - filled_base_[order]; }
  int64_t left_fen(uint32_t order) const {
    const uint32_t institution = book_.orders[order].institution;
    return book_.institutions[institution].limit_fen - spent_fen_[institution];
  }
  int64_t limit_price(uint32_t order) const {
    return round_.outcome.prices.institution[book_.orders[order].institution];
  }
  Pair PairOf(uint32_t listing, uint32_t order) const {
    return round::PairOf(round_.input, round_.distances, listing, order);
  }

  // The greatest welfare of a unit, in fen: of one with the bonus where the listing has such.
  int64_t BestFen(const Pair& pair, uint32_t listing) const {
    return FirstTrancheUnits(round_.input, listing) > 0 ? pair.reason.unit.BonusFen() : pair.reason.unit.PlainFen();
  }

  // What a unit is worth to the order above the prices, in microfen.
  Wide SurplusMicro(const Pair& pair, uint32_t listing, uint32_t order) const {
    const matching::RoundPrices& prices = round_.outcome.prices;
    const Wide plain = Wide{pair.reason.unit.PlainFen()} * kMicro - prices.second_tranche[listing];
    const Wide bonus = Wide{pair.reason.unit.BonusFen()} * kMicro - prices.first_tranche[listing];
    const Wide best = FirstTrancheUnits(round_.input, listing) > 0 ? std::max(plain, bonus) : plain;
    const Wide money =
        Wide{book_.listings[listing].unit_price_fen} * limit_price(order) / (matching::kLambdaParts / kMicro);
    return best - money;
  }

 private:
  const ClearedRound& round_;
  const matching::RoundBook& book_;
  std::vector<int64_t> sold_;
  std::vector<int64_t> filled_base_;
  std::vector<int64_t> spent_fen_;
};

// Counts what bars counterparts.
class Tally {
 public:
  void Add(v1::RoundReason reason) { ++counts_[reason]; }
  int64_t of(v1::RoundReason reason) const {
    const auto it = counts_.find(reason);
    return it == counts_.end() ? 0 : it->second;
  }
  // The most frequent; NO_COUNTERPART where nothing was counted.
  v1::RoundReason Most() const {
    v1::RoundReason most = v1::ROUND_REASON_NO_COUNTERPART;
    int64_t count = 0;
    for (const auto& [reason, of_it] : counts_) {
      if (of_it > count) most = static_cast<v1::RoundReason>(reason);
      count = std::max(count, of_it);
    }
    return most;
  }
  void Tell(v1::ExplainRoundResponse& response) const {
    for (const auto& [reason, of_it] : counts_) {
      v1::RoundReasonCount& count = *response.add_counts();
      count.set_reason(static_cast<v1::RoundReason>(reason));
      count.set_count(of_it);
    }
  }

 private:
  std::map<int, int64_t> counts_;
};

// The least number seen.
class Least {
 public:
  void Take(int64_t value) { value_ = value_ ? std::min(*value_, value) : value; }
  const std::optional<int64_t>& value() const { return value_; }

 private:
  std::optional<int64_t> value_;
};

// What an order lacked.
class OrderExplanation {
 public:
  OrderExplanation(const ClearedRound& round, const Figures& figures, uint32_t order)
      : round_(round), book_(round.input.book), figures_(figures), order_(order), row_(book_.orders[order]) {}

  v1::ExplainRoundResponse Run() {
    response_.set_offered(row_.quantity_base);
    response_.set_cleared(figures_.filled_base(order_));
    response_.set_limit_price_nanofen(figures_.limit_price(order_));
    std::vector<bool> serves(book_.listings.size());
    for (const matching::RoundContract& contract : round_.outcome.contracts) {
      if (contract.order != order_) continue;
      serves[contract.listing] = true;
      if (response_.served_by_size() < kMaxServedBy) {
        response_.add_served_by(std::string(round_.input.ids.listings[contract.listing]));
      }
    }
    for (uint32_t i = 0; i < book_.listings.size(); ++i) {
      if (book_.listings[i].commodity == row_.commodity) Look(i, serves[i]);
    }
    TellNext();
    tally_.Tell(response_);
    response_.set_reason(Reason());
    response_.set_change(Change(response_.reason()));
    return std::move(response_);
  }

 private:
  void Look(uint32_t listing, bool is_serving) {
    const Pair pair = figures_.PairOf(listing, order_);
    const matching::RoundListing& row = book_.listings[listing];
    if (pair.bar == v1::ROUND_REASON_PRICE_ABOVE_LIMIT) {
      needed_price_.Take(CeilDiv(Wide{row.unit_price_fen} * row_.limit_base, row.unit_base));
    }
    if (pair.bar == v1::ROUND_REASON_ARRIVES_TOO_LATE) needed_day_.Take(pair.reason.arrival_day);
    if (pair.bar != v1::ROUND_REASON_UNSPECIFIED) return tally_.Add(pair.bar);
    if (figures_.BestFen(pair, listing) <= 0) return tally_.Add(v1::ROUND_REASON_NOT_WORTH_CARRYING);
    tally_.Add(v1::ROUND_REASON_BETTER_USE);
    least_unit_base_.Take(row.unit_base);
    least_cost_fen_.Take(Clamp(Wide{row.min_lot_units} * row.unit_price_fen));
    supply_base_ += Wide{row.units} * row.unit_base;
    const Wide surplus = figures_.SurplusMicro(pair, listing, order_);
    if (surplus * worth_base_ > worth_micro_ * row.unit_base) {
      worth_micro_ = surplus;
      worth_base_ = row.unit_base;
    }
    if (!is_serving) unused_.emplace_back(listing, surplus);
  }

  // The unused listing whose worth falls least short of what a base unit is worth to the order.
  void TellNext() {
    std::optional<Wide> best;
    for (const auto& [listing, surplus] : unused_) {
      const Wide short_of = surplus - worth_micro_ * book_.listings[listing].unit_base / worth_base_;
      if (best && short_of <= *best) continue;
      best = short_of;
      response_.set_next_id(std::string(round_.input.ids.listings[listing]));
      response_.set_next_short_microfen(Clamp(short_of));
    }
  }

  v1::RoundReason Reason() const {
    const int64_t left_base = figures_.left_base(order_);
    if (left_base == 0) return v1::ROUND_REASON_FULL;
    if (!least_unit_base_.value()) return tally_.Most();
    if (left_base < *least_unit_base_.value()) return v1::ROUND_REASON_WHOLE_UNITS;
    if (figures_.left_fen(order_) < *least_cost_fen_.value()) return v1::ROUND_REASON_SPENDING_LIMIT;
    if (!row_.is_partial_allowed && supply_base_ < row_.quantity_base) return v1::ROUND_REASON_NOT_FILLED_WHOLE;
    return figures_.limit_price(order_) > 0 ? v1::ROUND_REASON_SPENDING_LIMIT : v1::ROUND_REASON_BETTER_USE;
  }

  std::string Change(v1::RoundReason reason) const {
    switch (reason) {
      case v1::ROUND_REASON_PRICE_ABOVE_LIMIT:
        return base::StrCat("limit_price at least ", base::FormatYuan(needed_price_.value().value_or(0)), " yuan");
      case v1::ROUND_REASON_ARRIVES_TOO_LATE:
        return base::StrCat("deliver_by_time at least ",
                            base::FormatDay(static_cast<base::Day>(needed_day_.value().value_or(0))));
      case v1::ROUND_REASON_WHOLE_UNITS:
        return base::StrCat("quantity_base at least ",
                            figures_.filled_base(order_) + least_unit_base_.value().value_or(0));
      case v1::ROUND_REASON_SPENDING_LIMIT:
        return base::StrCat(
            "spending limit higher by at least ",
            base::FormatYuan(std::max<int64_t>(0, least_cost_fen_.value().value_or(0) - figures_.left_fen(order_))),
            " yuan");
      case v1::ROUND_REASON_NOT_FILLED_WHOLE:
        return base::StrCat("allow_partial, or quantity_base at most ", Clamp(supply_base_));
      default:
        return "";
    }
  }

  const ClearedRound& round_;
  const matching::RoundBook& book_;
  const Figures& figures_;
  const uint32_t order_;
  const matching::RoundOrder& row_;
  v1::ExplainRoundResponse response_;
  Tally tally_;
  Least needed_price_;
  Least needed_day_;
  Least least_unit_base_;
  Least least_cost_fen_;
  Wide supply_base_ = 0;
  // The most a base unit is worth to the order above the prices, as a fraction; at least 0.
  Wide worth_micro_ = 0;
  int64_t worth_base_ = 1;
  std::vector<std::pair<uint32_t, Wide>> unused_;
};

// What a listing lacked.
class ListingExplanation {
 public:
  ListingExplanation(const ClearedRound& round, const Figures& figures, uint32_t listing)
      : round_(round), book_(round.input.book), figures_(figures), listing_(listing), row_(book_.listings[listing]) {}

  v1::ExplainRoundResponse Run() {
    response_.set_offered(row_.units);
    response_.set_cleared(figures_.sold(listing_));
    response_.set_first_price_microfen(round_.outcome.prices.first_tranche[listing_]);
    response_.set_second_price_microfen(round_.outcome.prices.second_tranche[listing_]);
    std::vector<bool> serves(book_.orders.size());
    for (const matching::RoundContract& contract : round_.outcome.contracts) {
      if (contract.listing != listing_) continue;
      serves[contract.order] = true;
      if (response_.served_by_size() < kMaxServedBy) {
        response_.add_served_by(std::string(round_.input.ids.orders[contract.order]));
      }
    }
    for (uint32_t i = 0; i < book_.orders.size(); ++i) {
      if (book_.orders[i].commodity == row_.commodity) Look(i, serves[i]);
    }
    tally_.Tell(response_);
    response_.set_reason(Reason());
    response_.set_change(Change(response_.reason()));
    return std::move(response_);
  }

 private:
  void Look(uint32_t order, bool is_serving) {
    const Pair pair = figures_.PairOf(listing_, order);
    const matching::RoundOrder& row = book_.orders[order];
    if (pair.bar == v1::ROUND_REASON_PRICE_ABOVE_LIMIT) {
      needed_price_.Take(-Clamp(Wide{row.limit_price_fen} * row_.unit_base / row.limit_base));
    }
    if (pair.bar == v1::ROUND_REASON_ARRIVES_TOO_LATE) {
      needed_ready_.Take(-(int64_t{row.deliver_by_day} - pair.reason.transit_days));
    }
    if (pair.bar == v1::ROUND_REASON_TOO_LITTLE_LIFE) {
      needed_last_.Take(int64_t{pair.reason.arrival_day} + book_.commodities[row_.commodity].min_life_days);
    }
    if (pair.bar != v1::ROUND_REASON_UNSPECIFIED) return tally_.Add(pair.bar);
    if (figures_.BestFen(pair, listing_) <= 0) return tally_.Add(v1::ROUND_REASON_NOT_WORTH_CARRYING);
    is_possible_ = true;
    const bool is_wanting = figures_.left_base(order) >= row_.unit_base;
    if (is_wanting && (figures_.limit_price(order) > 0 || figures_.left_fen(order) < row_.unit_price_fen)) {
      return tally_.Add(v1::ROUND_REASON_SPENDING_LIMIT);
    }
    tally_.Add(v1::ROUND_REASON_BETTER_USE);
    if (is_serving) return;
    // What the order would have to give up for a unit is not counted, so the order may be next and yet be content.
    const Wide surplus = figures_.SurplusMicro(pair, listing_, order);
    if (best_ && surplus <= *best_) return;
    best_ = surplus;
    response_.set_next_id(std::string(round_.input.ids.orders[order]));
    response_.set_next_short_microfen(Clamp(surplus));
  }

  v1::RoundReason Reason() const {
    const int64_t left = row_.units - figures_.sold(listing_);
    if (left == 0) return v1::ROUND_REASON_FULL;
    if (!is_possible_) return tally_.Most();
    if (left < row_.min_lot_units) return v1::ROUND_REASON_WHOLE_UNITS;
    const bool is_for_money = tally_.of(v1::ROUND_REASON_SPENDING_LIMIT) >= tally_.of(v1::ROUND_REASON_BETTER_USE);
    return is_for_money ? v1::ROUND_REASON_SPENDING_LIMIT : v1::ROUND_REASON_BETTER_USE;
  }

  std::string Change(v1::RoundReason reason) const {
    const auto day = [](int64_t value) { return base::FormatDay(static_cast<base::Day>(value)); };
    switch (reason) {
      case v1::ROUND_REASON_PRICE_ABOVE_LIMIT:
        return base::StrCat("unit_price at most ", base::FormatYuan(-needed_price_.value().value_or(0)), " yuan");
      case v1::ROUND_REASON_ARRIVES_TOO_LATE:
        // Goods that were ready too late by the transit alone could not have been helped.
        if (-*needed_ready_.value() < round_.input.policy.today) return "";
        return base::StrCat("ready_time at most ", day(-*needed_ready_.value()));
      case v1::ROUND_REASON_TOO_LITTLE_LIFE:
        return base::StrCat("last_sale_time at least ", day(needed_last_.value().value_or(0)));
      case v1::ROUND_REASON_WHOLE_UNITS:
        return base::StrCat("min_lot_units at most ", row_.units - figures_.sold(listing_));
      default:
        return "";
    }
  }

  const ClearedRound& round_;
  const matching::RoundBook& book_;
  const Figures& figures_;
  const uint32_t listing_;
  const matching::RoundListing& row_;
  v1::ExplainRoundResponse response_;
  Tally tally_;
  Least needed_price_;  // negated: the highest
  Least needed_ready_;  // negated: the latest
  Least needed_last_;
  bool is_possible_ = false;
  std::optional<Wide> best_;
};

absl::Status CheckRequest(const v1::ExplainRoundRequest& request) {
  base::FieldErrors errors;
  const bool is_one = request.listing_id().empty() != request.order_id().empty();
  errors.Require(is_one, "listing_id", "exactly one of listing_id and order_id is required");
  if (!request.listing_id().empty()) {
    errors.Require(base::IsValidId(request.listing_id()), "listing_id", "is no id");
  }
  if (!request.order_id().empty()) errors.Require(base::IsValidId(request.order_id()), "order_id", "is no id");
  return errors.ToStatus();
}

// OK where the caller may hear of the listing or order; else as if there were none.
absl::Status CheckOwner(store::Reader& reader, const base::Caller& caller, const v1::Round& round,
                        const v1::ExplainRoundRequest& request) {
  if (!request.listing_id().empty()) {
    auto terms = listing::GetTerms(reader, request.listing_id());
    if (!terms.ok()) return terms.status();
    if (ReadsAllOf(caller, round) || caller.Is(Role::ROLE_SUPPLIER, terms->supplier_uscc())) return absl::OkStatus();
    return base::NotFound("listing", request.listing_id());
  }
  auto order = order::GetOrder(reader, request.order_id());
  if (!order.ok()) return order.status();
  if (ReadsAllOf(caller, round) || caller.Is(Role::ROLE_INSTITUTION, order->institution_uscc())) {
    return absl::OkStatus();
  }
  return base::NotFound("order", request.order_id());
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ClearedRound>> ClearedRounds::Get(store::Reader& reader, const v1::Round& round) {
  absl::MutexLock lock(&mutex_);
  if (round_id_ == round.round_id()) return last_;
  auto input = LoadInput(reader, round.round_id(), round.input_digest());
  if (!input.ok()) return input.status();
  auto loaded = std::make_shared<ClearedRound>(*std::move(input));
  auto outcome = LoadOutcome(reader, round.round_id(), loaded->input.ids);
  if (!outcome.ok()) return outcome.status();
  loaded->outcome = *std::move(outcome);
  last_ = std::move(loaded);
  round_id_ = round.round_id();
  return last_;
}

absl::StatusOr<v1::ExplainRoundResponse> Explain(store::Reader& reader, const base::Caller& caller,
                                                 ClearedRounds& rounds, const v1::ExplainRoundRequest& request) {
  if (absl::Status checked = CheckRequest(request); !checked.ok()) return checked;
  auto round = GetRound(reader, request.round_id());
  if (!round.ok()) return round.status();
  if (absl::Status owned = CheckOwner(reader, caller, *round, request); !owned.ok()) return owned;
  if (!round->has_clear_time()) {
    return base::Refuse(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, request.round_id(),
                        "the round is not cleared", {{"state", v1::RoundState_Name(round->state())}});
  }
  auto cleared = rounds.Get(reader, *round);
  if (!cleared.ok()) return cleared.status();
  const bool is_listing = !request.listing_id().empty();
  const round_files::RoundIds& ids = (*cleared)->input.ids;
  const std::string& id = is_listing ? request.listing_id() : request.order_id();
  const std::optional<uint32_t> place = Find(is_listing ? ids.listings : ids.orders, id);
  if (!place) {
    auto left_out = FindLeftOut(reader, request.round_id(), id);
    if (!left_out.ok()) return left_out.status();
    v1::ExplainRoundResponse response;
    response.set_left_out(*left_out);
    response.set_reason(*left_out == v1::ROUND_LEFT_OUT_UNSPECIFIED ? v1::ROUND_REASON_NOT_THERE
                                                                    : v1::ROUND_REASON_LEFT_OUT);
    return response;
  }
  const Figures figures(**cleared);
  if (is_listing) return ListingExplanation(**cleared, figures, *place).Run();
  return OrderExplanation(**cleared, figures, *place).Run();
}

}  // namespace zhuxiao::round
