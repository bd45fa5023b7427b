// How a forward contract comes about and is cancelled; what the calls do and refuse is in
// zhuxiao/forward/v1/forward_service.proto. Nothing here moves stock, quota or money.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/ledger/operation.h"
#include "zhuxiao/forward/v1/forward_service.pb.h"

namespace zhuxiao::forward {

// A season is planned before sowing: a fortnight lets a cooperative ask its members.
inline constexpr absl::Duration kSignWindow = absl::Hours(24 * 14);
// The next season and the one after it; further away nobody knows the price.
inline constexpr base::Day kMaxDaysAhead = 731;
// Half a year: the longest harvest of the catalogue with its cold store, and as far as an order may ask ahead.
inline constexpr base::Day kMaxWindowDays = 183;

absl::StatusOr<v1::ProposeForwardResponse> Propose(ledger::Operation& operation,
                                                   const v1::ProposeForwardRequest& request);
absl::StatusOr<v1::SignForwardResponse> Sign(ledger::Operation& operation, const v1::SignForwardRequest& request);
absl::StatusOr<v1::RefuseForwardResponse> Refuse(ledger::Operation& operation, const v1::RefuseForwardRequest& request);
absl::StatusOr<v1::WithdrawForwardResponse> Withdraw(ledger::Operation& operation,
                                                     const v1::WithdrawForwardRequest& request);
absl::StatusOr<v1::AskCancelForwardResponse> AskCancel(ledger::Operation& operation,
                                                       const v1::AskCancelForwardRequest& request);
absl::StatusOr<v1::AnswerCancelForwardResponse> AnswerCancel(ledger::Operation& operation,
                                                             const v1::AnswerCancelForwardRequest& request);

}  // namespace zhuxiao::forward
