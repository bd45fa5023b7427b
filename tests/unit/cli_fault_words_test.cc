// What is wrong with a field, in Chinese: every pattern of faults.tsv is whole, and the one that says most is taken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
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
  EXPECT_EQ(InChinese("waybill W1 of order A-2: must be 1 to 3"), "订单 A-2 的运单 W1：必须在 1 到 3 之间");
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

TEST(FaultWords, ThingsStepsAndStatesHaveWordsToo) {
  EXPECT_EQ(InChinese("a contract in state CONTRACT_STATE_SIGNED does not admit to sign"),
            "合同的状态是“已签”，不能签订");
  EXPECT_EQ(InChinese("missing, not valid now, or not covering the quantity: "
                      "CERTIFICATE_KIND_QUARANTINE_A,CERTIFICATE_KIND_COMPLIANCE_PROMISE"),
            "缺少、已失效或数量不足：动物检疫合格证明A,承诺达标合格证");
  EXPECT_EQ(InChinese("no such stall case: NO_SUCH"), "没有这个滞销个案：NO_SUCH");
}

TEST(FaultWords, EveryReasonOfARefusalHasWordsInBothLanguages) {
  const auto& reasons = *common::v1::ErrorReason_descriptor();
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  for (int i = 0; i < reasons.value_count(); ++i) {
    const std::string& name = reasons.value(i)->name();
    const std::string chinese = Say(Language::kChinese, name);
    const std::string english = Say(Language::kEnglish, name);
    EXPECT_TRUE(std::none_of(chinese.begin(), chinese.end(), is_ascii)) << name << " " << chinese;
    EXPECT_TRUE(english != name && std::all_of(english.begin(), english.end(), is_ascii)) << name << " " << english;
  }
}

TEST(FaultWords, ARefusalIsToldWithItsAmounts) {
  const absl::Status refused =
      base::Refuse(base::ErrorReason::ERROR_REASON_QUOTA_EXCEEDED, "I1",
                   "the spending limit of 2021, 5000.00 yuan, does not cover it",
                   {{"limit_fen", "500000"}, {"amount_fen", "500001"}, {"REFUSAL_REASON_SOLD_OUT", "2"}, {"odd", "x"}});
  const std::string chinese = DescribeError(Language::kChinese, refused);
  EXPECT_THAT(chinese, HasSubstr("错误: 超出年度限额 (QUOTA_EXCEEDED)\n  超出 2021 年度限额 5000.00 元\n"));
  EXPECT_THAT(chinese, HasSubstr("\n  年度限额: 5000.00 元\n"));
  EXPECT_THAT(chinese, HasSubstr("\n  所需金额: 5000.01 元\n"));
  EXPECT_THAT(chinese, HasSubstr("\n  售罄: 2\n"));
  EXPECT_THAT(chinese, HasSubstr("\n  odd: x\n"));
  const std::string english = DescribeError(Language::kEnglish, refused);
  EXPECT_THAT(english, HasSubstr("\n  the spending limit of 2021, 5000.00 yuan, does not cover it\n"));
  EXPECT_THAT(english, HasSubstr("\n  limit of the year: 5000.00 yuan\n"));
  const absl::Status weight =
      base::Refuse(base::ErrorReason::ERROR_REASON_WEIGHT_OUT_OF_TOLERANCE, "C1",
                   "the weight must be 488750 to 661250 g", {{"min_g", "488750"}, {"max_g", "661250"}});
  EXPECT_THAT(DescribeError(Language::kChinese, weight), HasSubstr("\n  最轻: 488.75 kg\n"));
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
