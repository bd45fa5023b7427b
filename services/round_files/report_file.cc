// The JSON reader of protobuf gives numbers as doubles, which do not hold every int64; so the few members, of an object
// this program writes itself, are looked up in the text.
#include "services/round_files/report_file.h"

#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>

#include "absl/strings/str_format.h"
#include "services/base/errors.h"
#include "services/base/strings.h"

namespace zhuxiao::round_files {
namespace {

// What follows "name": in `json`, or "".
std::string_view After(std::string_view json, std::string_view name) {
  const std::string key = base::StrCat("\"", name, "\"");
  size_t at = json.find(key);
  if (at == std::string_view::npos) return {};
  at = json.find_first_not_of(" \t\r\n", at + key.size());
  if (at == std::string_view::npos || json[at] != ':') return {};
  at = json.find_first_not_of(" \t\r\n", at + 1);
  return at == std::string_view::npos ? std::string_view() : json.substr(at);
}

int64_t IntegerOf(std::string_view json, std::string_view name, base::FieldErrors& errors) {
  const std::string_view text = After(json, name);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = error == std::errc() && (end == text.data() + text.size() ||
                                                 std::string_view(".eE").find(*end) == std::string_view::npos);
  errors.Require(is_whole, base::StrCat(kReportFile, ":", name), "must be a whole number");
  return value;
}

std::string TextOf(std::string_view json, std::string_view name, base::FieldErrors& errors) {
  std::string_view text = After(json, name);
  const size_t end = text.empty() ? std::string_view::npos : text.find('"', 1);
  const bool is_text = end != std::string_view::npos && text[0] == '"';
  errors.Require(is_text, base::StrCat(kReportFile, ":", name), "must be a text");
  return is_text ? std::string(text.substr(1, end - 1)) : "";
}

}  // namespace

std::string FormatReport(const ClearingReport& report) {
  std::string seconds;
  for (const auto& [phase, duration] : report.seconds) {
    base::StrAppend(&seconds, seconds.empty() ? "" : ", ", absl::StrFormat("\"%s\": %.3f", phase, duration));
  }
  return base::StrCat("{\"welfare_fen\": ", report.welfare_fen, ", \"bound_fen\": ", report.bound_fen,
                      ", \"gap_ppm\": ", report.gap_ppm, ", \"contracts\": ", report.contracts,
                      ", \"orders_served\": ", report.orders_served, ", \"villages_served\": ", report.villages_served,
                      ", \"digest\": \"", report.digest, "\", \"seconds\": {", seconds,
                      "}, \"peak_memory_mib\": ", report.peak_memory_mib, "}\n");
}

absl::StatusOr<ClearingReport> ReadReport(const std::string& dir) {
  std::ifstream file(base::StrCat(dir, "/", kReportFile), std::ios::binary);
  const std::string json{std::istreambuf_iterator<char>(file), {}};
  base::FieldErrors errors;
  const ClearingReport report = {.welfare_fen = IntegerOf(json, "welfare_fen", errors),
                                 .bound_fen = IntegerOf(json, "bound_fen", errors),
                                 .gap_ppm = IntegerOf(json, "gap_ppm", errors),
                                 .contracts = IntegerOf(json, "contracts", errors),
                                 .orders_served = IntegerOf(json, "orders_served", errors),
                                 .villages_served = IntegerOf(json, "villages_served", errors),
                                 .digest = TextOf(json, "digest", errors),
                                 .peak_memory_mib = IntegerOf(json, "peak_memory_mib", errors)};
  if (!errors.empty()) return errors.ToStatus();
  return report;
}

}  // namespace zhuxiao::round_files
