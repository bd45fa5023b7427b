#include "services/server/state_machines.h"

#include "services/base/strings.h"
#include "services/forward/forward_states.h"
#include "services/order/contract_states.h"
#include "services/quota/declaration_states.h"
#include "services/quota/rebinding_states.h"
#include "services/round/states.h"
#include "services/stall/case_states.h"

namespace zhuxiao::server {

const std::vector<const base::StateMachine*>& StateMachines() {
  static const auto* const machines = new std::vector<const base::StateMachine*>{
      &order::ContractStates(), &forward::ForwardStates(),   &stall::CaseStates(),
      &round::RoundStates(),    &quota::DeclarationStates(), &quota::RebindingStates()};
  return *machines;
}

std::string DrawStateMachines() {
  std::string text = R"(# Life cycles

Generated from the tables the rules read: `zhuxiaod states > services/STATES.md`; a test compares. "time" is the server
itself, when a deadline has passed. What is not in a table is refused with STATE_NOT_ALLOWED, or with ROLE_NOT_ALLOWED
where the role may never do it.
)";
  for (const base::StateMachine* machine : StateMachines()) base::StrAppend(&text, "\n", machine->Draw());
  return text;
}

}  // namespace zhuxiao::server
