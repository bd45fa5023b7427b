#include "services/order/round_fill.h"

#include <algorithm>
#include <utility>

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/listing/listing.h"
#include "services/order/contracting.h"
#include "services/order/order.h"
#include "services/order/payment_rules.h"
#include "services/order/records.h"
#include "services/quota/quota.h"

namespace zhuxiao::order {
namespace {

// What is decided of one share before anything is written.
struct Plan {
  listing::v1::Listing terms;
  RoundFill fill;
};

class RoundFilling {
 public:
  RoundFilling(ledger::Operation& operation, Market& market, const v1::Order& order)
      : operation_(operation), market_(market), order_(order) {}

  // Decides how large each share may be.
  absl::Status PlanAll(const std::vector<RoundShare>& shares) {
    left_base_ = order_.quantity_base() - order_.filled_base();
    auto room = quota::PeekRoom(operation_.transaction(), order_.institution_uscc(), order_.quota_year());
    if (!room.ok()) return room.status();
    left_fen_ = room->remaining_fen;
    for (const RoundShare& share : shares) {
      auto plan = PlanOne(share);
      if (!plan.ok()) return plan.status();
      left_base_ -= plan->fill.units * share.sale_unit_base;
      left_fen_ -= plan->fill.units * share.unit_price_fen;
      plans_.push_back(*std::move(plan));
    }
    if (!order_.allow_partial() && !IsWhole(shares)) DropAll();
    return absl::OkStatus();
  }

  // Makes the contracts of what is planned; fills get their ids.
  absl::StatusOr<std::vector<v1::Contract>> Make(const std::vector<RoundShare>& shares) {
    auto rule = PaymentRuleFor(operation_.transaction(), order_, operation_.today());
    if (!rule.ok()) return rule.status();
    std::vector<v1::Contract> drafts;
    std::vector<size_t> places;
    for (size_t i = 0; i < plans_.size(); ++i) {
      const int64_t units = plans_[i].fill.units;
      if (units == 0) continue;
      auto draft =
          DraftContract(operation_, market_, order_, plans_[i].terms, units, ReasonOf(shares[i], units), *rule);
      if (!draft.ok()) return draft.status();
      drafts.push_back(*std::move(draft));
      places.push_back(i);
    }
    auto contracts = StoreContracts(operation_, std::move(drafts));
    if (!contracts.ok()) return contracts.status();
    for (size_t i = 0; i < places.size(); ++i) plans_[places[i]].fill.contract_id = (*contracts)[i].contract_id();
    return contracts;
  }

  std::vector<RoundFill> fills() const {
    std::vector<RoundFill> fills;
    for (const Plan& plan : plans_) fills.push_back(plan.fill);
    return fills;
  }

 private:
  absl::StatusOr<Plan> PlanOne(const RoundShare& share) {
    store::Transaction& transaction = operation_.transaction();
    auto terms = listing::GetTerms(transaction, share.listing_id);
    if (!terms.ok()) return terms.status();
    auto supplier = directory::GetSupplier(transaction, terms->supplier_uscc());
    if (!supplier.ok()) return supplier.status();
    auto available = listing::PeekAvailable(transaction, share.listing_id);
    if (!available.ok()) return available.status();
    Plan plan = {.terms = *std::move(terms), .fill = {}};
    plan.fill.limit = BarOf(plan.terms, *supplier, share);
    if (plan.fill.limit == FillLimit::kNone) Shrink(share, *available, plan);
    return plan;
  }

  // What bars the whole share, whatever its size.
  FillLimit BarOf(const listing::v1::Listing& terms, const directory::v1::Supplier& supplier,
                  const RoundShare& share) const {
    if (!listing::CheckSellable(terms, operation_.now()).ok()) return FillLimit::kListingClosed;
    const auto& barred = order_.barred_listing_ids();
    if (std::find(barred.begin(), barred.end(), share.listing_id) != barred.end()) return FillLimit::kListingBarred;
    if (supplier.state() != directory::v1::SUPPLIER_STATE_ACTIVE) return FillLimit::kSupplierNotActive;
    if (terms.unit_price().amount_fen() != share.unit_price_fen || terms.sale_unit_base() != share.sale_unit_base) {
      return FillLimit::kPriceChanged;
    }
    return ArrivesInTime(terms) ? FillLimit::kNone : FillLimit::kTooLate;
  }

