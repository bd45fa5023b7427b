#include "services/order/contract_states.h"

#include "services/base/etag.h"

namespace zhuxiao::order {

const base::StateMachine& ContractStates() {
  using namespace v1;
  using base::kTime;
  using base::Role;
  static const std::vector<Role> answers_returns = {Role::ROLE_SUPPLIER, Role::ROLE_OFFICER, Role::ROLE_OPERATOR};
  static const auto* const machine = new base::StateMachine(
      "contract", *ContractState_descriptor(), {CONTRACT_STATE_PROPOSED},
      {
          {CONTRACT_STATE_PROPOSED, kSignStep, {Role::ROLE_SUPPLIER}, CONTRACT_STATE_SIGNED},
          {CONTRACT_STATE_PROPOSED, kSignToBePaidStep, {Role::ROLE_SUPPLIER}, CONTRACT_STATE_AWAITING_PAYMENT},
          {CONTRACT_STATE_PROPOSED, kRefuseStep, {Role::ROLE_SUPPLIER}, CONTRACT_STATE_VOID},
          {CONTRACT_STATE_PROPOSED, kMissSignDeadlineStep, {kTime}, CONTRACT_STATE_VOID},
          {CONTRACT_STATE_AWAITING_PAYMENT, kPayStep, {Role::ROLE_INSTITUTION}, CONTRACT_STATE_SIGNED},
          {CONTRACT_STATE_AWAITING_PAYMENT,
           kExtendPaymentStep,
           {Role::ROLE_INSTITUTION},
           CONTRACT_STATE_AWAITING_PAYMENT},
          {CONTRACT_STATE_AWAITING_PAYMENT, kMissPaymentStep, {kTime}, CONTRACT_STATE_VOID},
          {CONTRACT_STATE_AWAITING_PAYMENT, kMissLastSaleStep, {kTime}, CONTRACT_STATE_VOID},
          {CONTRACT_STATE_SIGNED, kShipStep, {Role::ROLE_SUPPLIER}, CONTRACT_STATE_SHIPPED},
          {CONTRACT_STATE_SIGNED, kMissLastSaleStep, {kTime}, CONTRACT_STATE_VOID},
          {CONTRACT_STATE_SHIPPED, kAcceptStep, {Role::ROLE_INSTITUTION}, CONTRACT_STATE_ACCEPTED},
          {CONTRACT_STATE_SHIPPED, kAcceptNothingStep, {Role::ROLE_INSTITUTION}, CONTRACT_STATE_VOID},
          {CONTRACT_STATE_ACCEPTED, kSettleStep, {Role::ROLE_INSTITUTION}, CONTRACT_STATE_SETTLED},
          {CONTRACT_STATE_ACCEPTED, kOweNothingStep, {kTime}, CONTRACT_STATE_SETTLED},
          {CONTRACT_STATE_ACCEPTED, kFallOverdueStep, {kTime}, CONTRACT_STATE_ACCEPTED},
          {CONTRACT_STATE_ACCEPTED, kAskReturnStep, {Role::ROLE_INSTITUTION}, CONTRACT_STATE_ACCEPTED},
          {CONTRACT_STATE_ACCEPTED, kAgreeReturnStep, answers_returns, CONTRACT_STATE_ACCEPTED},
          {CONTRACT_STATE_ACCEPTED, kDeclineReturnStep, answers_returns, CONTRACT_STATE_ACCEPTED},
          {CONTRACT_STATE_SETTLED, kAskReturnStep, {Role::ROLE_INSTITUTION}, CONTRACT_STATE_SETTLED},
          {CONTRACT_STATE_SETTLED, kAgreeReturnStep, answers_returns, CONTRACT_STATE_SETTLED},
          {CONTRACT_STATE_SETTLED, kDeclineReturnStep, answers_returns, CONTRACT_STATE_SETTLED},
      });
  return *machine;
}

absl::Status TakeStep(v1::Contract& contract, std::string_view step, base::Role actor) {
  auto next = ContractStates().Next(contract.state(), step, actor, contract.contract_id());
  if (!next.ok()) return next.status();
  contract.set_state(static_cast<v1::ContractState>(*next));
  contract.set_etag(base::NextEtag(contract.etag()));
  return absl::OkStatus();
}

}  // namespace zhuxiao::order
