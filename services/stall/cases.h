// The writes of StallService as functions; what they do and refuse is in zhuxiao/stall/v1/stall.proto.
#pragma once

#include "absl/status/statusor.h"
#include "services/ledger/operation.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao::stall {

inline constexpr size_t kMaxShortCodePoints = 60;    // a reporter, a grade
inline constexpr size_t kMaxDetailCodePoints = 120;  // packing, storage, a place
inline constexpr int kMaxNamedOrganisations = 50;    // of one dispatch: more is a channel
inline constexpr int kMaxDispatches = 100;           // of one case: goods that keep two weeks are not sent more often

absl::StatusOr<v1::ReportStallCaseResponse> ReportCase(ledger::Operation& operation,
                                                       const v1::ReportStallCaseRequest& request);
absl::StatusOr<v1::VerifyStallCaseResponse> VerifyCase(ledger::Operation& operation,
                                                       const v1::VerifyStallCaseRequest& request);
absl::StatusOr<v1::DismissStallCaseResponse> DismissCase(ledger::Operation& operation,
                                                         const v1::DismissStallCaseRequest& request);
absl::StatusOr<v1::RaiseStallCaseResponse> RaiseCase(ledger::Operation& operation,
                                                     const v1::RaiseStallCaseRequest& request);
absl::StatusOr<v1::DispatchStallCaseResponse> DispatchCase(ledger::Operation& operation,
                                                           const v1::DispatchStallCaseRequest& request);
absl::StatusOr<v1::CloseStallCaseResponse> CloseByHand(ledger::Operation& operation,
                                                       const v1::CloseStallCaseRequest& request);

}  // namespace zhuxiao::stall
