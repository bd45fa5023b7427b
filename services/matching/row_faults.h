// Collects what is wrong with the rows of a round.
#pragma once

#include <cstdint>
#include <string_view>

#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/matching/clear.h"

namespace zhuxiao::matching {

// Notes bad fields of rows as "table[position].field", up to kMaxNamedFaults. Not thread-safe.
class RowFaults {
 public:
  // Goes to a row of `table`.
  void At(std::string_view table, size_t row) {
    table_ = table;
    row_ = row;
  }

  // Returns `holds`.
  bool Require(bool holds, std::string_view field, std::string_view what) {
    if (!holds && !IsFull()) errors_.Add(base::StrCat(table_, "[", row_, "].", field), what);
    return holds;
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

  bool IsFull() const { return errors_.violations().size() >= kMaxNamedFaults; }
  base::FieldErrors& errors() { return errors_; }

 private:
  base::FieldErrors errors_;
  std::string_view table_;
  size_t row_ = 0;
};

}  // namespace zhuxiao::matching