  bool ArrivesInTime(const listing::v1::Listing& terms) const {
    const auto arrival = ArrivalDay(market_, operation_.today(), terms, order_.destination_code());
    return arrival && *arrival <= base::DayOf(base::FromProto(order_.deliver_by_time())) &&
           KeepsItsLife(terms, *arrival);
  }

  void Shrink(const RoundShare& share, int64_t available, Plan& plan) const {
    const auto take = [&plan](int64_t most, FillLimit limit) {
      if (most >= plan.fill.units) return;
      plan.fill.units = std::max<int64_t>(0, most);
      plan.fill.limit = limit;
    };
    plan.fill.units = share.units;
    take(available, FillLimit::kStockSold);
    take(left_base_ / share.sale_unit_base, FillLimit::kOrderServed);
    if (share.unit_price_fen > 0) take(left_fen_ / share.unit_price_fen, FillLimit::kLimitSpent);
    if (plan.fill.units > 0 && plan.fill.units < plan.terms.min_lot_units()) take(0, FillLimit::kBelowMinLot);
  }

  // True where the planned shares fill the order to within one of their units.
  bool IsWhole(const std::vector<RoundShare>& shares) const {
    int64_t smallest_base = INT64_MAX;
    for (size_t i = 0; i < plans_.size(); ++i) {
      if (plans_[i].fill.units > 0) smallest_base = std::min(smallest_base, shares[i].sale_unit_base);
    }
    return smallest_base != INT64_MAX && left_base_ < smallest_base;
  }

  void DropAll() {
    for (Plan& plan : plans_) {
      if (plan.fill.limit == FillLimit::kNone) plan.fill.limit = FillLimit::kNotFilledWhole;
      plan.fill.units = 0;
    }
  }

  // The reason of a share for fewer units: those with the bonus go first.
  static v1::MatchReason ReasonOf(const RoundShare& share, int64_t units) {
    v1::MatchReason reason = share.reason;
    reason.set_bonus_units(std::min(reason.bonus_units(), units));
    const int64_t unit_fen = reason.urgency_fen() + reason.stall_fen() + reason.linkage_fen() + reason.quota_gap_fen() -
                             reason.transport_fen();
    reason.set_welfare_fen(units * unit_fen + reason.bonus_units() * reason.tranche_bonus_fen());
    return reason;
  }

  ledger::Operation& operation_;
  Market& market_;
  const v1::Order& order_;
  int64_t left_base_ = 0;
  int64_t left_fen_ = 0;
  std::vector<Plan> plans_;
};

}  // namespace

absl::StatusOr<std::vector<RoundFill>> FillFromRound(ledger::Operation& operation, Market& market,
                                                     const std::string& order_id,
                                                     const std::vector<RoundShare>& shares) {
  auto order = GetOrder(operation.transaction(), order_id);
  if (!order.ok()) return order.status();
  if (order->state() != v1::ORDER_STATE_STANDING || !StillStands(*order, operation.now())) {
    const bool is_served = order->state() == v1::ORDER_STATE_FILLED;
    return std::vector<RoundFill>(
        shares.size(), {.limit = is_served ? FillLimit::kOrderServed : FillLimit::kOrderEnded, .contract_id = ""});
  }
  RoundFilling filling(operation, market, *order);
  if (absl::Status planned = filling.PlanAll(shares); !planned.ok()) return planned;
  auto contracts = filling.Make(shares);
  if (!contracts.ok()) return contracts.status();
  if (contracts->empty()) return filling.fills();
  AddContracts(*order, *contracts);
  if (order->filled_base() == order->quantity_base() || !order->allow_partial()) {
    StopStanding(operation.transaction(), *order);
    order->set_state(v1::ORDER_STATE_FILLED);
  }
  order->set_etag(base::NextEtag(order->etag()));
  PutOrder(operation, *order);
  return filling.fills();
}

}  // namespace zhuxiao::order
