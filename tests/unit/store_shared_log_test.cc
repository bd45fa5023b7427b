// The form of the shared log's places and bodies, and of the urls that name a Redis.
#include <gtest/gtest.h>

#include <set>

#include "services/store/redis_target.h"
#include "services/store/shared_log.h"

namespace zhuxiao::store {
namespace {

LogBody Body() {
  static const std::string bytes("\0\xff\n", 3);
  return {.author = "a-1",
          .puts = {"key", bytes, "empty", ""},
          .deletes = {"gone"},
          .events = {"7", "told"},
          .sum = ContentSum(UINT64_MAX)};
}

TEST(LogBody, ComesBackByteForByte) {
  const std::string text = Body().Encode();
  const LogBody read = LogBody::Decode(text).value();
  EXPECT_EQ(read.author, Body().author);
  EXPECT_EQ(read.puts, Body().puts);
  EXPECT_EQ(read.deletes, Body().deletes);
  EXPECT_EQ(read.events, Body().events);
  EXPECT_EQ(read.sum, Body().sum);
}

TEST(LogBody, OfBeforeSumsWereKeptIsRead) {
  LogBody body = Body();
  body.sum.reset();
  const std::string text = body.Encode();
  const LogBody read = LogBody::Decode(text).value();
  EXPECT_EQ(read.events, body.events);
  EXPECT_FALSE(read.sum.has_value());
}

TEST(LogBody, RefusesEveryCutAndEveryLongerText) {
  const std::string text = Body().Encode();
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_TRUE(absl::IsDataLoss(LogBody::Decode(text.substr(0, size)).status())) << size;
  }
  EXPECT_TRUE(absl::IsDataLoss(LogBody::Decode(text + "x").status()));
  EXPECT_TRUE(absl::IsDataLoss(LogBody::Decode(LogBody{.author = "a", .puts = {"key alone"}}.Encode()).status()));
}

TEST(LogPlace, ChainsWhatCameBefore) {
  const LogPlace start{0, std::string(32, 's')};
  const LogPlace one = start.After("body");
  EXPECT_EQ(one.version, 1);
  EXPECT_NE(one.After("next").hash, start.After("other").After("next").hash);
}

TEST(CopyState, ComesBackFromItsRow) {
  const LogPlace place{7, std::string(32, 's')};
  for (const CopyState& state : {CopyState{place, ContentSum(UINT64_MAX)}, CopyState{place, {}}}) {
    EXPECT_EQ(CopyState::FromRow(state.ToRow()).value(), state);
    EXPECT_TRUE(absl::IsDataLoss(CopyState::FromRow(state.ToRow() + " x").status()));
  }
  for (const char* row : {"", "1", "1 abc", "x 00"}) {
    EXPECT_TRUE(absl::IsDataLoss(CopyState::FromRow(row).status())) << row;
  }
}

TEST(ContentSum, IsTheSameInAnyOrderAndTellsEverythingApart) {
  ContentSum one;
  one.AddRow("a", "1");
  one.AddEvent("a", "1");
  one.AddRow("gone", "2");
  one.RemoveRow("gone", "2");
  ContentSum other;
  other.AddEvent("a", "1");
  other.AddRow("a", "1");
  EXPECT_EQ(one, other);
  const std::pair<std::string, std::string> rows[] = {{"ab", "c"}, {"a", "bc"}, {"", "abc"}, {"abc", ""}};
  std::set<uint64_t> values;
  for (const auto& [key, value] : rows) {
    ContentSum row;
    row.AddRow(key, value);
    values.insert(row.value());
    ContentSum event;
    event.AddEvent(key, value);
    values.insert(event.value());
  }
  EXPECT_EQ(values.size(), 2 * std::size(rows));
}

TEST(RedisTarget, ReadsBothForms) {
  const RedisTarget single = RedisTarget::Parse("redis://db.example:7000/3").value();
  EXPECT_EQ(single.addresses.at(0).ToString(), "db.example:7000");
  EXPECT_EQ(single.database, 3);
  EXPECT_FALSE(single.is_quorum());
  EXPECT_EQ(RedisTarget::Parse("redis://db").value().addresses.at(0).port, 6379);
  const RedisTarget quorum = RedisTarget::Parse("redis+sentinel://a:1,b,c:3/main/2").value();
  EXPECT_EQ(quorum.primary_name, "main");
  EXPECT_EQ(quorum.database, 2);
  ASSERT_EQ(quorum.addresses.size(), 3);
  EXPECT_EQ(quorum.addresses[1].ToString(), "b:26379");
}

TEST(RedisTarget, RefusesTheRest) {
  for (const char* url :
       {"", "http://a", "redis://", "redis://:1", "redis://a:0", "redis://a:99999", "redis://a:x", "redis://a,b",
        "redis://a/x", "redis://a/-1", "redis://a/1/2", "redis+sentinel://a,b", "redis+sentinel://a//1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(RedisTarget::Parse(url).status())) << url;
  }
}

}  // namespace
}  // namespace zhuxiao::store
