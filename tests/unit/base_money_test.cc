// Money: exact sums, one rounding, splits that add up, text and back.
#include "services/base/money.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuxiao::base {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

TEST(CheckedTest, ReportsWhatDoesNotFit) {
  EXPECT_EQ(CheckedAdd(kMax - 1, 1), kMax);
  EXPECT_EQ(CheckedAdd(kMax, 1), std::nullopt);
  EXPECT_EQ(CheckedSub(kMin, 1), std::nullopt);
  EXPECT_EQ(CheckedSub(0, kMin), std::nullopt);
  EXPECT_EQ(CheckedMul(kMax, 2), std::nullopt);
  EXPECT_EQ(CheckedMul(kMin, -1), std::nullopt);
  EXPECT_EQ(CheckedMul(-3, 4), -12);
}

TEST(MulDivTest, RoundsDownAndHalvesAwayFromZero) {
  EXPECT_EQ(MulDivFloor(7, 1, 2), 3);
  EXPECT_EQ(MulDivFloor(-7, 1, 2), -4);
  EXPECT_EQ(MulDivFloor(-8, 1, 2), -4);
  EXPECT_EQ(MulDivHalfUp(7, 1, 2), 4);
  EXPECT_EQ(MulDivHalfUp(-7, 1, 2), -4);
  EXPECT_EQ(MulDivHalfUp(1, 1, 3), 0);
  EXPECT_EQ(MulDivHalfUp(2, 1, 3), 1);
  EXPECT_EQ(MulDivHalfUp(-1, 1, 3), 0);
  EXPECT_EQ(MulDivHalfUp(1, 3, 6), 1);
}

TEST(MulDivTest, CarriesProductsBeyond64Bits) {
  EXPECT_EQ(MulDivFloor(kMax, kMax, kMax), kMax);
  EXPECT_EQ(MulDivHalfUp(kMin, kMax, kMax), kMin);
  EXPECT_EQ(MulDivFloor(kMax, 2, 1), std::nullopt);
  EXPECT_EQ(MulDivHalfUp(kMin, -1, 1), std::nullopt);
  // 500 kg of cattle at 33.00 yuan a kilogram.
  EXPECT_EQ(MulDivHalfUp(3'300, 500'000, 1'000), 1'650'000);
}

TEST(SplitTest, GivesTheRestToTheLargestRemaindersAndTiesToTheFirst) {
  EXPECT_THAT(SplitByLargestRemainder(100, {1, 1, 1}), ElementsAre(34, 33, 33));
  EXPECT_THAT(SplitByLargestRemainder(101, {1, 1, 1}), ElementsAre(34, 34, 33));
  EXPECT_THAT(SplitByLargestRemainder(10, {1, 2, 3}), ElementsAre(2, 3, 5));
  EXPECT_THAT(SplitByLargestRemainder(1, {0, 5, 5}), ElementsAre(0, 1, 0));
  EXPECT_THAT(SplitByLargestRemainder(0, {3, 4}), ElementsAre(0, 0));
  EXPECT_THAT(SplitByLargestRemainder(5, {0, 0}), IsEmpty());
  EXPECT_THAT(SplitByLargestRemainder(5, {}), IsEmpty());
}

TEST(SplitTest, BearsTheLargestNumbers) {
  EXPECT_THAT(SplitByLargestRemainder(kMax, {kMax, kMax}), ElementsAre(kMax / 2 + 1, kMax / 2));
}

TEST(YuanTest, PrintsFen) {
  EXPECT_EQ(FormatYuan(123'405), "1234.05");
  EXPECT_EQ(FormatYuan(0), "0.00");
  EXPECT_EQ(FormatYuan(-5), "-0.05");
  EXPECT_EQ(FormatYuan(-100), "-1.00");
  EXPECT_EQ(FormatYuan(kMin), "-92233720368547758.08");
}

TEST(YuanTest, ReadsAtMostTwoDecimals) {
  EXPECT_EQ(ParseYuan("9999999.99").value(), 999'999'999);
  EXPECT_EQ(ParseYuan("10").value(), 1'000);
  EXPECT_EQ(ParseYuan("0.5").value(), 50);
  EXPECT_EQ(ParseYuan("-0.05").value(), -5);
  EXPECT_EQ(ParseYuan("10000000000000.00").value(), kMaxAmountFen);
  for (const char* text : {"", "-", ".", ".5", "5.", "1.234", "1,000", " 1", "1 ", "+1", "1e3", "--1", "0x10", "１",
                           "10000000000000.01", "99999999999999999999999"}) {
    EXPECT_FALSE(ParseYuan(text).ok()) << text;
  }
}

}  // namespace
}  // namespace zhuxiao::base
