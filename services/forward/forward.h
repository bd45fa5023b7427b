// Forward contracts, as other modules read them, and what time brings to them. The methods of ForwardService stand in
// agreeing.h, call_off.h and reading.h.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ledger/operation.h"
#include "services/store/store.h"
#include "zhuxiao/forward/v1/forward.pb.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::forward {

// As stored, without figures. NOT_FOUND where there is none; DATA_LOSS where the row is damaged.
absl::StatusOr<v1::Forward> GetForward(store::Reader& reader, std::string_view forward_id);

// Its contracts, in the order they were called off.
absl::StatusOr<std::vector<order::v1::Contract>> ContractsOf(store::Reader& reader, const v1::Forward& forward);

// What became of it, counted from its contracts. Pure.
v1::ForwardFigures FiguresOf(const v1::Forward& forward, const std::vector<order::v1::Contract>& contracts);

// Calls `visit` with every forward contract, in the order they were proposed, without figures.
absl::Status ForEachForward(store::Reader& reader, const std::function<absl::Status(const v1::Forward&)>& visit);

// Ids of forward contracts on which time has a step to take at `now`, the oldest first; ExpireForward takes each.
absl::StatusOr<std::vector<std::string>> DueForwards(store::Reader& reader, absl::Time now, size_t limit);

// The step time takes: unsigned at the deadline it lapses, a question to cancel falls when the window opens, and it
// ends with the window. No effect where nothing is due.
absl::Status ExpireForward(ledger::Operation& operation, const std::string& forward_id);

}  // namespace zhuxiao::forward
