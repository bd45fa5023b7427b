// The states of a forward contract as one table: who may take which step, and where it leads.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "services/base/state_machine.h"
#include "zhuxiao/forward/v1/forward.pb.h"

namespace zhuxiao::forward {

// The steps, by the names the table and refusals give them.
inline constexpr std::string_view kSignStep = "sign";
inline constexpr std::string_view kRefuseStep = "refuse";
inline constexpr std::string_view kWithdrawStep = "withdraw";
inline constexpr std::string_view kMissSignDeadlineStep = "miss the sign deadline";
inline constexpr std::string_view kCallOffStep = "call off";
inline constexpr std::string_view kAskCancelStep = "ask to cancel";
inline constexpr std::string_view kAgreeCancelStep = "agree to cancel";
inline constexpr std::string_view kDeclineCancelStep = "decline to cancel";
inline constexpr std::string_view kReachWindowStep = "reach the window";
inline constexpr std::string_view kEndWindowStep = "reach the window's end";

const base::StateMachine& ForwardStates();

// Moves the forward contract along and gives it a new etag, or refuses as StateMachine::Next does and leaves it as it
// is.
absl::Status TakeStep(v1::Forward& forward, std::string_view step, base::Role actor);

}  // namespace zhuxiao::forward
