// Checks a clearing from its files: what a round decided on, what came out, and what is said of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/round_files/report_file.h"

namespace zhuxiao::offline {

// One thing that does not hold.
struct FileFault {
  std::string rule;  // a name of matching::ClearingRule, or "report" where report.json does not say what the files do
  std::string id;    // of the order, listing or institution; empty for the whole
  std::string what;
};

struct FilesCheck {
  round_files::ClearingReport recomputed;  // without seconds and memory
  int64_t fault_count = 0;
  std::vector<FileFault> faults;  // the first matching::kMaxClearingFaults and those of the report
};

// Reads the round in `in` and its clearing in `out` and recomputes every figure of the report but time and memory.
// INVALID_ARGUMENT naming every fault of the files where they cannot be read as a round and a clearing.
absl::StatusOr<FilesCheck> CheckFiles(const std::string& in, const std::string& out, int threads);

}  // namespace zhuxiao::offline
