// Signals from both sides of their edges.
#include "services/reward/engine/signals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/base/strings.h"
#include "services/reward/engine/policy_file.h"

namespace zhuxiao::reward::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kHead[] =
    "[policy]\nid = \"p\"\nversion = 1\njurisdiction = \"14\"\ntitle_zh = \"p\"\ntitle_en = \"p\"\nsource = \"p\"\n"
    "[period]\nclock = \"order\"\nfirst_day = 2021-01-01\nlast_day = 2021-12-31\n[scope]\n"
    "[threshold]\namount_fen = 1000\namount_is = \"at_least\"\n[grant]\nkind = \"rate\"\nrate_basis_points = 1\n";

std::vector<Suspicion> Look(const std::string& signal, int64_t net_fen, const std::vector<SuspectLine>& lines = {},
                            const SuspectFirm& firm = {}) {
  const PolicyReading reading = ReadPolicy(base::StrCat(kHead, "[[signals]]\n", signal));
  EXPECT_THAT(reading.faults, IsEmpty());
  return Suspect(reading.policy, {{.counted_fen = net_fen}}, lines, firm);
}

base::Day Day(const char* text) { return *base::ParseDay(text); }

SuspectLine Line(const std::string& place, int64_t amount_fen, const char* day = "2021-03-01") {
  return {.place = place, .commodity = "egg", .day = Day(day), .amount_fen = amount_fen, .is_counted = true};
}

