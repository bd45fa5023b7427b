#include "services/round_files/policy_file.h"

#include <array>
#include <optional>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/round_files/input_file.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace zhuxiao::round_files {
namespace {

constexpr std::string_view kFile = "policy.toml";
constexpr std::array<std::string_view, 8> kKeys = {
    "version",        "today",       "urgency",          "stall_ppm", "linkage_weight_ppm",
    "gap_weight_ppm", "tranche_ppm", "tranche_bonus_ppm"};

class Reader {
 public:
  Reader(const toml::table& table, Faults& faults) : table_(table), faults_(faults) {}

  matching::ClearingPolicy Read() {
    for (const auto& [key, value] : table_) {
      if (std::find(kKeys.begin(), kKeys.end(), key.str()) == kKeys.end()) Fault(value, key.str(), "is not known");
    }
    matching::ClearingPolicy policy;
    policy.today = static_cast<int32_t>(Integer("today", INT32_MIN, INT32_MAX));
    policy.weights.version = Version();
    policy.weights.urgency = Urgency();
    policy.weights.stall_ppm = Stall();
    policy.weights.linkage_weight_ppm = Integer("linkage_weight_ppm", 0, matching::kMaxWeightPpm);
    policy.weights.gap_weight_ppm = Integer("gap_weight_ppm", 0, matching::kMaxWeightPpm);
    policy.weights.tranche_ppm = Integer("tranche_ppm", 0, matching::kMaxWeightPpm);
    policy.weights.tranche_bonus_ppm = Integer("tranche_bonus_ppm", 0, matching::kMaxWeightPpm);
    return policy;
  }

 private:
  std::string Version() {
    const toml::node* const node = table_.get("version");
    if (node == nullptr) return "file";
    if (!node->is_string()) Fault(*node, "version", "must be a text");
    return node->value_or(std::string("file"));
  }

  std::vector<int64_t> Stall() {
    std::vector<int64_t> weights;
    const toml::node* const node = Find("stall_ppm");
    if (node == nullptr) return weights;
    if (!node->is_array()) Fault(*node, "stall_ppm", "must be an array");
    for (const std::optional<int64_t>& ppm : Integers(node->as_array())) {
      if (!ppm) Fault(*node, "stall_ppm", "must hold whole numbers alone");
      weights.push_back(ppm.value_or(0));
    }
    return weights;
  }

  void Fault(const toml::node& node, std::string_view key, std::string_view what) {
    faults_.Add(kFile, node.source().begin.line, key, what);
  }

  int64_t Integer(std::string_view key, int64_t least, int64_t most) {
    const toml::node* node = Find(key);
    if (node == nullptr) return least;
    const auto value = node->value_exact<int64_t>();
    if (value && *value >= least && *value <= most) return *value;
    Fault(*node, key, base::StrCat("must be a whole number from ", least, " to ", most));
    return least;
  }

  const toml::node* Find(std::string_view key) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) faults_.Add(kFile, 0, key, "is missing");
    return node;
  }

  // The integers of an array; nullopt in place of what is none.
  static std::vector<std::optional<int64_t>> Integers(const toml::array* array) {
    std::vector<std::optional<int64_t>> integers;
    if (array == nullptr) return integers;
    for (const toml::node& element : *array) integers.push_back(element.value_exact<int64_t>());
    return integers;
  }

  std::vector<matching::UrgencyRow> Urgency() {
    std::vector<matching::UrgencyRow> rows;
    const toml::node* node = Find("urgency");
    if (node == nullptr) return rows;
    if (!node->is_array()) {
      Fault(*node, "urgency", "must be an array of [days, ppm]");
      return rows;
    }
    for (const toml::node& element : *node->as_array()) {
      const auto pair = Integers(element.as_array());
      const bool is_row = pair.size() == 2 && pair[0] && pair[1] && *pair[0] >= INT32_MIN && *pair[0] <= INT32_MAX;
      if (is_row) {
        rows.push_back({static_cast<int32_t>(*pair[0]), *pair[1]});
      } else {
        Fault(element, "urgency", "each row must be [days, ppm]");
      }
    }
    return rows;
  }

  const toml::table& table_;
  Faults& faults_;
};

}  // namespace

matching::ClearingPolicy ReadPolicy(const std::string& dir, Faults& faults) {
  const std::string path = base::StrCat(dir, "/", kFile);
  const absl::StatusOr<std::string> text = ReadText(path);
  if (!text.ok()) {
    faults.Add(kFile, 0, "", std::string(text.status().message()));
    return {};
  }
  const toml::parse_result parsed = toml::parse(std::string_view(*text));
  if (!parsed) {
    faults.Add(kFile, parsed.error().source().begin.line, "",
               base::StrCat("is no TOML: ", parsed.error().description()));
    return {};
  }
  const matching::ClearingPolicy policy = Reader(parsed.table(), faults).Read();
  // A table that is missing, or not one, has been named already.
  const bool has_tables = !policy.weights.urgency.empty() && !policy.weights.stall_ppm.empty();
  if (!faults.empty() && !has_tables) return policy;
  base::FieldErrors errors;
  errors.Absorb(matching::Validate(policy.weights));
  for (const auto& [field, what] : errors.violations()) {
    const std::string_view key = std::string_view(field).substr(field.find('.') + 1);
    const toml::node* const node = parsed.table().get(key);
    faults.Add(kFile, node == nullptr ? 0 : node->source().begin.line, key, what);
  }
  return policy;
}

std::string FormatPolicy(const matching::ClearingPolicy& policy) {
  const matching::MatchPolicy& weights = policy.weights;
  std::string text = base::StrCat("version = \"", weights.version, "\"\ntoday = ", policy.today, "\nurgency = [");
  const char* separator = "";
  for (const matching::UrgencyRow& row : weights.urgency) {
    base::StrAppend(&text, separator, "[", row.days, ", ", row.ppm, "]");
    separator = ", ";
  }
  text += "]\nstall_ppm = [";
  separator = "";
  for (const int64_t ppm : weights.stall_ppm) {
    base::StrAppend(&text, separator, ppm);
    separator = ", ";
  }
  base::StrAppend(&text, "]\nlinkage_weight_ppm = ", weights.linkage_weight_ppm,
                  "\ngap_weight_ppm = ", weights.gap_weight_ppm, "\ntranche_ppm = ", weights.tranche_ppm,
                  "\ntranche_bonus_ppm = ", weights.tranche_bonus_ppm, "\n");
  return text;
}

}  // namespace zhuxiao::round_files
