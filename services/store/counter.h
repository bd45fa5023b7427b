// The arithmetic of counter rows: the one place that decodes them and applies an Add within its bounds.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "services/store/store.h"

namespace zhuxiao::store {

using CounterFields = std::array<int64_t, kMaxCounterFields>;

// Reads `value` into `fields`, padded with zeros. False where `value` is no counter row.
bool ParseCounter(std::string_view value, CounterFields& fields);
// The shortest counter row of `fields`.
std::string FormatCounter(const CounterFields& fields);

enum class AddOutcome { kApplied, kOutOfBounds, kOverflow };

// Applies `add` to `fields`, or leaves them as they are. A result outside int64 is kOutOfBounds where the bound on
// that side is a real one, and kOverflow where it is int64's own end.
AddOutcome ApplyAdd(const Transaction::AddOperation& add, CounterFields& fields);

}  // namespace zhuxiao::store
