// The offline calculator: a policy, designation lists and a file of sales in; statement.csv and lines.csv out. The same
// rows in any order give the same bytes. Memory stays below 1 GB however large the file is, but for 8
// bytes a line and about 100 a claimant; what goes beyond kSpillMemoryBytes is spilled to unnamed files in the
// directory of the results.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/reward/engine/policy.h"
#include "services/reward/engine/scope.h"
#include "services/reward/offline/applicant_file.h"
#include "services/reward/offline/faults.h"
#include "services/reward/offline/settlement.h"
#include "services/reward/offline/statement.h"

namespace zhuxiao::reward::offline {

struct ComputeRequest {
  std::string sales_path;
  std::string out_directory;  // made where it is missing
  size_t threads = 1;
  // What applicants have shown; nullopt: the conditions of the policy on them are not looked at.
  std::optional<Applicants> applicants = std::nullopt;
};

struct Computed {
  std::vector<StatementRow> statement;
  LineCounts lines;
};

// Computes and writes both files, and conditions.csv (claimant, what is unmet) where conditions were looked at, or none
// of them: where anything was added to `faults` the result is FAILED_PRECONDITION
// and what stood in the directory before still stands there. Other errors: NOT_FOUND where the sales cannot be opened,
// INVALID_ARGUMENT where a record is too large, OUT_OF_RANGE where a reward is beyond int64, INTERNAL of the disk.
absl::StatusOr<Computed> Compute(const engine::Policy& policy, const std::vector<engine::Designation>& designations,
                                 const ComputeRequest& request, FaultList& faults);

}  // namespace zhuxiao::reward::offline
