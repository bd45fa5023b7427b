// Keys: composition, order and ends of prefixes.
#include "services/store/keys.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/seed.h"

namespace zhuxiao::store {
namespace {

TEST(Keys, AreJoinedBySlashes) {
  EXPECT_EQ(Key("listing", "a", std::string("b")), "listing/a/b");
  EXPECT_EQ(Key("listing"), "listing");
}

TEST(Keys, PrefixEndIsTheFirstKeyAfterThePrefix) {
  EXPECT_EQ(PrefixEnd("a/"), "a0");
  EXPECT_EQ(PrefixEnd("a\xff"), "b");
  EXPECT_EQ(PrefixEnd("\xff\xff"), "") << "no key comes after: an empty end is the last key";
  EXPECT_EQ(PrefixEnd(""), "");
}

TEST(Keys, OrderedNumbersSortAsNumbersAndComeBack) {
  EXPECT_EQ(OrderedNumber(0), "0000000000000000");
  EXPECT_EQ(OrderedNumber(INT64_MAX), "7fffffffffffffff");
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 1000; ++i) {
    const int64_t a = static_cast<int64_t>(random() >> (1 + random() % 63));
    const int64_t b = static_cast<int64_t>(random() >> (1 + random() % 63));
    EXPECT_EQ(a < b, OrderedNumber(a) < OrderedNumber(b)) << a << " " << b;
    EXPECT_EQ(ParseOrderedNumber(OrderedNumber(a)), a);
  }
}

TEST(Keys, OtherTextIsNoOrderedNumber) {
  for (const char* text : {"", "0", "00000000000000000", "8000000000000000", "000000000000000G", "000000000000000A",
                           "-000000000000001", " 00000000000000"}) {
    EXPECT_EQ(ParseOrderedNumber(text), -1) << text;
  }
}

TEST(Keys, OrderedTimesSortByTheMillisecond) {
  const absl::Time time = absl::FromUnixMillis(1'750'000'000'123);
  EXPECT_EQ(ParseOrderedNumber(OrderedTime(time)), 1'750'000'000'123);
  EXPECT_LT(OrderedTime(time), OrderedTime(time + absl::Milliseconds(1)));
}

}  // namespace
}  // namespace zhuxiao::store
