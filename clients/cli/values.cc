// Values as people type them.
#include "clients/cli/values.h"

#include <array>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "services/base/clock.h"
#include "services/base/money.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

struct Unit {
  std::string_view name;
  int64_t base;
  bool is_weight;
};

constexpr std::array kUnits = {
    Unit{"g", 1, true},          Unit{"kg", 1'000, true},   Unit{"jin", 500, true},    Unit{"t", 1'000'000, true},
    Unit{"克", 1, true},         Unit{"公斤", 1'000, true}, Unit{"千克", 1'000, true}, Unit{"斤", 500, true},
    Unit{"吨", 1'000'000, true}, Unit{"head", 1, false},    Unit{"piece", 1, false},   Unit{"头", 1, false},
    Unit{"只", 1, false},        Unit{"枚", 1, false},      Unit{"个", 1, false},
};

// No unit is larger than a tonne of 10^6 grams, so more decimals could never be a whole number of base units.
constexpr size_t kMaxDecimals = 6;

// digits[.digits] times `scale`, or nullopt where that is no whole number or outside int64.
std::optional<int64_t> ScaleDecimal(std::string_view text, int64_t scale) {
  const size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  const std::string_view decimals = dot == std::string_view::npos ? "" : text.substr(dot + 1);
  if (whole.empty() || (dot != std::string_view::npos && decimals.empty()) || decimals.size() > kMaxDecimals) return {};
  std::string digits(whole);
  digits += decimals;
  for (const char c : digits) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return {};
  }
  int64_t value = 0;
  if (!absl::SimpleAtoi(digits, &value)) return {};
  const auto scaled = base::CheckedMul(value, scale);
  if (!scaled) return {};
  int64_t divisor = 1;
  for (size_t i = 0; i < decimals.size(); ++i) divisor *= 10;
  if (*scaled % divisor != 0) return {};
  return *scaled / divisor;
}

absl::StatusOr<Quantity> ParseUnits(std::string_view text, bool weight_only) {
  const size_t end = text.find_first_not_of("0123456789.");
  const std::string_view unit = end == std::string_view::npos ? "" : text.substr(end);
  for (const Unit& known : kUnits) {
    if (known.name != unit || (weight_only && !known.is_weight)) continue;
    const auto value = ScaleDecimal(text.substr(0, end), known.base);
    if (value && *value <= base::kMaxQuantityBase) return Quantity{.base = *value, .is_weight = known.is_weight};
    return absl::InvalidArgumentError(
        base::View("must be a whole number of grams or pieces, at most " + std::to_string(base::kMaxQuantityBase)));
  }
  return absl::InvalidArgumentError(weight_only
                                        ? "must end in a unit of weight: g, kg, jin, t (克 公斤 斤 吨)"
                                        : "must end in a unit: g, kg, jin, t, head, piece (克 公斤 斤 吨 头 枚)");
}

}  // namespace

absl::StatusOr<Quantity> ParseQuantity(std::string_view text) { return ParseUnits(text, false); }

absl::StatusOr<int64_t> ParseWeight(std::string_view text) {
  const auto quantity = ParseUnits(text, true);
  if (!quantity.ok()) return quantity.status();
  return quantity->base;
}

absl::StatusOr<int64_t> ParseRate(std::string_view text, int64_t whole) {
  const bool is_percent = !text.empty() && text.back() == '%';
  const auto parts = is_percent ? ScaleDecimal(text.substr(0, text.size() - 1), whole / 100) : ScaleDecimal(text, 1);
  if (parts) return *parts;
  return absl::InvalidArgumentError(
      base::View("must be a percentage such as 5%, or a whole number of parts of " + std::to_string(whole)));
}

absl::StatusOr<absl::Time> ParseTime(std::string_view text, bool is_end) {
  if (const auto day = base::ParseDay(text); day.ok()) {
    return is_end ? base::StartOfDay(*day + 1) - absl::Seconds(1) : base::StartOfDay(*day);
  }
  absl::Time time;
  std::string ignored;
  if (absl::ParseTime(absl::RFC3339_full, base::View(text), &time, &ignored)) return time;
  return absl::InvalidArgumentError("must be a day YYYY-MM-DD (Asia/Shanghai) or a time such as 2020-03-01T08:00:00Z");
}

absl::StatusOr<int64_t> ParseInteger(std::string_view text) {
  int64_t value = 0;
  if (absl::SimpleAtoi(base::View(text), &value)) return value;
  return absl::InvalidArgumentError("must be a whole number");
}

std::string FormatGrams(int64_t grams) {
  std::string text = absl::StrFormat("%d.%03d", grams / 1000, grams % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + " kg";
}

std::string FormatRate(int64_t parts, int64_t whole) {
  const int64_t one_percent = whole / 100;
  std::string text = absl::StrFormat("%d", parts / one_percent);
  if (int64_t rest = parts % one_percent; rest != 0) {
    std::string decimals = std::to_string(one_percent + rest).substr(1);
    decimals.erase(decimals.find_last_not_of('0') + 1);
    text += "." + decimals;
  }
  return text + "%";
}

std::string ShowTime(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M", time, base::Shanghai()); }

}  // namespace zhuxiao::cli
