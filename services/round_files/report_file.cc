#include "services/round_files/report_file.h"

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "absl/strings/str_format.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/round_files/input_file.h"

namespace zhuxiao::round_files {
namespace {

using Json = nlohmann::json;

// The report's members, or null with an error. One that stands twice is an error: readers differ in which they take.
Json ParseReport(const std::string& text, base::FieldErrors& errors) {
  std::set<std::string> known;
  const auto notice = [&](int depth, Json::parse_event_t event, const Json& parsed) {
    if (event == Json::parse_event_t::key && depth == 1 && !known.insert(parsed.get<std::string>()).second) {
      errors.Add(base::StrCat(kReportFile, ":", parsed.get<std::string>()), "stands twice");
    }
    return true;
  };
  Json json = Json::parse(text, notice, /*allow_exceptions=*/false);
  if (!json.is_object()) errors.Add(kReportFile, "must be one JSON object");
  return json.is_object() ? json : Json::object();
}

int64_t IntegerOf(const Json& json, const char* name, base::FieldErrors& errors) {
  const auto member = json.find(name);
  // A whole number above int64's greatest is one without a sign.
  const bool is_whole = member != json.end() && member->is_number_integer() &&
                        (!member->is_number_unsigned() || member->get<uint64_t>() <= INT64_MAX);
  errors.Require(is_whole, base::StrCat(kReportFile, ":", name), "must be a whole number");
  return is_whole ? member->get<int64_t>() : 0;
}

std::string TextOf(const Json& json, const char* name, base::FieldErrors& errors) {
  const auto member = json.find(name);
  const bool is_text = member != json.end() && member->is_string();
  errors.Require(is_text, base::StrCat(kReportFile, ":", name), "must be a text");
  return is_text ? member->get<std::string>() : "";
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
  const absl::StatusOr<std::string> text = ReadText(base::StrCat(dir, "/", kReportFile));
  base::FieldErrors errors;
  if (absl::IsNotFound(text.status())) {
    errors.Add(kReportFile, "is missing: what came out is not whole");
  } else if (!text.ok()) {
    errors.Add(kReportFile, std::string(text.status().message()));
  } else if (text->empty()) {
    errors.Add(kReportFile, "is empty");
  }
  if (!errors.empty()) return errors.ToStatus();
  const Json json = ParseReport(*text, errors);
  if (!errors.empty()) return errors.ToStatus();
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
