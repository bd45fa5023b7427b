// Collects what is wrong with the rows of a round.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/matching/clear.h"

namespace zhuxiao::matching {

// Says that of so many faults only the first are named.
inline std::string MoreFaults(int64_t total, size_t named) {
  return base::StrCat("has ", total, " faults; the first ", named, " are named");
}

// Notes bad fields of rows as "table[position].field": the first kMaxNamedFaults by name, the rest by their
// number. Not thread-safe.
class RowFaults {
 public:
  // Goes to a row of `table`.
  void At(std::string_view table, size_t row) {
    table_ = table;
    row_ = row;
  }

  // Returns `holds`.
  bool Require(bool holds, std::string_view field, std::string_view what) {
    if (holds) return true;
    ++total_;
    if (total_ <= kMaxNamedFaults) errors_.Add(base::StrCat(table_, "[", row_, "].", field), what);
    return false;
  }
  void RequireLeast(int64_t value, int64_t least, std::string_view field) {
    if (value < least) Require(false, field, base::StrCat("must be at least ", least));
  }
  void RequirePpm(int64_t value, std::string_view field) {
    Require(value >= 0 && value <= base::kPpm, field, "must be 0 to 1000000");
  }
  void RequirePosition(uint32_t position, size_t size, std::string_view field) {
    Require(position < size, field, "is beyond its table");
  }

  base::FieldErrors& errors() { return errors_; }

  // OK where there is none, else INVALID_ARGUMENT, ending with how many there are where not all are named.
  absl::Status ToStatus() {
    if (total_ > static_cast<int64_t>(kMaxNamedFaults)) errors_.Add("round", MoreFaults(total_, kMaxNamedFaults));
    return errors_.ToStatus();
  }

 private:
  base::FieldErrors errors_;
  int64_t total_ = 0;
  std::string_view table_;
  size_t row_ = 0;
};

}  // namespace zhuxiao::matching
