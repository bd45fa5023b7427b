#include "services/order/placing.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/listing/listing.h"
#include "services/matching/check_match.h"
#include "services/matching/match.h"
#include "services/order/contracting.h"
#include "services/order/order.h"
#include "services/order/order_terms.h"
#include "services/order/payment_rules.h"
#include "services/order/records.h"
#include "services/quota/quota.h"

namespace zhuxiao::order {
namespace {

using base::ErrorReason;
using store::Key;

// How often a proposal is made again within one attempt, each time without what turned out to be gone. The book is as
// new as the transaction's snapshot, so once is already rare.
constexpr int kMaxRepairs = 4;

// A proposal turned into a contract, or the listing that cannot serve it after all.
struct Drafted {
  std::vector<v1::Contract> contracts;
  std::string gone_listing_id;  // empty where none is gone
  int64_t gone_available = 0;
  std::string undesignated_listing_id;  // empty where all count for the programme asked for
};

// Matches an order and makes its contracts inside one transaction.
class Filling {
 public:
  // `rule` is PaymentRuleFor the order.
  Filling(ledger::Operation& operation, Market& market, const v1::Order& order, const v1::PaymentRule& rule)
      : operation_(operation), market_(market), order_(order), rule_(rule) {}

  // Makes as many contracts as the market, the quota and the order admit; none is no error. An order that awaits a
  // round gets none here.
  absl::StatusOr<std::vector<v1::Contract>> Run() {
    auto room = quota::PeekRoom(operation_.transaction(), order_.institution_uscc(), order_.quota_year());
    if (!room.ok()) return room.status();
    if (order_.awaits_round()) return std::vector<v1::Contract>();
    const store::Position position = operation_.transaction().snapshot().position();
    if (absl::Status fresh = market_.Advance(position, operation_.today()); !fresh.ok()) return fresh;
    matching::MatchOrder match_order = ToMatchOrder(order_, operation_.now());
    match_order.quota_gap_ppm = room->gap_ppm;
    match_order.remaining_limit_fen = room->remaining_fen;

    for (int repair = 0; repair < kMaxRepairs; ++repair) {
      auto result = matching::Match(market_.book(), market_.policy(), match_order);
      if (!result.ok()) return result.status();
      if (!StandsUp(match_order, *result)) continue;
      unfilled_ = ToUnfilled(*result);
      auto drafted = Draft(*result);
      if (!drafted.ok()) return drafted.status();
      if (!drafted->undesignated_listing_id.empty()) {
        match_order.barred_listings[drafted->undesignated_listing_id] = matching::RefusalReason::kProgramme;
      } else if (!drafted->gone_listing_id.empty()) {
        match_order.available_overrides[drafted->gone_listing_id] = drafted->gone_available;
      } else {
        return StoreContracts(operation_, std::move(drafted->contracts));
      }
    }
    return base::MakeError(absl::StatusCode::kAborted, ErrorReason::ERROR_REASON_CONFLICT,
                           "the market moved faster than the order could be matched");
  }

  // What stays unfilled of the last match.
  const v1::Unfilled& unfilled() const { return unfilled_; }

 private:
  // Judges a match by the independent check. False where a listing changed under it: match again. A match that breaks a
  // rule would sell what may not be sold, so it stops the process.
  bool StandsUp(const matching::MatchOrder& order, const matching::MatchResult& result) const {
    const absl::Status checked = matching::CheckMatch(market_.book(), market_.policy(), order, result);
    if (checked.ok() || absl::IsAborted(checked)) return checked.ok();
    std::fprintf(stderr, "order %s: %s\n", order_.order_id().c_str(), checked.ToString().c_str());
    std::abort();
  }

  // Reads what each proposal rests on from the transaction; writes nothing.
  absl::StatusOr<Drafted> Draft(const matching::MatchResult& result) {
    Drafted drafted;
    for (const matching::MatchProposal& proposal : result.proposals) {
      auto terms = listing::GetTerms(operation_.transaction(), proposal.listing_id);
      if (!terms.ok()) return terms.status();
      auto supplier = directory::GetSupplier(operation_.transaction(), proposal.supplier_id);
      if (!supplier.ok()) return supplier.status();
      auto available = listing::PeekAvailable(operation_.transaction(), proposal.listing_id);
      if (!available.ok()) return available.status();
      const bool is_sellable = listing::CheckSellable(*terms, operation_.now()).ok() &&
                               supplier->state() == directory::v1::SUPPLIER_STATE_ACTIVE &&
                               terms->unit_price().amount_fen() == proposal.unit_price_fen;
      if (!is_sellable || *available < proposal.units) {
        drafted.gone_listing_id = proposal.listing_id;
        drafted.gone_available = is_sellable ? *available : 0;
        return drafted;
      }
      auto contract = DraftContract(operation_, market_, order_, *terms, proposal.units,
                                    ToMatchReason(proposal.reason, market_.policy().version), rule_);
      if (!contract.ok()) return contract.status();
      if (!IsDesignated(*contract)) {
        drafted.undesignated_listing_id = proposal.listing_id;
        return drafted;
      }
      drafted.contracts.push_back(*std::move(contract));
    }
    // Best match first; matching answers in the order of ids.
    std::stable_sort(drafted.contracts.begin(), drafted.contracts.end(), [](const auto& a, const auto& b) {
      return a.match_reason().welfare_fen() > b.match_reason().welfare_fen();
    });
    return drafted;
  }

