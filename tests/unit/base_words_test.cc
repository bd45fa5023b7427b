// The words of the trade: codes, regions, distances, days, ids, text.
#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/caller.h"
#include "services/base/clock.h"
#include "services/base/digest.h"
#include "services/base/etag.h"
#include "services/base/geo.h"
#include "services/base/ids.h"
#include "services/base/region.h"
#include "services/base/text.h"
#include "services/base/uscc.h"

namespace zhuxiao::base {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// GB 32100-2015 prints 91350100M000100Y4Z as its example; by the standard's own formula the last character is 3.
TEST(UsccTest, RefusesTheStandardsMisprintedExample) {
  EXPECT_FALSE(IsValidUscc("91350100M000100Y4Z"));
  EXPECT_TRUE(IsValidUscc("91350100M000100Y43"));
  EXPECT_EQ(UsccCheckCharacter("91350100M000100Y4"), '3');
}

TEST(UsccTest, RefusesOtherLengthsAndCharacters) {
  for (const char* code : {"", "91350100M000100Y4", "91350100M000100Y433", "91350100m000100Y43", "91350100I000100Y43",
                           "9135 100M000100Y43"}) {
    EXPECT_FALSE(IsValidUscc(code)) << code;
  }
  EXPECT_FALSE(IsValidUscc(std::string(18, '\0')));
  EXPECT_EQ(UsccCheckCharacter("9135010OM00100Y4O"), '\0');
}

TEST(RegionTest, HasALevelByLength) {
  EXPECT_EQ(LevelOf("14"), RegionLevel::kProvince);
  EXPECT_EQ(LevelOf("1403"), RegionLevel::kCity);
  EXPECT_EQ(LevelOf("140321"), RegionLevel::kCounty);
  EXPECT_EQ(LevelOf("140321105"), RegionLevel::kTownship);
  EXPECT_EQ(LevelOf("140321105201"), RegionLevel::kVillage);
  for (const char* code : {"", "1", "140", "14032a", "1403211", "140321105201000"}) {
    EXPECT_EQ(LevelOf(code), std::nullopt) << code;
  }
}

constexpr char kCounties[] =
    "code,name,city,province,longitude,latitude,centroid_of\r\n"
    "141032,永和县,临汾市,山西省,110.6,36.7,county\r\n"
    "140321,平定县,阳泉市,山西省,113.8,37.8,county\n\n";

TEST(CountyTableTest, FindsCountiesOfCodesBelowThem) {
  const auto table = CountyTable::Parse(kCounties);
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ(table->counties().size(), 2);
  EXPECT_EQ(table->counties()[0].code, "140321");
  EXPECT_EQ(table->IndexOf("141032203206"), 1);
  EXPECT_EQ(table->Find("140321")->name, "平定县");
  EXPECT_EQ(table->Find("140322"), nullptr);
  EXPECT_EQ(table->Find("1403"), nullptr);
  for (const char* code : {"14", "1403", "1410", "140321", "140321105", "140321105201"}) {
    EXPECT_TRUE(table->Exists(code)) << code;
  }
  for (const char* code : {"", "15", "1404", "140322", "140322105", "14032", "140321x05"}) {
    EXPECT_FALSE(table->Exists(code)) << code;
  }
  EXPECT_EQ(table->FullName("140321105201"), "山西省 阳泉市 平定县");
  EXPECT_EQ(table->FullName("1410"), "山西省 临汾市");
  EXPECT_EQ(table->FullName("14"), "山西省");
}

TEST(CountyTableTest, NamesTheLineThatIsWrong) {
  const std::string header = "header\n";
  for (const char* row : {"140321,a,b,c,113.8", "14032,a,b,c,113.8,37.8", "140321,a,b,c,x,37.8",
                          "140321,a,b,c,181,37.8", "140321,a,b,c,113.8,-91", "140321,a,b,c,nan,37.8"}) {
    const auto table = CountyTable::Parse(header + row);
    ASSERT_FALSE(table.ok()) << row;
    EXPECT_THAT(std::string(table.status().message()), HasSubstr("line 2")) << row;
  }
  EXPECT_FALSE(CountyTable::Parse(header + "140321,a,b,c,1,1\n140321,a,b,c,1,1\n").ok());
}

TEST(CallerTest, OfficersActInsideTheirRegion) {
  const Caller county{.role = Role::ROLE_OFFICER, .region = "140321"};
  EXPECT_TRUE(county.IsOfficerOf("140321105201"));
  EXPECT_FALSE(county.IsOfficerOf("140322"));
  EXPECT_FALSE(county.IsOfficerOf("1403"));
  EXPECT_TRUE((Caller{.role = Role::ROLE_OFFICER}).IsOfficerOf("140322"));
  EXPECT_TRUE((Caller{.role = Role::ROLE_OPERATOR, .region = "11"}).IsOfficerOf("140322"));
  EXPECT_FALSE((Caller{.role = Role::ROLE_AUDITOR}).IsOfficerOf("140322"));
}

TEST(GeoTest, MeasuresKnownDistances) {
  const GeoPoint taiyuan{112.55, 37.87};
  const GeoPoint beijing{116.40, 39.90};
  EXPECT_NEAR(GreatCircleKm(taiyuan, beijing), 404, 2);
  EXPECT_EQ(GreatCircleKm(taiyuan, taiyuan), 0);
  EXPECT_NEAR(GreatCircleKm({0, 0}, {180, 0}), kEarthRadiusKm * 3.14159265358979, 1e-6);
  EXPECT_EQ(RoadKm(taiyuan, taiyuan), 10);
  EXPECT_EQ(RoadKm(taiyuan, beijing), RoadKm(beijing, taiyuan));
  EXPECT_NEAR(RoadKm(taiyuan, beijing), 535, 3);
}

TEST(GeoTest, CountsTransitDays) {
  EXPECT_EQ(TransitDays(0), 1);
  EXPECT_EQ(TransitDays(599), 1);
  EXPECT_EQ(TransitDays(600), 2);
  EXPECT_EQ(TransitDays(1'200), 3);
}

absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

TEST(ClockTest, TurnsTheYearAtFourInTheAfternoonUtc) {
  EXPECT_EQ(YearOf(Utc("2020-12-31T15:59:59.999999999Z")), 2020);
  EXPECT_EQ(YearOf(Utc("2020-12-31T16:00:00Z")), 2021);
  EXPECT_EQ(DayOf(Utc("2020-12-31T16:00:00Z")), DayOf(Utc("2020-12-31T15:59:59Z")) + 1);
  EXPECT_EQ(FormatDay(DayOf(Utc("2020-12-31T16:00:00Z"))), "2021-01-01");
  EXPECT_EQ(StartOfYear(2021), Utc("2020-12-31T16:00:00Z"));
  EXPECT_EQ(StartOfDay(DayOf(Utc("2020-03-02T04:00:00Z"))), Utc("2020-03-01T16:00:00Z"));
}

TEST(ClockTest, CountsDaysBeforeTheEpochToo) {
  EXPECT_EQ(DayOf(Utc("1969-12-31T16:00:00Z")), 0);
  EXPECT_EQ(DayOf(Utc("1969-12-31T15:59:59Z")), -1);
  EXPECT_EQ(FormatDay(-1), "1969-12-31");
  EXPECT_EQ(FormatDay(ParseDay("9999-12-31").value()), "9999-12-31");
  EXPECT_EQ(FormatDay(ParseDay("1000-01-09").value()), "1000-01-09");
}

TEST(ClockTest, ReadsDaysOfTheCalendarOnly) {
  EXPECT_EQ(FormatDay(ParseDay("2020-02-29").value()), "2020-02-29");
  for (const char* text : {"", "2021-02-29", "2020-2-29", "2020-13-01", "2020/01/01", "20200101", "2020-01-01 ",
                           " 2020-01-1", "-200-01-01", "20200-01-1", "20200-01-01"}) {
    EXPECT_FALSE(ParseDay(text).ok()) << text;
  }
}

TEST(ClockTest, ConvertsTimestampsBothWays) {
  const absl::Time time = Utc("2020-02-29T01:02:03.000000004Z");
  EXPECT_EQ(FromProto(ToProto(time)), time);
  EXPECT_EQ(ToProto(time).nanos(), 4);
  const absl::Time before = Utc("1969-12-31T23:59:59.5Z");
  EXPECT_EQ(FromProto(ToProto(before)), before);
}

TEST(ClockTest, AcceptsTimestampsOfThisCentury) {
  google::protobuf::Timestamp timestamp = ToProto(Utc("2020-01-01T00:00:00Z"));
  EXPECT_TRUE(IsUsable(timestamp));
  timestamp.set_nanos(1'000'000'000);
  EXPECT_FALSE(IsUsable(timestamp));
  timestamp.set_nanos(-1);
  EXPECT_FALSE(IsUsable(timestamp));
  EXPECT_FALSE(IsUsable(ToProto(Utc("1999-12-31T23:59:59Z"))));
  EXPECT_FALSE(IsUsable(ToProto(Utc("2100-01-01T00:00:01Z"))));
  EXPECT_FALSE(IsUsable({}));
}

class CountingRandom final : public Random {
 public:
  uint64_t Next() override { return next_++; }

 private:
  uint64_t next_ = 0;
};

TEST(IdsTest, SortByTime) {
  CountingRandom random;
  const std::string early = NewId(absl::FromUnixMillis(1'583'121'600'000), random);
  const std::string late = NewId(absl::FromUnixMillis(1'583'121'600'001), random);
  EXPECT_EQ(early.size(), 26);
  EXPECT_LT(early, late);
  // The time part, by the ULID specification's alphabet.
  EXPECT_EQ(early.substr(0, 10), "01E2CPD3G0");
}

TEST(IdsTest, FollowOneAnother) {
  EXPECT_EQ(FollowingId("01E2CPD3G00000000000000000"), "01E2CPD3G00000000000000001");
  EXPECT_EQ(FollowingId("01E2CPD3G0000000000000000Z"), "01E2CPD3G00000000000000010");
  EXPECT_EQ(FollowingId("01E2CPD3G0ZZZZZZZZZZZZZZZZ"), "01E2CPD3G10000000000000000");
}

TEST(IdsTest, SystemRandomDoesNotRepeat) {
  SystemRandom random;
  std::set<std::string> ids;
  for (int i = 0; i < 1'000; ++i) ids.insert(NewId(absl::UnixEpoch(), random));
  EXPECT_EQ(ids.size(), 1'000);
}

TEST(IdsTest, AcceptsSafeCharactersOnly) {
  for (const std::string& id : {std::string("a"), std::string("A-b_c.9"), std::string(64, 'x')}) {
    EXPECT_TRUE(IsValidId(id)) << id;
  }
  for (const std::string& id : {std::string(), std::string(65, 'x'), std::string("a/b"), std::string("a b"),
                                std::string("é"), std::string("a\0b", 3)}) {
    EXPECT_FALSE(IsValidId(id)) << id;
  }
}

TEST(EtagTest, Counts) {
  EXPECT_EQ(NextEtag(""), "1");
  EXPECT_EQ(NextEtag("1"), "2");
  EXPECT_EQ(NextEtag("99"), "100");
}

TEST(TextTest, AcceptsWellFormedTextWithoutControls) {
  for (const char* text : {"", "eggs", "鸡蛋", "é", "𠮷", "\xF4\x8F\xBF\xBF"}) EXPECT_TRUE(IsCleanText(text)) << text;
  for (const std::string& text : {
           std::string("\n"),
           std::string("a\0b", 3),
           std::string("\x7F"),
           std::string("eggs\x7F"),
           std::string("\xC2\x85"),          // U+0085, a control
           std::string("\x80"),              // a continuation without a lead
           std::string("\xE9\xB8"),          // cut short
           std::string("\xC0\xAF"),          // overlong '/'
           std::string("\xE0\x80\xAF"),      // overlong
           std::string("\xED\xA0\x80"),      // a surrogate
           std::string("\xF4\x90\x80\x80"),  // beyond U+10FFFF
           std::string("\xFF"),
       }) {
    EXPECT_FALSE(IsCleanText(text)) << text;
  }
}

TEST(TextTest, CountsCodePoints) {
  EXPECT_EQ(CodePointCount(""), 0);
  EXPECT_EQ(CodePointCount("a鸡𠮷"), 3);
}

TEST(Sha256, GivesTheDigestsOfTheStandardCallAfterCall) {
  const auto hex = [](std::string_view text) { return absl::BytesToHexString(Sha256(text)); };
  for (int call = 0; call < 2; ++call) {
    EXPECT_EQ(hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }
}

}  // namespace
}  // namespace zhuxiao::base
