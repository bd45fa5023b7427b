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
  // A name of matching::ClearingRule, "files" for what cannot be read or is missing in the files of the outcome, or
  // "report" where report.json does not say what the other files do.
  std::string rule;
  std::string id;  // of the order, listing or institution, or the place in a file; empty for the whole
  std::string what;
};

struct FilesCheck {
  round_files::ClearingReport recomputed;  // without seconds and memory
  // False where rows or the report cannot be read: then the figures are of the other rows, no bound is proved, and
  // nothing is held against the report.
  bool is_readable = true;
  int64_t fault_count = 0;
  // The first matching::kMaxClearingFaults, those of the report, and of each file as many as a reader names.
  std::vector<FileFault> faults;
};

// Reads the round in `in` and its clearing in `out` and recomputes every figure of the report but time and memory. One
// thing that is wrong hides no other. INVALID_ARGUMENT naming every fault of the round where it cannot be read.
absl::StatusOr<FilesCheck> CheckFiles(const std::string& in, const std::string& out, int threads);

}  // namespace zhuxiao::offline
