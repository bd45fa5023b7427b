// Rows of the quota module; private to it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "services/store/keys.h"

namespace zhuxiao::quota {

inline constexpr std::string_view kQuotaTable = "quota";              // <year>/<uscc> -> Quota without spending
inline constexpr std::string_view kSpendingTable = "quota_spending";  // <year>/<uscc> -> counter

// Fields of the counter.
inline constexpr size_t kUsedField = 0;
inline constexpr size_t kSettledField = 1;

inline std::string QuotaKey(int year, std::string_view uscc) {
  return store::Key(kQuotaTable, absl::StrFormat("%04d", year), uscc);
}
inline std::string SpendingKey(int year, std::string_view uscc) {
  return store::Key(kSpendingTable, absl::StrFormat("%04d", year), uscc);
}

}  // namespace zhuxiao::quota
