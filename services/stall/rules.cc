#include "services/stall/rules.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/base/money.h"
#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/stall/detection_data.h"
#include "services/stall/duty_data.h"
#include "services/stall/raising_data.h"
#include "services/stall/warning_data.h"

namespace zhuxiao::stall {
namespace {

constexpr size_t kPlaceCells = 3;  // valid_from, valid_to, region_code

// The cells of one row after the place, with what is wrong about them.
class Cells {
 public:
  explicit Cells(std::vector<std::string> cells) : cells_(std::move(cells)) {}

  // A whole number from 0 to `max`.
  int64_t Number(size_t i, int64_t max) {
    int64_t number = 0;
    if (!absl::SimpleAtoi(cells_[i], &number) || number < 0 || number > max) is_good_ = false;
    return number;
  }
  listing::v1::StallLevel Level(size_t i) {
    listing::v1::StallLevel level = listing::v1::STALL_LEVEL_UNSPECIFIED;
    const std::string name = "STALL_LEVEL_" + absl::AsciiStrToUpper(cells_[i]);
    if (!listing::v1::StallLevel_Parse(name, &level) || level == listing::v1::STALL_LEVEL_UNSPECIFIED) is_good_ = false;
    return level;
  }
  const std::string& Text(size_t i) {
    if (cells_[i].empty()) is_good_ = false;
    return cells_[i];
  }
  bool is_good() const { return is_good_; }