TEST(Signals, BunchingIsJustAboveTheThresholdOnly) {
  const std::string signal = "kind = \"threshold_bunching\"\nmargin_basis_points = 100\n";  // 10 fen of 1,000
  EXPECT_THAT(Look(signal, 999), IsEmpty());
  EXPECT_EQ(Look(signal, 1'000).size(), 1U);
  EXPECT_EQ(Look(signal, 1'010).size(), 1U);
  EXPECT_THAT(Look(signal, 1'011), IsEmpty());
}

TEST(Signals, LateRefundsAreThoseSoonAfterThePeriod) {
  const std::string signal = "kind = \"late_refunds\"\ndays = 31\nshare_basis_points = 1000\n";
  const auto refunded = [&](const char* day, int64_t amount_fen) {
    SuspectLine line = Line("a", 1'000);
    line.refunds = {{Day(day), amount_fen}};
    return Look(signal, 0, {line});
  };
  EXPECT_THAT(refunded("2021-12-31", 500), IsEmpty());
  EXPECT_THAT(refunded("2022-02-01", 500), IsEmpty());
  EXPECT_THAT(refunded("2022-01-31", 99), IsEmpty());
  const auto found = refunded("2022-01-31", 100);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].places, ElementsAre("a"));
  EXPECT_THAT(found[0].evidence, HasSubstr("10.00 %"));
}

TEST(Signals, WaybillsOfSeveralOrders) {
  SuspectLine a = Line("a", 1);
  SuspectLine b = Line("b", 1);
  SuspectLine c = Line("c", 1);
  a.waybill_no = c.waybill_no = "W";
  a.shares_waybill = c.shares_waybill = true;
  b.waybill_no = "V";
  const auto found = Look("kind = \"duplicate_waybills\"\n", 0, {c, b, a});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].places, ElementsAre("a", "c"));
  EXPECT_THAT(found[0].evidence, HasSubstr("W"));
}

TEST(Signals, AllSubsidisedNeedsEnoughLines) {
  const std::string signal = "kind = \"all_subsidised\"\nleast_lines = 3\nshare_basis_points = 6666\n";
  SuspectLine excluded = Line("x", 1);
  excluded.is_counted = false;
  EXPECT_THAT(Look(signal, 0, {Line("a", 1), Line("b", 1)}), IsEmpty());
  EXPECT_EQ(Look(signal, 0, {Line("a", 1), Line("b", 1), excluded}).size(), 1U);
  EXPECT_THAT(Look(signal, 0, {Line("a", 1), excluded, excluded}), IsEmpty());
}

TEST(Signals, AJumpIsAMonthFarAboveTheMeanBeforeIt) {
  const std::string signal = "kind = \"sudden_jump\"\ntimes = 3\nleast_fen = 100\n";
  const std::vector<SuspectLine> calm = {Line("a", 100, "2021-01-31"), Line("b", 300, "2021-02-01")};
  EXPECT_THAT(Look(signal, 0, calm), IsEmpty()) << "three times is not more than three times";
  const auto jump = Look(signal, 0, {Line("a", 100, "2021-01-31"), Line("b", 301, "2021-02-01")});
  ASSERT_EQ(jump.size(), 1U);
  EXPECT_THAT(jump[0].places, ElementsAre("b"));
  EXPECT_THAT(jump[0].evidence, HasSubstr("2021-02"));
  EXPECT_THAT(Look(signal, 0, {Line("a", 1, "2021-01-31"), Line("b", 99, "2021-02-01")}), IsEmpty());
  EXPECT_EQ(Look(signal, 0, {Line("a", 300, "2021-01-31"), Line("b", 301, "2021-04-01")}).size(), 1U)
      << "months without sales lower the mean";
}

TEST(Signals, OneRegistrantBehindManyShops) {
  const std::string signal = "kind = \"shared_registrant\"\nleast_shops = 3\n";
  EXPECT_THAT(Look(signal, 0, {}, {.shops = {"A", "B"}}), IsEmpty());
  const auto found = Look(signal, 0, {}, {.shops = {"A", "B", "C"}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].evidence, HasSubstr("3 organisations: A, B, C"));
  EXPECT_THAT(found[0].places, IsEmpty()) << "it concerns all lines";
}

TEST(Signals, SalesAboveCertifiedCapacityByCommodityAndYear) {
  const std::string signal = "kind = \"over_capacity\"\nmargin_basis_points = 1000\n";  // 110 of 100
  const auto sold = [](const std::string& place, int64_t quantity_base, const char* day = "2021-03-01") {
    SuspectLine line = Line(place, 10, day);
    line.quantity_base = quantity_base;
    return line;
  };
  const SuspectFirm firm = {.capacity_base = {{"egg", 100}}};
  EXPECT_THAT(Look(signal, 0, {sold("a", 60), sold("b", 50)}, firm), IsEmpty());
  EXPECT_THAT(Look(signal, 0, {sold("a", 111)}), IsEmpty()) << "no certificate, no signal";
  EXPECT_THAT(Look(signal, 0, {sold("a", 60), sold("b", 51, "2022-01-01")}, firm), IsEmpty()) << "two years";
  SuspectLine back = sold("c", 1'000);
  back.refunded_fen = 10;
  SuspectLine out_of_scope = sold("d", 1'000);
  out_of_scope.is_counted = false;
  const auto found = Look(signal, 0, {sold("b", 51), sold("a", 60), sold("e", 0), back, out_of_scope}, firm);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].evidence,
            "at least 111 base units of egg sold in 2021, certified for 100 a year; 1 of 3 orders tell no quantity");
  EXPECT_THAT(found[0].places, ElementsAre("a", "b", "e"));
}

TEST(Signals, BuyersKnownByAnIdentifierOfTheClaimant) {
  const std::string signal = "kind = \"shared_identifiers\"\nleast_lines = 2\n";
  SuspectLine a = Line("a", 150);
  SuspectLine b = Line("b", 250);
  a.shares_identifier = true;
  EXPECT_THAT(Look(signal, 0, {a, b}), IsEmpty());
  b.shares_identifier = true;
  const auto found = Look(signal, 0, {b, a, Line("c", 1)});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].evidence, HasSubstr("2 orders of 4.00 yuan"));
  EXPECT_THAT(found[0].places, ElementsAre("a", "b"));
}

TEST(Signals, MistakesInTheTextAreNamed) {
  const PolicyReading reading = ReadPolicy(
      base::StrCat(kHead,
                   "[[signals]]\nkind = \"sudden_jump\"\ntimes = 0\n[[signals]]\nkind = \"luck\"\n[[signals]]\nkind = "
                   "\"duplicate_waybills\"\ndays = 3\n"));
  std::vector<std::string> keys;
  for (const PolicyFault& fault : reading.faults) keys.push_back(fault.key);
  EXPECT_THAT(keys, ElementsAre("signals[0].least_fen", "signals[0].times", "signals[1].kind", "signals[2].days"));
}

}  // namespace
}  // namespace zhuxiao::reward::engine
