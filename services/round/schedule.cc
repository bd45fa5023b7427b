#include "services/round/schedule.h"

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/round/schedule_data.h"

namespace zhuxiao::round {
namespace {

constexpr std::string_view kHeader = "time,late_minutes";
constexpr int kDayMinutes = 24 * 60;

// Minutes since midnight of "09:30", or -1.
int MinutesOf(std::string_view text) {
  int hours = 0;
  int minutes = 0;
  const bool is_time = text.size() == 5 && text[2] == ':' && absl::SimpleAtoi(base::View(text.substr(0, 2)), &hours) &&
                       absl::SimpleAtoi(base::View(text.substr(3)), &minutes) && hours >= 0 && hours < 24 &&
                       minutes >= 0 && minutes < 60;
  return is_time ? hours * 60 + minutes : -1;
}

}  // namespace

absl::StatusOr<std::vector<ScheduleRow>> ParseSchedule(std::string_view csv) {
  base::FieldErrors errors;
  std::vector<ScheduleRow> rows;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(base::View(csv), '\n')) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const std::string_view text(line.data(), line.size());
    const std::string place = base::StrCat("line ", number);
    if (number == 1) {
      errors.Require(text == kHeader, place, "must be the header time,late_minutes");
      continue;
    }
    if (text.empty()) continue;
    const size_t comma = text.find(',');
    const int time = MinutesOf(text.substr(0, comma));
    int late = -1;
    const bool is_late = comma != std::string_view::npos &&
                         absl::SimpleAtoi(base::View(text.substr(comma + 1)), &late) && late >= 0 &&
                         late <= kDayMinutes;
    errors.Require(time >= 0, place, "time must be 00:00 to 23:59");
    errors.Require(is_late, place, "late_minutes must be 0 to 1440");
    rows.push_back({.time_of_day = absl::Minutes(time), .late = absl::Minutes(late)});
  }
  errors.Require(rows.size() <= kMaxScheduleRows, "rows", "must be at most 24");
  if (!errors.empty()) return errors.ToStatus();
  return rows;
}

const std::vector<ScheduleRow>& DefaultSchedule() {
  static const auto& schedule = *[] {
    auto parsed = ParseSchedule(kScheduleCsv);
    if (!parsed.ok()) std::abort();
    return new std::vector<ScheduleRow>(*std::move(parsed));
  }();
  return schedule;
}

std::optional<absl::Time> DueSlot(const std::vector<ScheduleRow>& schedule, absl::Time now) {
  std::optional<absl::Time> due;
  const base::Day today = base::DayOf(now);
  for (const base::Day day : {today - 1, today}) {
    for (const ScheduleRow& row : schedule) {
      const absl::Time slot = base::StartOfDay(day) + row.time_of_day;
      if (slot <= now && now <= slot + row.late && (!due || slot > *due)) due = slot;
    }
  }
  return due;
}

}  // namespace zhuxiao::round
