// Turning what is ready of a forward contract into a listing, an order and a signed contract, all in one commit; what
// the call does and refuses is in zhuxiao/forward/v1/forward_service.proto.
#pragma once

#include "absl/status/statusor.h"
#include "services/ledger/operation.h"
#include "services/order/market.h"
#include "zhuxiao/forward/v1/forward_service.pb.h"

namespace zhuxiao::forward {

// Parts of one forward contract: a lorry every second day of the longest window. Each is read with every call-off.
inline constexpr int kMaxCallOffs = 100;

absl::StatusOr<v1::CallOffForwardResponse> CallOff(ledger::Operation& operation, order::Market& market,
                                                   const v1::CallOffForwardRequest& request);

}  // namespace zhuxiao::forward
