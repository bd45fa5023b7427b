// Collects what is wrong in the files of a round, by file, line and column.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace zhuxiao::round_files {

// Faults named one by one, of each file; the rest are counted. A file in the wrong format has a fault in every row, and
// nobody reads a million lines.
inline constexpr size_t kMaxNamedFaults = 10'000;

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
  // "FILE:LINE:COLUMN"; one with "FILE" alone gives the total of a file where not all of its faults are named.
  absl::Status ToStatus() const;

 private:
  struct OfFile {
    std::string file;
    int64_t total = 0;
    std::vector<std::pair<std::string, std::string>> named;  // place, what
  };

  OfFile& Of(std::string_view file);

  int64_t total_ = 0;
  std::vector<OfFile> files_;  // those with faults, in the order of their first
};

}  // namespace zhuxiao::round_files
