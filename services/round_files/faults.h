// Collects what is wrong in the files of a round, by file, line and column.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace zhuxiao::round_files {

// Faults named one by one; the rest are counted. A file in the wrong format has a fault in every row, and nobody reads
// a million lines.
inline constexpr size_t kMaxNamedFaults = 100;

// Not thread-safe.
class Faults {
 public:
  // A fault of `column` (or of the whole record where it is empty) on `line` (of the whole file where it is 0).
  void Add(std::string_view file, int64_t line, std::string_view column, std::string_view what);

  // Adds those of `other` after these.
  void Append(const Faults& other);

  bool empty() const { return total_ == 0; }
  int64_t total() const { return total_; }

  // OK where there is none, else INVALID_ARGUMENT with a field violation for each named fault: the field is
  // "FILE:LINE:COLUMN"; a last one gives the total where not all are named.
  absl::Status ToStatus() const;

 private:
  int64_t total_ = 0;
  std::vector<std::pair<std::string, std::string>> named_;
};

}  // namespace zhuxiao::round_files
