// The states of a round and what leads from one to the next: one table, drawn in services/STATES.md. People take the
// steps from state to state; the work of a state is the server's, which takes the steps of an automatic round too.
#pragma once

#include <optional>
#include <string_view>

#include "services/base/state_machine.h"
#include "services/round/round.h"

namespace zhuxiao::round {

inline constexpr std::string_view kCloseStep = "close";
inline constexpr std::string_view kClearStep = "clear";
inline constexpr std::string_view kSettleStep = "settle";
inline constexpr std::string_view kCancelStep = "cancel";
inline constexpr std::string_view kFreezeStep = "have it frozen";           // everything it decides on is stored
inline constexpr std::string_view kComputeStep = "have it computed";        // the result is stored and checked
inline constexpr std::string_view kFinishStep = "have every line decided";  // contracts are made
inline constexpr std::string_view kFailStep = "find it cannot be computed";

const base::StateMachine& RoundStates();

// The step an automatic round takes by itself next, or nullopt where it works or is over.
std::optional<std::string_view> NextStepOf(v1::RoundState state);

// True where the server works on rounds of this state.
bool IsWorking(v1::RoundState state);

// True where nothing comes after.
bool IsOver(v1::RoundState state);

}  // namespace zhuxiao::round
