#include "services/order/contract_states.h"

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/strings.h"

namespace zhuxiao::order {
namespace {

struct Row {
  ContractStep step;
  std::string_view name;
  v1::ContractState from;
  v1::ContractState to;
};

constexpr Row kTable[] = {
    {ContractStep::kSign, "sign", v1::CONTRACT_STATE_PROPOSED, v1::CONTRACT_STATE_SIGNED},
    {ContractStep::kRefuse, "refuse", v1::CONTRACT_STATE_PROPOSED, v1::CONTRACT_STATE_VOID},
    {ContractStep::kMissSignDeadline, "miss the sign deadline", v1::CONTRACT_STATE_PROPOSED, v1::CONTRACT_STATE_VOID},
    {ContractStep::kShip, "ship", v1::CONTRACT_STATE_SIGNED, v1::CONTRACT_STATE_SHIPPED},
    {ContractStep::kMissLastSale, "miss the last-sale time", v1::CONTRACT_STATE_SIGNED, v1::CONTRACT_STATE_VOID},
    {ContractStep::kAccept, "accept", v1::CONTRACT_STATE_SHIPPED, v1::CONTRACT_STATE_ACCEPTED},
    {ContractStep::kAcceptNothing, "accept nothing", v1::CONTRACT_STATE_SHIPPED, v1::CONTRACT_STATE_VOID},
    {ContractStep::kSettle, "settle", v1::CONTRACT_STATE_ACCEPTED, v1::CONTRACT_STATE_SETTLED},
};

}  // namespace

std::optional<v1::ContractState> NextState(v1::ContractState state, ContractStep step) {
  for (const Row& row : kTable) {
    if (row.step == step && row.from == state) return row.to;
  }
  return std::nullopt;
}

absl::Status TakeStep(v1::Contract& contract, ContractStep step) {
  const auto next = NextState(contract.state(), step);
  if (!next) {
    return base::Refuse(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, contract.contract_id(),
                        base::StrCat("a contract in state ", v1::ContractState_Name(contract.state()),
                                     " does not admit to ", NameOf(step)),
                        {{"state", v1::ContractState_Name(contract.state())}});
  }
  contract.set_state(*next);
  contract.set_etag(base::NextEtag(contract.etag()));
  return absl::OkStatus();
}

std::string_view NameOf(ContractStep step) {
  for (const Row& row : kTable) {
    if (row.step == step) return row.name;
  }
  return "";
}

}  // namespace zhuxiao::order
