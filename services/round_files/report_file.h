// report.json: the figures of a clearing in one flat JSON object, all of them exact integers but the seconds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace zhuxiao::round_files {

inline constexpr std::string_view kReportFile = "report.json";

struct ClearingReport {
  int64_t welfare_fen = 0;
  int64_t bound_fen = 0;
  int64_t gap_ppm = 0;
  int64_t contracts = 0;
  int64_t orders_served = 0;
  int64_t villages_served = 0;
  std::string digest;                                   // clearing_files.h
  std::vector<std::pair<std::string, double>> seconds;  // by phase, in order
  int64_t peak_memory_mib = 0;

  friend bool operator==(const ClearingReport&, const ClearingReport&) = default;
};

// {"welfare_fen": 12, ..., "seconds": {"read": 1.25, ...}, "peak_memory_mib": 300} with a line break at the end.
std::string FormatReport(const ClearingReport& report);

// Reads DIR/report.json, but for "seconds". INVALID_ARGUMENT naming each member that is missing or of another form.
absl::StatusOr<ClearingReport> ReadReport(const std::string& dir);

}  // namespace zhuxiao::round_files
