// Exact integer arithmetic for money (fen), quantities (base units) and rates (basis points, ppm).
// Nothing here wraps: a result outside int64 is reported, never stored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace zhuxiao::base {

inline constexpr int64_t kFenPerYuan = 100;
inline constexpr int64_t kPpm = 1'000'000;
inline constexpr int64_t kBasisPoints = 10'000;

// The largest amount any single field may carry: 10^15 fen (10 trillion yuan, eighty times the yearly turnover
// of all farm products of the country), so that sums of thousands of such fields stay far inside int64.
inline constexpr int64_t kMaxAmountFen = 1'000'000'000'000'000;

// The largest quantity any single field may carry, in base units: 10^13 g is ten million tonnes.
inline constexpr int64_t kMaxQuantityBase = 10'000'000'000'000;

// a + b, a - b, a * b, or nullopt where the exact result is outside int64.
std::optional<int64_t> CheckedAdd(int64_t a, int64_t b);
std::optional<int64_t> CheckedSub(int64_t a, int64_t b);
std::optional<int64_t> CheckedMul(int64_t a, int64_t b);

// floor(a * b / c) with a 128-bit product; nullopt where the result is outside int64. Requires c > 0.
std::optional<int64_t> MulDivFloor(int64_t a, int64_t b, int64_t c);

// a * b / c rounded to the nearest integer, halves away from zero. Requires c > 0.
std::optional<int64_t> MulDivHalfUp(int64_t a, int64_t b, int64_t c);

// Splits `total` (>= 0) by `weights` (each >= 0, at least one > 0) with the largest-remainder method (Hamilton):
// each share is floor or ceiling of its exact part, the shares sum to `total`, and ties of remainders go to the
// lower index. Returns an empty vector where all weights are 0.
std::vector<int64_t> SplitByLargestRemainder(int64_t total, const std::vector<int64_t>& weights);

// "1234.05" for 123405. Negative amounts carry a leading '-'.
std::string FormatYuan(int64_t amount_fen);

// The inverse: digits with at most two decimals, an optional leading '-', no blanks, no exponent.
// INVALID_ARGUMENT for anything else or an amount beyond kMaxAmountFen.
absl::StatusOr<int64_t> ParseYuan(std::string_view text);

}  // namespace zhuxiao::base
