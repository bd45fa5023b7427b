// The form of the shared log's places and bodies, and of the urls that name a Redis.
#include <gtest/gtest.h>

#include "services/store/redis_target.h"
#include "services/store/shared_log.h"

namespace zhuxiao::store {
namespace {

LogBody Body() {
  static const std::string bytes("\0\xff\n", 3);
  return {.author = "a-1", .puts = {"key", bytes, "empty", ""}, .deletes = {"gone"}, .events = {"7", "told"}};
}

TEST(LogBody, ComesBackByteForByte) {
  const std::string text = Body().Encode();
  const LogBody read = LogBody::Decode(text).value();
  EXPECT_EQ(read.author, Body().author);
  EXPECT_EQ(read.puts, Body().puts);
  EXPECT_EQ(read.deletes, Body().deletes);
  EXPECT_EQ(read.events, Body().events);
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
  EXPECT_EQ(LogPlace::FromRow(one.ToRow()).value(), one);
  for (const char* row : {"", "1", "1 abc", "x 00"}) {
    EXPECT_TRUE(absl::IsDataLoss(LogPlace::FromRow(row).status())) << row;
  }
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
