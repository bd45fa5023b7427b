// The writes of MatchingService as functions; what they do and refuse is in zhuxiao/matching/v1/matching.proto.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/ledger/operation.h"
#include "services/round/round.h"

namespace zhuxiao::round {

// The longest a computation may be limited to: between two rounds of a day there are hours.
inline constexpr int32_t kMaxTimeLimitSeconds = 3'600;

absl::StatusOr<v1::OpenRoundResponse> Open(ledger::Operation& operation, const v1::OpenRoundRequest& request);
absl::StatusOr<v1::CloseRoundResponse> Close(ledger::Operation& operation, const v1::CloseRoundRequest& request);
absl::StatusOr<v1::ClearRoundResponse> Clear(ledger::Operation& operation, const v1::ClearRoundRequest& request);
absl::StatusOr<v1::SettleRoundResponse> Settle(ledger::Operation& operation, const v1::SettleRoundRequest& request);
absl::StatusOr<v1::CancelRoundResponse> Cancel(ledger::Operation& operation, const v1::CancelRoundRequest& request);

// Opens the automatic round of the whole country that the schedule has at `slot`. No effect where it was opened
// before, or where no round was ever scheduled on this store and the slot was over when the server began, at `since`: a
// new installation does not make up for what it never promised. Where another round of the whole country is not over,
// that round notes the slot, once; its id is answered then, and otherwise nothing.
absl::StatusOr<std::string> OpenScheduled(ledger::Operation& operation, absl::Time slot, absl::Time since);

}  // namespace zhuxiao::round
