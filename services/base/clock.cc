#include "services/base/clock.h"

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "services/base/strings.h"

namespace zhuxiao::base {
namespace {

constexpr int kShanghaiOffsetSeconds = 8 * 3600;
constexpr int64_t kSecondsPerDay = 86'400;
const absl::CivilDay kEpochDay(1970, 1, 1);
constexpr int64_t kFirstUsableSecond = 946'684'800;   // 2000-01-01T00:00:00Z
constexpr int64_t kLastUsableSecond = 4'102'444'800;  // 2100-01-01T00:00:00Z

}  // namespace

absl::TimeZone Shanghai() {
  static const absl::TimeZone zone = absl::FixedTimeZone(kShanghaiOffsetSeconds);  // made by name, under a lock
  return zone;
}

Day DayOf(absl::Time time) {
  const int64_t local = absl::ToUnixSeconds(time) + kShanghaiOffsetSeconds;
  const int64_t day = local / kSecondsPerDay - (local % kSecondsPerDay < 0 ? 1 : 0);
  return static_cast<Day>(day);
}

int YearOf(absl::Time time) { return static_cast<int>(absl::ToCivilYear(time, Shanghai()).year()); }

absl::Time StartOfDay(Day day) {
  return absl::FromUnixSeconds(static_cast<int64_t>(day) * kSecondsPerDay - kShanghaiOffsetSeconds);
}

absl::Time StartOfYear(int year) { return absl::FromCivil(absl::CivilYear(year), Shanghai()); }

std::string FormatDay(Day day) {
  const absl::CivilDay civil = kEpochDay + day;
  // Abseil goes by way of a time and a zone, for every order anew.
  if (civil.year() < 1'000 || civil.year() > 9'999) return absl::FormatCivilTime(civil);
  std::string text = "0000-00-00";
  const auto put = [&text](size_t end, int64_t number) {
    for (; number > 0; number /= 10) text[--end] = static_cast<char>('0' + number % 10);
  };
  put(4, civil.year());
  put(7, civil.month());
  put(10, civil.day());
  return text;
}

absl::StatusOr<Day> ParseDay(std::string_view text) {
  absl::CivilDay day;
  // Abseil takes blanks, signs and short numbers too, so what it read is compared with what was written.
  const bool is_day = text.size() == 10 && absl::ParseCivilTime(View(text), &day) && day.year() >= 0 &&
                      absl::FormatCivilTime(day) == View(text);
  if (!is_day) {
    return absl::InvalidArgumentError(StrCat("not a day as YYYY-MM-DD: ", text));
  }
  return static_cast<Day>(day - kEpochDay);
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  timestamp.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(timestamp.seconds()))));
  return timestamp;
}

absl::Time FromProto(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

bool IsUsable(const google::protobuf::Timestamp& timestamp) {
  return timestamp.seconds() >= kFirstUsableSecond && timestamp.seconds() <= kLastUsableSecond &&
         timestamp.nanos() >= 0 && timestamp.nanos() < 1'000'000'000;
}

}  // namespace zhuxiao::base
