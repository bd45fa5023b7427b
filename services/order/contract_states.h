// The states of a contract as one table: who may take which step, and where it leads.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "services/base/state_machine.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

// The steps, by the names the table and refusals give them.
inline constexpr std::string_view kSignStep = "sign";
inline constexpr std::string_view kRefuseStep = "refuse";
inline constexpr std::string_view kMissSignDeadlineStep = "miss the sign deadline";
inline constexpr std::string_view kShipStep = "ship";
inline constexpr std::string_view kMissLastSaleStep = "miss the last-sale time";
inline constexpr std::string_view kAcceptStep = "accept";
inline constexpr std::string_view kAcceptNothingStep = "accept nothing";
inline constexpr std::string_view kSettleStep = "settle";

const base::StateMachine& ContractStates();

// Moves the contract along and gives it a new etag, or refuses as StateMachine::Next does and leaves it as it is.
absl::Status TakeStep(v1::Contract& contract, std::string_view step, base::Role actor);

}  // namespace zhuxiao::order
