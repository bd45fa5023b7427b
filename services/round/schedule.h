// When rounds of the whole country are held by themselves: policy data, clock times of Asia/Shanghai.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zhuxiao::round {

// A round is held every day at this time, or as soon as a server runs within `late` after it.
struct ScheduleRow {
  absl::Duration time_of_day;  // [0, 24 h)
  absl::Duration late;         // 0 .. 24 h
};

// Rounds of one day: more than one each hour leave no time for orders to come together.
inline constexpr size_t kMaxScheduleRows = 24;

// Reads CSV with the header time,late_minutes; "09:30,60" is a row. Rows may be none: no round is held by itself.
// INVALID_ARGUMENT names the line.
absl::StatusOr<std::vector<ScheduleRow>> ParseSchedule(std::string_view csv);

// The schedule that ships with the product (services/round/data/schedule.csv): twice a day, before the canteens of
// schools and barracks order for the next day.
const std::vector<ScheduleRow>& DefaultSchedule();

// The newest slot at or before `now` that may still be held, or nullopt.
std::optional<absl::Time> DueSlot(const std::vector<ScheduleRow>& schedule, absl::Time now);

}  // namespace zhuxiao::round
