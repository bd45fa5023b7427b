// Replaying: a record is computed once more from the policy and the input it holds, by the same engine, and what comes
// out is compared with what was signed, byte for byte. Needs no server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/reward/offline/compute.h"
#include "services/reward/offline/faults.h"
#include "services/reward/record/record_file.h"

namespace zhuxiao::reward::record {

// Differences that are told; of more only the number.
inline constexpr size_t kMaxDifferences = 100;

struct Replay {
  Manifest manifest;
  std::vector<std::string> differences;  // "statement.csv line 2: recorded …, computed …"; at most kMaxDifferences
  int64_t difference_count = 0;
  offline::Computed computed;
};

// Computes the parts of a record that lie in `directory` into `out_directory`. Mistakes of the input go to `faults`,
// and then the result is FAILED_PRECONDITION. Other errors as of offline::Compute.
absl::StatusOr<offline::Computed> ComputeParts(const std::string& directory, const std::string& out_directory,
                                               size_t threads, offline::FaultList& faults);

// Replays the record. A record that is refused has the errors of UnpackRecord; one whose input the engine refuses is
// FAILED_PRECONDITION with the first mistakes. Temporary files, as large as the record, go below the directory for
// temporary files.
absl::StatusOr<Replay> ReplayRecord(const std::string& path, const std::optional<PublicKey>& expected, size_t threads);

}  // namespace zhuxiao::reward::record
