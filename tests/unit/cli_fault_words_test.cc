// What is wrong with a field, in Chinese: every pattern of faults.tsv is whole, and the one that says most is taken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "clients/cli/fault_words.h"
#include "clients/cli/outcome.h"
#include "services/base/errors.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

using ::testing::HasSubstr;

std::string InChinese(std::string_view fault) { return SayFault(Language::kChinese, fault); }

TEST(FaultWords, SayTheNumbersOfTheFault) {
  EXPECT_EQ(InChinese("is required"), "必填");
  EXPECT_EQ(InChinese("must be 1 to 10^15 fen"), "必须在 1 到 10^15 分之间");
  EXPECT_EQ(InChinese("waybill W1 of order A-2: must be 1 to 3"), "订单 A-2 的运单 W1：must be 1 to 3");
}

TEST(FaultWords, ThePatternWithMostTextOfItsOwnIsTaken) {
  EXPECT_EQ(InChinese("must be 1 or more"), "必须不小于 1");
  EXPECT_EQ(InChinese("must be 1 or more whole units"), "必须不小于 1 个整数单位");
  EXPECT_EQ(InChinese("must be 0 (all) or more whole units"), "必须是 0（全部）或更多整数单位");
  EXPECT_EQ(InChinese("must be 1 to 64 characters of A-Z a-z 0-9 . _ -"),
            "必须是 1 到 64 个字符，只能用 A-Z a-z 0-9 . _ -");
}

TEST(FaultWords, WhatIsNotKnownAndWhatIsReadInEnglishStays) {
  EXPECT_EQ(InChinese("tastes odd"), "tastes odd");
  EXPECT_EQ(InChinese("must be at most "), "must be at most ") << "braces stand for some text, not for none";
  EXPECT_EQ(SayFault(Language::kEnglish, "is required"), "is required");
}

TEST(FaultWords, EveryPatternStandsOnceAndNamesItsBraces) {
  EXPECT_GT(FaultPatterns().size(), 100);
  std::set<std::vector<std::string_view>> known;
  for (const FaultPattern& pattern : FaultPatterns()) {
    const std::string_view chinese = pattern.chinese;
    EXPECT_TRUE(known.insert(pattern.pieces).second) << chinese << " stands twice";
    EXPECT_FALSE(chinese.empty()) << pattern.pieces.front();
    for (size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(chinese.find(base::StrCat("{", i, "}")) != std::string_view::npos, i + 1 < pattern.pieces.size())
          << chinese << " " << i;
    }
  }
}

TEST(FaultWords, ErrorsAreToldWithTheNamesOfTheirFields) {
  base::FieldErrors errors;
  errors.Add("listing.listed_units", "must be 1 to 1,000,000,000,000 whole units");
  errors.Add("no.such_name", "is required");
  const std::string told = DescribeError(Language::kChinese, errors.ToStatus());
  EXPECT_THAT(told, HasSubstr("(listing.listed_units): 必须在 1 到 1,000,000,000,000 个整数单位之间\n"));
  EXPECT_THAT(told, HasSubstr("\n  no.such_name: 必填\n"));
  EXPECT_THAT(DescribeError(Language::kEnglish, errors.ToStatus()),
              HasSubstr("\n  listing.listed_units: must be 1 to 1,000,000,000,000 whole units\n"));
}

}  // namespace
}  // namespace zhuxiao::cli
