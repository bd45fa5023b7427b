// The states of a declaration as one table: who may take which step, and where it leads.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "services/base/state_machine.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::quota {

inline constexpr std::string_view kSaveStep = "save";
inline constexpr std::string_view kSubmitStep = "submit";
inline constexpr std::string_view kPassStep = "pass on";
inline constexpr std::string_view kReturnStep = "return";
inline constexpr std::string_view kConfirmStep = "confirm";
inline constexpr std::string_view kLockStep = "reach the end of the window";
inline constexpr std::string_view kCorrectStep = "ask for a correction";
inline constexpr std::string_view kGrantStep = "grant the correction";
inline constexpr std::string_view kDenyStep = "refuse the correction";
inline constexpr std::string_view kCloseStep = "reach the end of corrections";

const base::StateMachine& DeclarationStates();

// True where base and target of the declaration are those of the quota.
bool IsInForce(const v1::Declaration& declaration);

// Moves the declaration along, or refuses as StateMachine::Next does and leaves it as it is.
absl::Status TakeStep(v1::Declaration& declaration, std::string_view step, base::Role actor);

}  // namespace zhuxiao::quota
