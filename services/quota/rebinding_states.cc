#include "services/quota/rebinding_states.h"

namespace zhuxiao::quota {

const base::StateMachine& RebindingStates() {
  using namespace v1;
  static const std::vector<base::Role> officers = {base::Role::ROLE_OFFICER, base::Role::ROLE_OPERATOR};
  static const auto* const machine =
      new base::StateMachine("re-binding", *RebindingState_descriptor(), {REBINDING_STATE_PROPOSED},
                             {
                                 {REBINDING_STATE_PROPOSED, kApproveRebindingStep, officers, REBINDING_STATE_APPROVED},
                                 {REBINDING_STATE_PROPOSED, kRefuseRebindingStep, officers, REBINDING_STATE_REFUSED},
                             });
  return *machine;
}

absl::Status TakeStep(v1::Rebinding& rebinding, std::string_view step, base::Role actor, std::string_view contract_id) {
  auto next = RebindingStates().Next(rebinding.state(), step, actor, contract_id);
  if (!next.ok()) return next.status();
  rebinding.set_state(static_cast<v1::RebindingState>(*next));
  return absl::OkStatus();
}

}  // namespace zhuxiao::quota
