#include "services/order/calling_off.h"

#include <utility>
#include <vector>

#include "services/base/etag.h"
#include "services/order/contract_steps.h"
#include "services/order/contracting.h"
#include "services/order/payment_rules.h"
#include "services/order/records.h"

namespace zhuxiao::order {

absl::StatusOr<v1::Contract> CallOff(ledger::Operation& operation, Market& market, v1::Order order,
                                     const listing::v1::Listing& terms, int64_t units, const std::string& forward_id) {
  order.set_order_id(operation.NewId());
  *order.mutable_place_time() = base::ToProto(operation.now());
  order.set_quota_year(base::YearOf(operation.now()));
  order.set_state(v1::ORDER_STATE_FILLED);
  order.set_etag(base::NextEtag(""));
  auto rule = PaymentRuleFor(operation.transaction(), order, operation.today());
  if (!rule.ok()) return rule.status();
  auto draft = DraftContract(operation, market, order, terms, units, v1::MatchReason(), *rule);
  if (!draft.ok()) return draft.status();
  draft->set_forward_id(forward_id);
  draft->clear_match_reason();  // nobody chose between listings
  auto contracts = StoreContracts(operation, {*std::move(draft)});
  if (!contracts.ok()) return contracts.status();
  AddContracts(order, *contracts);
  PutOrder(operation, order);
  operation.transaction().Put(store::Key(kOrderByBuyer, order.institution_uscc(), order.order_id()), "");
  v1::SignContractRequest sign;
  sign.set_contract_id(contracts->front().contract_id());
  auto signed_contract = Sign(operation, sign);
  if (!signed_contract.ok()) return signed_contract.status();
  return std::move(*signed_contract->mutable_contract());
}

}  // namespace zhuxiao::order
