// Time as the product knows it: instants from an injected clock, and days and years of Asia/Shanghai.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace zhuxiao::base {

// Tells the time. Implementations are thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// China keeps UTC+8 the whole year, everywhere; a fixed offset needs no zone database on the machine.
absl::TimeZone Shanghai();

// A day of the calendar of Asia/Shanghai as the number of days since 1970-01-01 (which is day 0).
using Day = int32_t;

// The day, and the calendar year, on which `time` falls in Asia/Shanghai.
Day DayOf(absl::Time time);
int YearOf(absl::Time time);

// The first instant of a day, and of a year, in Asia/Shanghai.
absl::Time StartOfDay(Day day);
absl::Time StartOfYear(int year);

// "2020-02-29" and back; INVALID_ARGUMENT where `text` is not a day of the calendar.
std::string FormatDay(Day day);
absl::StatusOr<Day> ParseDay(std::string_view text);

// Conversions of protobuf timestamps. Precision is the nanosecond.
google::protobuf::Timestamp ToProto(absl::Time time);
absl::Time FromProto(const google::protobuf::Timestamp& timestamp);

// True where the timestamp lies inside 2000-01-01 .. 2100-01-01 and its nanos inside [0, 10^9): the range the
// product accepts from outside, so that day arithmetic can never overflow.
bool IsUsable(const google::protobuf::Timestamp& timestamp);

}  // namespace zhuxiao::base
