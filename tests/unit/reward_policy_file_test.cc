// Policy files: what is read, and that every mistake is named with its line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "services/base/strings.h"
#include "services/reward/engine/explain.h"
#include "services/reward/engine/policy_file.h"

namespace zhuxiao::reward::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::string ShippedText(const std::string& name) {
  std::ifstream file(base::StrCat(ZHUXIAO_POLICIES, "/", name, ".toml"));
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> FaultsOf(const std::string& text) {
  std::vector<std::string> faults;
  for (const PolicyFault& fault : ReadPolicy(text).faults) {
    faults.push_back(base::StrCat(fault.line, " ", fault.key, " ", fault.what));
  }
  return faults;
}

// The head and period of a policy: ten lines; what a test adds begins in line 11.
std::string With(const std::string& rest, const std::string& jurisdiction = "14") {
  return "[policy]\nid = \"p\"\nversion = 1\njurisdiction = \"" + jurisdiction +
         "\"\ntitle_zh = \"政策\"\ntitle_en = \"policy\"\nsource = \"text\"\n"
         "[period]\nclock = \"order\"\nfirst_day = 2020-01-01\nlast_day = 2020-12-31\n" +
         rest;
}

TEST(PolicyFile, TheSevenProgrammesHaveNoMistakes) {
  for (const char* name : {"shanxi-2020", "shanxi-2023-parcels", "liulin-tiers", "nanfeng-orders", "xincheng-quarterly",
                           "pinduoduo-2020-orders", "fee-waivers-2020"}) {
    EXPECT_THAT(FaultsOf(ShippedText(name)), IsEmpty()) << name;
    EXPECT_EQ(ReadPolicy(ShippedText(name)).policy.id, name);
  }
}

TEST(PolicyFile, ShanxiIsTheCliff) {
  const Policy policy = ReadPolicy(ShippedText("shanxi-2020")).policy;
  EXPECT_THAT(policy.scope.programmes, ElementsAre("shanxi-poor-counties"));
  EXPECT_EQ(policy.least_amount->value, 1'000'000'000);
  EXPECT_TRUE(policy.least_amount->is_inclusive);
  EXPECT_EQ(policy.grant.rate_basis_points, 500);
  EXPECT_EQ(policy.grant.cap_fen, 50'000'000);
  EXPECT_EQ(base::FormatDay(policy.period.first_day), "2020-01-01");
  EXPECT_EQ(base::FormatDay(policy.period.last_day), "2020-12-31");
}

TEST(PolicyFile, IsToldInBothLanguages) {
  const Policy policy = ReadPolicy(ShippedText("shanxi-2023-parcels")).policy;
  EXPECT_THAT(ExplainInChinese(policy), HasSubstr("每户最高 1000000.00元"));
  EXPECT_THAT(ExplainInChinese(policy), HasSubstr("不少于 1000 件"));
  EXPECT_THAT(ExplainInEnglish(policy), HasSubstr("by waybill time"));
  EXPECT_THAT(ExplainInEnglish(policy), HasSubstr("At most 1000000.00 yuan a claimant"));
}

TEST(PolicyFile, ARateAboveTheJurisdictionsMaximumIsRefused) {
  const std::string grant = "[grant]\nkind = \"rate\"\nrate_basis_points = 501\n";
  EXPECT_THAT(FaultsOf(With(grant)), ElementsAre(HasSubstr("14 grant.rate_basis_points is 501, above the maximum")));
  EXPECT_THAT(FaultsOf(With(grant, "141125")), ElementsAre(HasSubstr("above the maximum")));
  EXPECT_THAT(FaultsOf(With(grant, "36")), IsEmpty());
  EXPECT_THAT(FaultsOf(With("[grant]\nkind = \"rate\"\nrate_basis_points = 500\n")), IsEmpty());
  EXPECT_THAT(FaultsOf(With("[grant]\nkind = \"rate\"\nrate_basis_points = 10001\n", "36")),
              ElementsAre(HasSubstr("above the maximum")));
}

TEST(PolicyFile, OverlappingTiersAreNamedWithBothLines) {
  const std::string tiers =
      "[grant]\nkind = \"tiers\"\n"
      "[[grant.tiers]]\nfrom_fen = 100\nbelow_fen = 201\nreward_fen = 1\n"
      "[[grant.tiers]]\nfrom_fen = 200\nreward_fen = 2\n";
  EXPECT_THAT(FaultsOf(With(tiers)), ElementsAre(HasSubstr("18 grant.tiers[1] overlaps the tier of line 14")));
}

TEST(PolicyFile, AdjacentTiersDoNotOverlap) {
  const std::string tiers =
      "[grant]\nkind = \"tiers\"\n"
      "[[grant.tiers]]\nfrom_fen = 200\nreward_fen = 2\n"
      "[[grant.tiers]]\nfrom_fen = 100\nbelow_fen = 200\nreward_fen = 1\n";
  EXPECT_THAT(FaultsOf(With(tiers)), IsEmpty());
}

TEST(PolicyFile, AllMistakesAreNamedAtOnceByLine) {
  const std::string text = With(
      "window = \"month\"\n"
      "[scope]\ncolour = \"red\"\norigins = [\"14x\"]\nlist_version = \"1\"\n"
      "[threshold]\namount_fen = -1\ncount = 5\n"
      "[grant]\nkind = \"rate\"\nunit_fen = 1\n"
      "[extra]\n");
  EXPECT_THAT(
      FaultsOf(text),
      ElementsAre(HasSubstr("12 period.window must be one of"), HasSubstr("13 scope.programmes must be named"),
                  HasSubstr("14 scope.colour is not known"), HasSubstr("15 scope.origins 14x is no region"),
                  HasSubstr("17 threshold.count_is is required"), HasSubstr("17 threshold.count_unit is required"),
                  HasSubstr("18 threshold.amount_fen must be a whole number"),
                  HasSubstr("20 grant.rate_basis_points is required"), HasSubstr("22 grant.unit_fen is not known"),
                  HasSubstr("23 extra is not known")));
}

TEST(PolicyFile, PoolsMustFitTheirGrant) {
  const std::string rate = "[grant]\nkind = \"rate\"\nrate_basis_points = 1\n";
  EXPECT_THAT(FaultsOf(With(rate + "[pool]\namount_fen = 5\nmode = \"first_come\"\nrolls_over = true\n")),
              UnorderedElementsAre(HasSubstr("pool.mode first_come pays sale by sale"),
                                   HasSubstr("pool.rolls_over needs a period of several windows")));
}

TEST(PolicyFile, WhatIsNoTomlIsNamedWithItsLine) {
  const auto faults = ReadPolicy("[policy]\nid = \n").faults;
  ASSERT_EQ(faults.size(), 1);
  EXPECT_EQ(faults[0].line, 2);
  EXPECT_FALSE(FaultsOf("").empty());
  EXPECT_FALSE(FaultsOf("policy = 3\nperiod = []\n").empty());
}

}  // namespace
}  // namespace zhuxiao::reward::engine
