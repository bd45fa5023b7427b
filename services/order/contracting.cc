#include "services/order/contracting.h"

#include <algorithm>
#include <utility>

#include "services/base/etag.h"
#include "services/base/geo.h"
#include "services/directory/directory.h"
#include "services/listing/listing.h"
#include "services/order/payment_rules.h"
#include "services/order/records.h"
#include "services/quota/quota.h"

namespace zhuxiao::order {

v1::MatchReason ToMatchReason(const matching::MatchReason& reason, const std::string& policy_version) {
  v1::MatchReason proto;
  proto.set_value_fen(reason.unit.value_fen);
  proto.set_urgency_fen(reason.unit.urgency_fen);
  proto.set_stall_fen(reason.unit.stall_fen);
  proto.set_linkage_fen(reason.unit.linkage_fen);
  proto.set_tranche_bonus_fen(reason.unit.bonus_fen);
  proto.set_bonus_units(reason.bonus_units);
  proto.set_quota_gap_fen(reason.unit.gap_fen);
  proto.set_transport_fen(reason.unit.transport_fen);
  proto.set_welfare_fen(reason.total_fen);
  proto.set_reserve_fen(reason.reserve_fen);
  proto.set_distance_km(reason.km);
  proto.set_transit_days(reason.transit_days);
  proto.set_policy_version(policy_version);
  return proto;
}

std::optional<base::Day> ArrivalDay(const Market& market, base::Day today, const listing::v1::Listing& terms,
                                    const std::string& destination_code) {
  const auto from = directory::Counties().IndexOf(terms.origin_code());
  const auto to = directory::Counties().IndexOf(destination_code);
  if (!from || !to) return std::nullopt;
  const base::Day ready = std::max(today, base::DayOf(base::FromProto(terms.ready_time())));
  return ready + static_cast<base::Day>(base::TransitDays(market.book().distances().RowTo(*to).km[*from]));
}

bool KeepsItsLife(const listing::v1::Listing& terms, base::Day arrival) {
  const directory::v1::Commodity* commodity = directory::FindCommodity(terms.commodity_code());
  return commodity != nullptr &&
         arrival + commodity->min_life_days() <= base::DayOf(base::FromProto(terms.last_sale_time()));
}

absl::StatusOr<v1::Contract> DraftContract(ledger::Operation& operation, Market& market, const v1::Order& order,
                                           const listing::v1::Listing& terms, int64_t units, v1::MatchReason reason,
                                           const v1::PaymentRule& rule) {
  v1::Contract contract;
  contract.set_order_id(order.order_id());
  contract.set_listing_id(terms.listing_id());
  contract.set_supplier_uscc(terms.supplier_uscc());
  contract.set_institution_uscc(order.institution_uscc());
  contract.set_commodity_code(order.commodity_code());
  contract.set_ordered_units(units);
  contract.set_sale_unit_base(terms.sale_unit_base());
  contract.set_sale_unit(terms.sale_unit());
  *contract.mutable_unit_price() = terms.unit_price();
  if (terms.has_price_per_kg()) *contract.mutable_price_per_kg() = terms.price_per_kg();
  contract.set_nominal_weight_g(terms.nominal_weight_g());
  contract.mutable_ordered_amount()->set_amount_fen(units * terms.unit_price().amount_fen());
  contract.set_state(v1::CONTRACT_STATE_PROPOSED);
  *contract.mutable_match_reason() = std::move(reason);
  contract.set_origin_code(terms.origin_code());
  contract.set_destination_code(order.destination_code());
  auto designations = market.DesignationsOf(operation.transaction(), terms.origin_code(), operation.today());
  if (!designations.ok()) return designations.status();
  contract.mutable_eligibility()->Assign(designations->begin(), designations->end());
  *contract.mutable_create_time() = base::ToProto(operation.now());
  const absl::Time last_sale = base::FromProto(terms.last_sale_time());
  *contract.mutable_sign_deadline() = base::ToProto(std::min(operation.now() + kSignWindow, last_sale));
  *contract.mutable_last_sale_time() = terms.last_sale_time();
  *contract.mutable_payment_rule() = rule;
  // The id leads to the source; a copy in every contract and every event would say nothing more.
  contract.mutable_payment_rule()->clear_source();
  contract.set_quota_year(order.quota_year());
  contract.set_etag(base::NextEtag(""));
  return contract;
}

absl::StatusOr<std::vector<v1::Contract>> StoreContracts(ledger::Operation& operation,
                                                         std::vector<v1::Contract> contracts) {
  store::Transaction& transaction = operation.transaction();
  for (v1::Contract& contract : contracts) {
    contract.set_contract_id(operation.NewId());
    const std::string& id = contract.contract_id();
    if (absl::Status moved = listing::MoveUnits(operation, contract.listing_id(), listing::Balance::kAvailable,
                                                listing::Balance::kHeld, contract.ordered_units(), id);
        !moved.ok()) {
      return moved;
    }
    if (absl::Status held = quota::HoldFirst(operation, contract.institution_uscc(), contract.quota_year(),
                                             contract.ordered_amount().amount_fen(), id);
        !held.ok()) {
      return held;
    }
    transaction.Put(store::Key(kContractByParty, contract.supplier_uscc(), id), "");
    transaction.Put(store::Key(kContractByParty, contract.institution_uscc(), id), "");
    transaction.Put(ContractDueKey(contract), "");
    PutContract(operation, contract);
  }
  return contracts;
}

void AddContracts(v1::Order& order, const std::vector<v1::Contract>& contracts) {
  for (const v1::Contract& contract : contracts) {
    order.add_contract_ids(contract.contract_id());
    order.set_filled_base(order.filled_base() + contract.ordered_units() * contract.sale_unit_base());
  }
}

bool StillStands(const v1::Order& order, absl::Time now) {
  return order.has_standing_until() && base::FromProto(order.standing_until()) > now;
}

void StartStanding(store::Transaction& transaction, const v1::Order& order) {
  transaction.Put(StandingKey(order), "");
  transaction.Put(StandingDueKey(order), "");
}

void StopStanding(store::Transaction& transaction, const v1::Order& order) {
  transaction.Delete(StandingKey(order));
  transaction.Delete(StandingDueKey(order));
}

}  // namespace zhuxiao::order
