// Counter rows in their stored form and the checked addition on them.
#include "services/store/counter.h"

#include <algorithm>
#include <bit>

#include "services/base/errors.h"
#include "services/base/money.h"

namespace zhuxiao::store {

static_assert(std::endian::native == std::endian::little, "counter rows are copied to and from memory as they are");

bool ParseCounter(std::string_view value, CounterFields& fields) {
  fields.fill(0);
  if (value.size() % sizeof(int64_t) != 0 || value.size() > sizeof(fields)) return false;
  // Unlike memcpy, it takes the null pointer of a row that is not there.
  value.copy(reinterpret_cast<char*>(fields.data()), value.size());
  return true;
}

std::string FormatCounter(const CounterFields& fields) {
  size_t count = fields.size();
  while (count > 0 && fields[count - 1] == 0) --count;
  return std::string(reinterpret_cast<const char*>(fields.data()), count * sizeof(int64_t));
}

AddOutcome ApplyAdd(const Transaction::AddOperation& add, CounterFields& fields) {
  const std::optional<int64_t> sum = base::CheckedAdd(fields[add.field], add.delta);
  if (!sum.has_value()) {
    const bool is_bounded = add.delta > 0 ? add.bounds.max != INT64_MAX : add.bounds.min != INT64_MIN;
    return is_bounded ? AddOutcome::kOutOfBounds : AddOutcome::kOverflow;
  }
  if (*sum < add.bounds.min || *sum > add.bounds.max) return AddOutcome::kOutOfBounds;
  fields[add.field] = *sum;
  return AddOutcome::kApplied;
}

std::string EncodeCounter(const std::vector<int64_t>& fields) {
  CounterFields row{};
  std::copy_n(fields.begin(), std::min(fields.size(), row.size()), row.begin());
  return FormatCounter(row);
}

absl::StatusOr<std::vector<int64_t>> DecodeCounter(std::string_view value) {
  CounterFields row;
  if (!ParseCounter(value, row)) return base::DataLoss("a row read as a counter is none");
  return std::vector<int64_t>(row.begin(), row.end());
}

}  // namespace zhuxiao::store
