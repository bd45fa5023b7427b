// The rules of stall cases: tables by region and day (services/stall/data/*.csv), never constants in code. Of the rows
// that hold on the day, those of the smallest region that contains the place count, and of these the newest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/base/clock.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao::stall {

// The office on duty for goods.
struct DutyOffice {
  std::string zh;
  std::string en;
};

// A row with where and when it holds.
template <typename Rule>
struct Ruled {
  base::Day valid_from = 0;
  base::Day valid_to = INT32_MAX;  // inclusive
  std::string region;
  Rule rule;
};

struct DutyRow {
  std::string commodity;  // "*" is every other
  DutyOffice office;
};

// All rules. Immutable after Parse; thread-safe.
struct Rules {
  std::vector<Ruled<v1::StallRaisingRule>> raising;
  std::vector<Ruled<v1::StallDetectionRule>> detection;
  std::vector<Ruled<v1::StallWarningRule>> warning;
  std::vector<Ruled<DutyRow>> duty;
};

// Reads the four tables. INVALID_ARGUMENT names every bad row of every table at once.
absl::StatusOr<Rules> ParseRules(std::string_view raising_csv, std::string_view detection_csv,
                                 std::string_view warning_csv, std::string_view duty_csv);

// The rules that ship with the product. Thread-safe.
const Rules& ShippedRules();

// What holds in `region_code` on `day`. Raising rules come by level. A table without a row that holds gives none.
v1::GetStallRulesResponse RulesFor(const Rules& rules, std::string_view region_code, base::Day day);

// The office on duty; both names empty where no row holds.
DutyOffice DutyOfficeFor(const Rules& rules, std::string_view region_code, std::string_view commodity_code,
                         base::Day day);

}  // namespace zhuxiao::stall
