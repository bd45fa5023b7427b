// Clears a round from its files into files: reads, clears, checks, writes.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "services/matching/clear.h"
#include "services/round_files/report_file.h"

namespace zhuxiao::offline {

struct ClearFilesOptions {
  std::string in;          // directory of the round
  std::string out;         // directory to write to
  std::string warm_start;  // directory of what came out of an earlier round; empty: none
  int threads = 2;         // 1 .. matching::kMaxClearThreads
  int64_t target_gap_ppm = 0;
  // From reading to writing; 0: none. Under a limit, and for very large rounds, the independent check leaves the bound
  // to clear-check.
  double time_limit_seconds = 0;
  std::function<void(const matching::ClearingProgress&)> on_progress;
};

struct ClearedFiles {
  round_files::ClearingReport report;  // as written
  bool is_cut_short = false;           // the time limit ended the clearing
};

// INVALID_ARGUMENT naming every fault of the files, and the errors of matching::Clear; nothing is written then.
// INTERNAL where the independent check finds the clearing false: that is a fault of this program, and nothing is
// written.
absl::StatusOr<ClearedFiles> ClearFiles(const ClearFilesOptions& options);

}  // namespace zhuxiao::offline