  // True where the eligibility that the contract keeps has what the order asks for: the book may be of another day.
  bool IsDesignated(const v1::Contract& contract) const {
    const auto& eligibility = contract.eligibility();
    return order_.required_programme().empty() ||
           std::any_of(eligibility.begin(), eligibility.end(),
                       [&](const auto& entry) { return entry.programme() == order_.required_programme(); });
  }

  ledger::Operation& operation_;
  Market& market_;
  const v1::Order& order_;
  const v1::PaymentRule& rule_;
  v1::Unfilled unfilled_;
};

void Bar(v1::Order& order, const std::string& listing_id) {
  auto& barred = *order.mutable_barred_listing_ids();
  if (std::find(barred.begin(), barred.end(), listing_id) != barred.end()) return;
  if (barred.size() >= kMaxBarredListings) barred.erase(barred.begin());
  order.add_barred_listing_ids(listing_id);
}

// What the state is once nothing more of the order waits.
v1::OrderState FinalState(const v1::Order& order, v1::OrderState empty_state) {
  return order.filled_base() > 0 ? v1::ORDER_STATE_PARTLY_FILLED : empty_state;
}

// True where nothing more of the order is to come: it is full, or takes no part and was filled to within one unit, or
// whole units leave less than any sale unit of today. An order that stands waits for goods in smaller ones.
bool IsFilled(const v1::Order& order, const v1::Unfilled& unfilled, bool stands) {
  if (order.filled_base() == 0) return false;
  return order.filled_base() == order.quantity_base() || !order.allow_partial() ||
         (!stands && unfilled.reason() == v1::REFUSAL_REASON_WHOLE_UNIT);
}

// An order to be placed, and how it is paid.
struct Accepted {
  v1::Order order;
  v1::PaymentRule rule;
};

// Checks the request and completes the order by what the server knows.
absl::StatusOr<Accepted> Accept(ledger::Operation& operation, const v1::Order& asked) {
  base::FieldErrors errors;
  CheckOrder(asked, operation.now(), errors);
  const std::string& buyer = operation.caller().organisation;
  v1::Order order = asked;
  order.set_institution_uscc(buyer);
  auto rule = PaymentRuleFor(operation.transaction(), order, operation.today(), errors);
  if (!errors.empty()) return errors.ToStatus();
  if (auto institution = directory::GetInstitution(operation.transaction(), buyer); !institution.ok()) {
    return institution.status();
  }
  if (!rule.ok()) return rule.status();
  order.set_order_id(operation.NewId());
  order.set_filled_base(0);
  order.clear_contract_ids();
  order.clear_barred_listing_ids();
  *order.mutable_place_time() = base::ToProto(operation.now());
  order.set_quota_year(base::YearOf(operation.now()));
  order.set_etag(base::NextEtag(""));
  return Accepted{std::move(order), *std::move(rule)};
}

}  // namespace

absl::StatusOr<v1::PlaceOrderResponse> Place(ledger::Operation& operation, Market& market,
                                             const v1::PlaceOrderRequest& request) {
  auto accepted = Accept(operation, request.order());
  if (!accepted.ok()) return accepted.status();
  auto& [order, rule] = *accepted;
  Filling filling(operation, market, order, rule);
  auto contracts = filling.Run();
  if (!contracts.ok()) return contracts.status();
  const bool stands = StillStands(order, operation.now());
  if (contracts->empty() && !stands) return RefuseUnfilled(order, filling.unfilled());

  AddContracts(order, *contracts);
  store::Transaction& transaction = operation.transaction();
  if (IsFilled(order, filling.unfilled(), stands)) {
    order.set_state(v1::ORDER_STATE_FILLED);
  } else if (stands) {
    order.set_state(v1::ORDER_STATE_STANDING);
    StartStanding(transaction, order);
  } else {
    order.set_state(v1::ORDER_STATE_PARTLY_FILLED);
  }
  PutOrder(operation, order);
  transaction.Put(Key(kOrderByBuyer, order.institution_uscc(), order.order_id()), "");

  v1::PlaceOrderResponse response;
  if (order.filled_base() < order.quantity_base()) *response.mutable_unfilled() = filling.unfilled();
  *response.mutable_order() = std::move(order);
  for (v1::Contract& contract : *contracts) *response.add_contracts() = std::move(contract);
  return response;
}

absl::StatusOr<v1::PreviewOrderResponse> Preview(ledger::Operation& operation, Market& market,
                                                 const v1::PreviewOrderRequest& request) {
  auto accepted = Accept(operation, request.order());
  if (!accepted.ok()) return accepted.status();
  auto& [order, rule] = *accepted;
  Filling filling(operation, market, order, rule);
  auto contracts = filling.Run();
  if (!contracts.ok()) return contracts.status();
  if (contracts->empty() && !StillStands(order, operation.now())) return RefuseUnfilled(order, filling.unfilled());
  AddContracts(order, *contracts);
  v1::PreviewOrderResponse response;
  for (v1::Contract& contract : *contracts) {
    contract.clear_contract_id();
    contract.clear_order_id();
    contract.clear_etag();
    *response.add_contracts() = std::move(contract);
  }
  if (order.filled_base() < order.quantity_base()) *response.mutable_unfilled() = filling.unfilled();
  return response;
}

absl::StatusOr<v1::CancelOrderResponse> Cancel(ledger::Operation& operation, const v1::CancelOrderRequest& request) {
  auto order = GetOrder(operation.transaction(), request.order_id());
  if (!order.ok()) return order.status();
  if (order->institution_uscc() != operation.caller().organisation) {
    return base::NotFound("order", request.order_id());
  }
  if (order->state() != v1::ORDER_STATE_STANDING) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, request.order_id(), "nothing of the order waits",
                        {{"state", v1::OrderState_Name(order->state())}});
  }
  StopStanding(operation.transaction(), *order);
  order->set_state(FinalState(*order, v1::ORDER_STATE_CANCELLED));
  order->set_etag(base::NextEtag(order->etag()));
  PutOrder(operation, *order);
  v1::CancelOrderResponse response;
  *response.mutable_order() = *std::move(order);
  return response;
}

