// The states of one re-binding of a contract as one table: who may take which step, and where it leads. That the second
// person is another than the first is a rule of the step, not of the table.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "services/base/state_machine.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::quota {

inline constexpr std::string_view kApproveRebindingStep = "approve";
inline constexpr std::string_view kRefuseRebindingStep = "refuse";

const base::StateMachine& RebindingStates();

// Moves the re-binding of the contract along, or refuses as StateMachine::Next does and leaves it as it is.
absl::Status TakeStep(v1::Rebinding& rebinding, std::string_view step, base::Role actor, std::string_view contract_id);

}  // namespace zhuxiao::quota
