// Computes what a frozen round gives, and tells of it on the round's record: for a round that is held, and for a
// preview alike.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "services/matching/clear.h"
#include "services/round/freeze.h"
#include "services/round/round.h"
#include "services/round_files/report_file.h"

namespace zhuxiao::round {

// Threads a computation uses; the result is the same for any number.
inline constexpr int kComputeThreads = 2;

// Clears and checks: no result is anybody's that the independent check has not accepted. Errors of matching::Clear;
// INTERNAL where the check refuses.
absl::StatusOr<matching::Clearing> ClearAndCheck(const round_files::RoundInput& input,
                                                 const matching::ClearOptions& options);

// Sets what the round decides on: policy, digest and counts.
void Describe(const Frozen& frozen, v1::Round& round);
// Sets what came out: welfare, bound, gap, digest and count of lines.
void Describe(const matching::Clearing& clearing, const round_files::ClearingReport& report, v1::Round& round);

}  // namespace zhuxiao::round
