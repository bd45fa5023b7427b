#include "services/order/reading.h"

#include "services/base/errors.h"
#include "services/directory/filters.h"
#include "services/order/contract_payments.h"
#include "services/order/order.h"
#include "services/order/records.h"

namespace zhuxiao::order {
namespace {

using base::Caller;

bool MaySee(const Caller& caller, const v1::Order& order) {
  return caller.ReadsEverything() || caller.Is(base::Role::ROLE_INSTITUTION, order.institution_uscc());
}

bool MaySee(const Caller& caller, const v1::Contract& contract) {
  return caller.ReadsEverything() || caller.Is(base::Role::ROLE_INSTITUTION, contract.institution_uscc()) ||
         caller.Is(base::Role::ROLE_SUPPLIER, contract.supplier_uscc()) || caller.IsOfficerOf(contract.origin_code());
}

// Whose rows a listing shows: everybody's for those who read everything and name nobody, else one organisation's.
std::string OwnerOf(const Caller& caller, const std::string& asked) {
  return caller.ReadsEverything() ? asked : caller.organisation;
}

std::string LastPart(const std::string& key) { return key.substr(key.rfind('/') + 1); }

}  // namespace

absl::StatusOr<v1::GetOrderResponse> ReadOrder(store::Reader& reader, const Caller& caller,
                                               const v1::GetOrderRequest& request) {
  auto order = GetOrder(reader, request.order_id());
  if (!order.ok()) return order.status();
  if (!MaySee(caller, *order)) return base::NotFound("order", request.order_id());
  v1::GetOrderResponse response;
  for (const std::string& id : order->contract_ids()) {
    auto contract = GetContract(reader, id);
    if (!contract.ok()) return contract.status();
    *response.add_contracts() = *std::move(contract);
  }
  *response.mutable_order() = *std::move(order);
  return response;
}

absl::StatusOr<v1::GetContractResponse> ReadContract(store::Reader& reader, const Caller& caller,
                                                     const v1::GetContractRequest& request) {
  auto contract = GetContract(reader, request.contract_id());
  if (!contract.ok()) return contract.status();
  if (!MaySee(caller, *contract)) return base::NotFound("contract", request.contract_id());
  v1::GetContractResponse response;
  *response.mutable_contract() = *std::move(contract);
  return response;
}

absl::StatusOr<store::Page<v1::ListOrdersResponse>> ListOrders(store::Reader& reader, const Caller& caller,
                                                               const v1::ListOrdersRequest& request,
                                                               const store::PageRequest& page) {
  base::FieldErrors errors;
  directory::RequireUsccOrNone(errors, request.institution_uscc(), "institution_uscc");
  if (!errors.empty()) return errors.ToStatus();
  const std::string owner = OwnerOf(caller, request.institution_uscc());
  const std::string prefix = owner.empty() ? store::Key(kOrderTable, "") : store::Key(kOrderByBuyer, owner, "");
  store::Page<v1::ListOrdersResponse> result;
  auto last = store::WalkPage(reader, prefix, page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
    auto order = GetOrder(reader, LastPart(row.key));
    if (!order.ok()) return order.status();
    if (request.state() != v1::ORDER_STATE_UNSPECIFIED && order->state() != request.state()) return false;
    *result.response.add_orders() = *std::move(order);
    return true;
  });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::StatusOr<store::Page<v1::ListContractsResponse>> ListContracts(store::Reader& reader, const Caller& caller,
                                                                     const v1::ListContractsRequest& request,
                                                                     const store::PageRequest& page) {
  base::FieldErrors errors;
  directory::RequireUsccOrNone(errors, request.organisation_uscc(), "organisation_uscc");
  if (!errors.empty()) return errors.ToStatus();
  const std::string owner = OwnerOf(caller, request.organisation_uscc());
  const std::string prefix = owner.empty() ? store::Key(kContractTable, "") : store::Key(kContractByParty, owner, "");
  store::Page<v1::ListContractsResponse> result;
  auto last = store::WalkPage(reader, prefix, page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
    auto contract = GetContract(reader, LastPart(row.key));
    if (!contract.ok()) return contract.status();
    const bool is_wanted = request.state() == v1::CONTRACT_STATE_UNSPECIFIED || contract->state() == request.state();
    if (!is_wanted || !MaySee(caller, *contract)) return false;
    *result.response.add_contracts() = *std::move(contract);
    return true;
  });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::StatusOr<store::Page<v1::ListOverdueContractsResponse>> ListOverdue(store::Reader& reader, const Caller& caller,
                                                                          absl::Time now,
                                                                          const store::PageRequest& page) {
  store::Page<v1::ListOverdueContractsResponse> result;
  const std::string prefix = store::Key(kOverdue, "");
  auto last = store::WalkPage(reader, prefix, page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
    auto contract = GetContract(reader, LastPart(row.key));
    if (!contract.ok()) return contract.status();
    if (!MaySee(caller, *contract)) return false;
    *result.response.add_contracts() = OverdueOf(*contract, now);
    return true;
  });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

}  // namespace zhuxiao::order
