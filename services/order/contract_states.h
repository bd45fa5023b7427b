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
inline constexpr std::string_view kSignToBePaidStep = "sign to be paid first";
inline constexpr std::string_view kPayStep = "pay";
inline constexpr std::string_view kExtendPaymentStep = "extend the time to pay";
inline constexpr std::string_view kMissPaymentStep = "miss the time to pay";
inline constexpr std::string_view kFallOverdueStep = "fall overdue";
inline constexpr std::string_view kOweNothingStep = "owe nothing";
inline constexpr std::string_view kAskReturnStep = "ask to return";
inline constexpr std::string_view kAgreeReturnStep = "agree to a return";
inline constexpr std::string_view kDeclineReturnStep = "decline a return";

const base::StateMachine& ContractStates();

// Moves the contract along and gives it a new etag, or refuses as StateMachine::Next does and leaves it as it is.
absl::Status TakeStep(v1::Contract& contract, std::string_view step, base::Role actor);

}  // namespace zhuxiao::order
