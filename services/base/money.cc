#include "services/base/money.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "services/base/strings.h"

namespace zhuxiao::base {
namespace {

__extension__ using Int128 = __int128;

std::optional<int64_t> Narrow(Int128 value) {
  if (value > std::numeric_limits<int64_t>::max() || value < std::numeric_limits<int64_t>::min()) return std::nullopt;
  return static_cast<int64_t>(value);
}

}  // namespace

std::optional<int64_t> CheckedAdd(int64_t a, int64_t b) {
  int64_t result;
  if (__builtin_add_overflow(a, b, &result)) return std::nullopt;
  return result;
}

std::optional<int64_t> CheckedSub(int64_t a, int64_t b) {
  int64_t result;
  if (__builtin_sub_overflow(a, b, &result)) return std::nullopt;
  return result;
}

std::optional<int64_t> CheckedMul(int64_t a, int64_t b) {
  int64_t result;
  if (__builtin_mul_overflow(a, b, &result)) return std::nullopt;
  return result;
}

std::optional<int64_t> MulDivFloor(int64_t a, int64_t b, int64_t c) {
  const Int128 product = static_cast<Int128>(a) * b;
  Int128 quotient = product / c;
  if (product % c < 0) --quotient;
  return Narrow(quotient);
}

std::optional<int64_t> MulDivHalfUp(int64_t a, int64_t b, int64_t c) {
  const Int128 product = static_cast<Int128>(a) * b;
  const bool negative = product < 0;
  const Int128 magnitude = negative ? -product : product;
  // Halves are found from the remainder, so that the doubling cannot overflow 128 bits.
  Int128 quotient = magnitude / c;
  const Int128 remainder = magnitude % c;
  if (remainder >= c - remainder) ++quotient;
  return Narrow(negative ? -quotient : quotient);
}

std::vector<int64_t> SplitByLargestRemainder(int64_t total, const std::vector<int64_t>& weights) {
  Int128 weight_sum = 0;
  for (int64_t weight : weights) weight_sum += weight;
  if (weight_sum == 0) return {};

  std::vector<int64_t> shares(weights.size());
  std::vector<Int128> remainders(weights.size());
  int64_t given = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const Int128 product = static_cast<Int128>(total) * weights[i];
    shares[i] = static_cast<int64_t>(product / weight_sum);
    remainders[i] = product % weight_sum;
    given += shares[i];
  }

  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return remainders[a] > remainders[b]; });
  for (size_t k = 0; k < static_cast<size_t>(total - given); ++k) ++shares[order[k]];
  return shares;
}

std::string FormatYuan(int64_t amount_fen) {
  const uint64_t magnitude = amount_fen < 0 ? 0 - static_cast<uint64_t>(amount_fen) : static_cast<uint64_t>(amount_fen);
  return absl::StrFormat("%s%d.%02d", amount_fen < 0 ? "-" : "", magnitude / kFenPerYuan, magnitude % kFenPerYuan);
}

absl::StatusOr<int64_t> ParseYuan(std::string_view text) {
  const auto wrong = [&] {
    return absl::InvalidArgumentError(StrCat("not an amount in yuan with at most two decimals: ", text));
  };
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  const size_t dot = rest.find('.');
  std::string_view whole = rest.substr(0, dot);
  std::string_view decimals = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  if (whole.empty() || decimals.size() > 2 || (dot != std::string_view::npos && decimals.empty())) return wrong();

  int64_t fen = 0;
  std::string digits(whole);
  digits.append(decimals);
  digits.append(2 - decimals.size(), '0');
  for (char digit : digits) {
    if (digit < '0' || digit > '9') return wrong();
    fen = fen * 10 + (digit - '0');
    if (fen > kMaxAmountFen) return absl::InvalidArgumentError(StrCat("amount too large: ", text));
  }
  return negative ? -fen : fen;
}

}  // namespace zhuxiao::base
