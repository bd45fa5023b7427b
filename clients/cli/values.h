// Values as people type them: quantities with their unit, rates, times, whole numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zhuxiao::cli {

// A quantity in base units, and of which kind they are.
struct Quantity {
  int64_t base = 0;
  bool is_weight = false;  // grams; else pieces
};

// "10000jin", "2.5kg", "2t", "500g", "60head", "30piece", or with 斤 公斤 千克 吨 克 头 只 枚 个: grams for weights and
// pieces otherwise. INVALID_ARGUMENT where the unit is missing or unknown, the result is no whole number of base units,
// is negative or beyond base::kMaxQuantityBase.
absl::StatusOr<Quantity> ParseQuantity(std::string_view text);

// The same, for weights only: "560kg" in grams. INVALID_ARGUMENT for pieces.
absl::StatusOr<int64_t> ParseWeight(std::string_view text);

// A rate in parts of `whole` (10,000 for basis points, 10^6 for ppm): "5%", "2.5%", or a plain number of parts.
// INVALID_ARGUMENT where it is no whole number of parts.
absl::StatusOr<int64_t> ParseRate(std::string_view text, int64_t whole);

// "2020-03-01" (a day of Asia/Shanghai: its first instant, or its last second where `is_end`) or RFC 3339.
absl::StatusOr<absl::Time> ParseTime(std::string_view text, bool is_end);

// A whole number of int64.
absl::StatusOr<int64_t> ParseInteger(std::string_view text);

// "5000 kg" or "12.5 kg" for grams; "60" for pieces.
std::string FormatGrams(int64_t grams);

// "5%" or "2.25%" for parts of `whole`.
std::string FormatRate(int64_t parts, int64_t whole);

// "2020-03-01 08:30" in Asia/Shanghai.
std::string ShowTime(absl::Time time);

}  // namespace zhuxiao::cli
