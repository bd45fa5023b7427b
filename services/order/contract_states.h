// The states of a contract as one table: what each step asks for and where it leads.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

enum class ContractStep { kSign, kRefuse, kMissSignDeadline, kShip, kMissLastSale, kAccept, kAcceptNothing, kSettle };

// The state after `step` in `state`, or nullopt where the step is not allowed there.
std::optional<v1::ContractState> NextState(v1::ContractState state, ContractStep step);

// Moves the contract along and gives it a new etag, or refuses with STATE_NOT_ALLOWED and leaves it as it is.
absl::Status TakeStep(v1::Contract& contract, ContractStep step);

// "sign", "refuse", ….
std::string_view NameOf(ContractStep step);

}  // namespace zhuxiao::order