absl::StatusOr<bool> FillStanding(ledger::Operation& operation, Market& market, const std::string& order_id) {
  auto order = GetOrder(operation.transaction(), order_id);
  if (!order.ok()) return order.status();
  if (order->state() != v1::ORDER_STATE_STANDING || !StillStands(*order, operation.now())) return false;
  auto rule = PaymentRuleFor(operation.transaction(), *order, operation.today());
  if (!rule.ok()) return rule.status();
  Filling filling(operation, market, *order, *rule);
  auto contracts = filling.Run();
  if (!contracts.ok()) return contracts.status();
  if (contracts->empty()) return false;
  AddContracts(*order, *contracts);
  if (IsFilled(*order, filling.unfilled(), /*stands=*/true)) {
    StopStanding(operation.transaction(), *order);
    order->set_state(v1::ORDER_STATE_FILLED);
  }
  order->set_etag(base::NextEtag(order->etag()));
  PutOrder(operation, *order);
  return true;
}

absl::Status Unfill(ledger::Operation& operation, const std::string& order_id, int64_t base_units,
                    const std::string& barred_listing_id) {
  auto order = GetOrder(operation.transaction(), order_id);
  if (!order.ok()) return order.status();
  if (!barred_listing_id.empty()) Bar(*order, barred_listing_id);
  order->set_filled_base(order->filled_base() - base_units);
  if (StillStands(*order, operation.now()) && order->state() == v1::ORDER_STATE_FILLED) {
    order->set_state(v1::ORDER_STATE_STANDING);
    StartStanding(operation.transaction(), *order);
  } else if (order->state() != v1::ORDER_STATE_STANDING) {
    order->set_state(FinalState(*order, v1::ORDER_STATE_CANCELLED));
  }
  order->set_etag(base::NextEtag(order->etag()));
  PutOrder(operation, *order);
  return absl::OkStatus();
}

absl::Status ExpireStanding(ledger::Operation& operation, const std::string& order_id) {
  auto order = GetOrder(operation.transaction(), order_id);
  if (!order.ok()) return order.status();
  if (order->state() != v1::ORDER_STATE_STANDING || StillStands(*order, operation.now())) return absl::OkStatus();
  StopStanding(operation.transaction(), *order);
  order->set_state(FinalState(*order, v1::ORDER_STATE_EXPIRED));
  order->set_etag(base::NextEtag(order->etag()));
  PutOrder(operation, *order);
  return absl::OkStatus();
}

}  // namespace zhuxiao::order