 private:
  std::vector<std::string> cells_;
  bool is_good_ = true;
};

template <typename Rule>
bool ReadPlace(const std::vector<std::string>& cells, Ruled<Rule>& row) {
  const auto from = base::ParseDay(cells[0]);
  const auto to = cells[1].empty() ? absl::StatusOr<base::Day>(INT32_MAX) : base::ParseDay(cells[1]);
  if (!from.ok() || !to.ok() || *to < *from || (!cells[2].empty() && !base::LevelOf(cells[2]))) return false;
  row.valid_from = *from;
  row.valid_to = *to;
  row.region = cells[2];
  return true;
}

// Reads rows of `width` cells after the place; the last may contain commas.
template <typename Rule>
std::vector<Ruled<Rule>> ReadTable(std::string_view name, std::string_view csv, size_t width,
                                   const std::function<Rule(Cells&)>& read, std::vector<std::string>& wrong) {
  std::vector<Ruled<Rule>> table;
  int line_number = 0;
  for (absl::string_view line : absl::StrSplit(base::View(csv), '\n')) {
    if (++line_number == 1 || line.empty()) continue;
    std::vector<std::string> cells =
        absl::StrSplit(line, absl::MaxSplits(',', static_cast<int>(kPlaceCells + width) - 1));
    Ruled<Rule> row;
    bool is_good = cells.size() == kPlaceCells + width && ReadPlace(cells, row);
    if (is_good) {
      Cells rest({cells.begin() + kPlaceCells, cells.end()});
      row.rule = read(rest);
      is_good = rest.is_good();
    }
    if (is_good) {
      table.push_back(std::move(row));
    } else {
      wrong.push_back(base::StrCat(name, ": line ", line_number, " is not a rule: ", line));
    }
  }
  return table;
}

v1::StallRaisingRule ReadRaising(Cells& cells) {
  v1::StallRaisingRule rule;
  rule.set_level(cells.Level(0));
  rule.mutable_min_value()->set_amount_fen(cells.Number(1, base::kMaxAmountFen));
  rule.set_max_days_left(static_cast<int32_t>(cells.Number(2, INT32_MAX)));
  rule.set_min_households(static_cast<int32_t>(cells.Number(3, INT32_MAX)));
  rule.set_source(cells.Text(4));
  return rule;
}

v1::StallDetectionRule ReadDetection(Cells& cells) {
  // What sell_through.h remembers is the longest window a rule may ask for.
  constexpr int64_t kMaxWindowDays = 30;
  v1::StallDetectionRule rule;
  rule.set_window_days(static_cast<int32_t>(std::max<int64_t>(1, cells.Number(0, kMaxWindowDays))));
  rule.set_min_age_days(static_cast<int32_t>(cells.Number(1, INT32_MAX)));
  rule.mutable_min_value()->set_amount_fen(cells.Number(2, base::kMaxAmountFen));
  rule.set_cover_ppm(cells.Number(3, 100 * base::kPpm));
  rule.set_repeat_days(static_cast<int32_t>(cells.Number(4, INT32_MAX)));
  rule.set_cleared_ppm(cells.Number(5, base::kPpm));
  rule.set_source(cells.Text(6));
  return rule;
}

v1::StallWarningRule ReadWarning(Cells& cells) {
  v1::StallWarningRule rule;
  rule.mutable_household_line()->set_amount_fen(cells.Number(0, base::kMaxAmountFen));
  rule.set_level(cells.Level(1));
  rule.set_source(cells.Text(2));
  return rule;
}

// The rows of the version that holds: of the smallest region, then of the newest day.
template <typename Rule>
std::vector<const Rule*> Holding(const std::vector<Ruled<Rule>>& table, std::string_view region, base::Day day) {
  const auto holds = [&](const Ruled<Rule>& row) {
    return row.valid_from <= day && day <= row.valid_to && base::IsInside(region, row.region);
  };
  std::optional<std::pair<size_t, base::Day>> best;
  for (const auto& row : table) {
    if (holds(row)) best = std::max(best, std::optional(std::pair(row.region.size(), row.valid_from)));
  }
  std::vector<const Rule*> rules;
  for (const auto& row : table) {
    if (best && holds(row) && std::pair(row.region.size(), row.valid_from) == *best) rules.push_back(&row.rule);
  }
  return rules;
}

}  // namespace

absl::StatusOr<Rules> ParseRules(std::string_view raising_csv, std::string_view detection_csv,
                                 std::string_view warning_csv, std::string_view duty_csv) {
  std::vector<std::string> wrong;
  Rules rules;
  rules.raising = ReadTable<v1::StallRaisingRule>("raising", raising_csv, 5, ReadRaising, wrong);
  rules.detection = ReadTable<v1::StallDetectionRule>("detection", detection_csv, 7, ReadDetection, wrong);
  rules.warning = ReadTable<v1::StallWarningRule>("warning", warning_csv, 3, ReadWarning, wrong);
  rules.duty = ReadTable<DutyRow>(
      "duty", duty_csv, 3,
      [](Cells& cells) {
        return DutyRow{cells.Text(0), {.zh = cells.Text(1), .en = cells.Text(2)}};
      },
      wrong);
  if (!wrong.empty()) return absl::InvalidArgumentError(base::View(absl::StrJoin(wrong, "\n")));
  std::stable_sort(rules.raising.begin(), rules.raising.end(),
                   [](const auto& a, const auto& b) { return a.rule.level() < b.rule.level(); });
  return rules;
}

const Rules& ShippedRules() {
  static const auto* const rules = [] {
    auto parsed = ParseRules(kRaisingCsv, kDetectionCsv, kWarningCsv, kDutyCsv);
    if (!parsed.ok()) {
      std::fprintf(stderr, "%s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return new Rules(*std::move(parsed));
  }();
  return *rules;
}

v1::GetStallRulesResponse RulesFor(const Rules& rules, std::string_view region_code, base::Day day) {
  v1::GetStallRulesResponse response;
  for (const auto* rule : Holding(rules.raising, region_code, day)) *response.add_raising_rules() = *rule;
  for (const auto* rule : Holding(rules.detection, region_code, day)) *response.mutable_detection_rule() = *rule;
  for (const auto* rule : Holding(rules.warning, region_code, day)) *response.mutable_warning_rule() = *rule;
  return response;
}

DutyOffice DutyOfficeFor(const Rules& rules, std::string_view region_code, std::string_view commodity_code,
                         base::Day day) {
  DutyOffice other;
  for (const DutyRow* row : Holding(rules.duty, region_code, day)) {
    if (row->commodity == commodity_code) return row->office;
    if (row->commodity == "*") other = row->office;
  }
  return other;
}

}  // namespace zhuxiao::stall
