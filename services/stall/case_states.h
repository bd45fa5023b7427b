// The states of a stall case as one table: who may take which step, and where it leads.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "services/base/state_machine.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao::stall {

inline constexpr std::string_view kVerifyStep = "verify";
inline constexpr std::string_view kDismissStep = "dismiss";
inline constexpr std::string_view kDispatchStep = "dispatch";
inline constexpr std::string_view kRaiseStep = "raise";
inline constexpr std::string_view kSellStep = "sell some";
inline constexpr std::string_view kClearStep = "end, mostly sold";
inline constexpr std::string_view kSpoilStep = "end, too much lost";

const base::StateMachine& CaseStates();

// True where the case is not over.
inline bool IsOpen(const v1::StallCase& stall_case) { return !CaseStates().IsFinal(stall_case.state()); }

// Moves the case along and gives it a new etag, or refuses as StateMachine::Next does and leaves it as it is.
absl::Status TakeStep(v1::StallCase& stall_case, std::string_view step, base::Role actor);

}  // namespace zhuxiao::stall
