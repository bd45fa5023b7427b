// Returns of accepted goods: asked for by the buyer, answered by the supplier or an officer. What the calls do and
// refuse is in zhuxiao/order/v1/order.proto; what one gives back moves in the transaction that agrees to it.
#pragma once

#include "absl/status/statusor.h"
#include "services/ledger/operation.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

// Returns of one contract: more are a quarrel that no system settles.
inline constexpr int kMaxReturns = 20;

absl::StatusOr<v1::AskReturnResponse> AskReturn(ledger::Operation& operation, const v1::AskReturnRequest& request);
absl::StatusOr<v1::AnswerReturnResponse> AnswerReturn(ledger::Operation& operation,
                                                      const v1::AnswerReturnRequest& request);

}  // namespace zhuxiao::order
