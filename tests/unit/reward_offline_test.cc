// The offline calculator from files to files: the programmes by examples computed by hand, how lines are taken, and
// every mistake named with its line and nothing written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "services/base/strings.h"
#include "services/reward/engine/policy_file.h"
#include "services/reward/offline/compute.h"
#include "services/reward/offline/designation_file.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::reward::offline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kHeader[] =
    "platform,order_no,line_no,kind,claimant_uscc,origin_region,destination_region,commodity,amount_fen,parcels,"
    "waybill_no,parcel_fee_fen,order_time,payment_time,waybill_time,accept_time,refund_of\n";
constexpr char kLists[] =
    "region_code,programme,note,list_version,valid_to,valid_from\n"
    "141032,shanxi-poor-counties,\"Yonghe, county\",2020,,2014-01-01\n"
    "140431,shanxi-poor-counties,,2020,2020-06-30,2014-01-01\n";

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class OfflineTest : public testing::Test {
 protected:
  void UsePolicy(const std::string& name) {
    auto reading = engine::ReadPolicy(Read(base::StrCat(ZHUXIAO_POLICIES, "/", name, ".toml")));
    ASSERT_THAT(reading.faults, IsEmpty());
    policy_ = reading.policy;
  }

  // True where results were written; else `faults_` holds "line what".
  bool Compute(const std::string& sales) {
    const std::string path = directory_.path() + "/sales.csv";
    std::ofstream(path, std::ios::binary) << sales;
    FaultList faults;
    const auto lists = ReadDesignations(kLists, "lists.csv", faults);
    const auto computed = offline::Compute(
        policy_, lists, {.sales_path = path, .out_directory = Out(), .threads = 2, .applicants = applicants_}, faults);
    faults_.clear();
    for (const Fault& fault : faults.Sorted()) faults_.push_back(base::StrCat(fault.line, " ", fault.what));
    EXPECT_EQ(computed.ok(), faults_.empty()) << computed.status();
    return computed.ok();
  }

  std::string Out() const { return directory_.path() + "/out"; }
  std::string Statement() const { return Body(Out() + "/statement.csv"); }
  std::string Lines() const { return Body(Out() + "/lines.csv"); }

  static std::string Body(const std::string& path) {
    const std::string text = Read(path);
    return text.substr(text.find('\n') + 1);
  }

  // A sale from Yonghe of one line, at noon of `day` by every clock.
  static std::string Sale(const std::string& order, const std::string& claimant, int64_t amount_fen,
                          const std::string& day = "2020-06-01", const std::string& more = "1,W,500") {
    const std::string time = day + "T12:00:00+08:00";
    return base::StrCat("jd,", order, ",1,sale,", claimant, ",141032203206,110105,egg,", amount_fen, ",", more, ",",
                        time, ",", time, ",", time, ",", time, ",\n");
  }
  static std::string Refund(const std::string& order, int64_t amount_fen, const std::string& refund_of) {
    return base::StrCat("jd,", order, ",1,refund,,,,,", amount_fen, ",,,,,,,,", refund_of, "\n");
  }

  ScratchDirectory directory_;
  engine::Policy policy_;
  std::optional<Applicants> applicants_;
  std::vector<std::string> faults_;
};

TEST_F(OfflineTest, Shanxi2020FallsOffTheCliffAndARefundOfNextYearCounts) {
  UsePolicy("shanxi-2020");
  ASSERT_TRUE(Compute(kHeader + Sale("1", "A", 1'000'000'000) + Sale("2", "B", 999'999'999) +
                      Sale("3", "C", 900'000'000) + Sale("4", "C", 200'000'000) + Sale("5", "D", 1'000'000'000) +
                      Refund("R1", 1, "5/1") + Refund("R2", 50'000'000, "4")));
  EXPECT_EQ(Statement(),
            "A,1000000000,0,1000000000,50000000,rate\n"
            "B,999999999,0,999999999,0,below_threshold\n"
            "C,1100000000,50000000,1050000000,50000000,cap\n"
            "D,1000000000,1,999999999,0,below_threshold\n");
  EXPECT_EQ(Read(Out() + "/statement.csv").substr(0, 61),
            "claimant,counted_fen,refunded_fen,net_fen,reward_fen,reason\nA");
}

TEST_F(OfflineTest, TheYearEndsAt16Utc) {
  UsePolicy("shanxi-2020");
  const auto at = [](const char* order, const char* time) {
    return base::StrCat("jd,", order, ",1,sale,A,141032,,,5,,,,", time, ",,,,\n");
  };
  ASSERT_TRUE(Compute(kHeader + at("1", "2020-12-31T15:59:59.999999999Z") + at("2", "2020-12-31T16:00:00Z") +
                      at("3", "2019-12-31T16:00:00z") + at("4", "2019-12-31T23:59:59+08:00") +
                      at("5", "2020-12-31T10:59:59-05:00")));
  EXPECT_EQ(Lines(),
            "jd/1/1,counted,in_scope\njd/2/1,excluded,outside_period\njd/3/1,counted,in_scope\n"
            "jd/4/1,excluded,outside_period\njd/5/1,counted,in_scope\n");
}

TEST_F(OfflineTest, TheListOfTheDayOfTheOrderDecides) {
  UsePolicy("shanxi-2020");
  const auto from = [](const char* order, const char* origin, const char* time) {
    return base::StrCat("jd,", order, ",1,sale,A,", origin, ",,,5,,,,", time, ",,,,\n");
  };
  ASSERT_TRUE(Compute(kHeader + from("1", "140431", "2020-06-30T23:59:59+08:00") +
                      from("2", "140431", "2020-06-30T16:00:00Z") + from("3", "14103", "2020-06-30T16:00:00Z")));
  EXPECT_EQ(Lines(), "jd/1/1,counted,in_scope\njd/2/1,excluded,not_designated\njd/3/1,excluded,not_designated\n");
}

TEST_F(OfflineTest, Shanxi2023PaysTheParcelOrItsFee) {
  UsePolicy("shanxi-2023-parcels");
  // A: 999 parcels at a yuan each and one line of 10 parcels whose fee is 7 yuan: 999 + 7. B misses 1,000 parcels, C
  // 100,000 yuan, and D's parcels stay in the county.
  ASSERT_TRUE(
      Compute(kHeader + Sale("1", "A", 10'000'000, "2023-05-01", "999,W,999999") +
              Sale("2", "A", 0, "2023-05-01", "10,W,700") + Sale("3", "B", 10'000'000, "2023-05-01", "999,W,999999") +
              Sale("4", "C", 9'999'999, "2023-05-01", "1000,W,999999") +
              "jd,5,1,sale,D,141032,141032105,,10000000,5000,,999999,2023-05-01T00:00:00Z,,2023-05-01T00:00:00Z,,\n" +
              Sale("6", "E", 10'000'000, "2023-05-01", "2000000,W,999999999")));
  EXPECT_EQ(Statement(),
            "A,10000000,0,10000000,100600,unit_amount\nB,10000000,0,10000000,0,below_threshold\n"
            "C,9999999,0,9999999,0,below_threshold\nD,0,0,0,0,below_threshold\n"
            "E,10000000,0,10000000,100000000,cap\n");
}

TEST_F(OfflineTest, LiulinPaysTiersAndTheTopFive) {
  UsePolicy("liulin-tiers");
  policy_.scope.origins = {"14"};
  std::string sales = kHeader + Sale("0", "Z", 500'000'000, "2023-05-01") + Sale("1", "Y", 499'999'999, "2023-05-01");
  // Six firms in the lowest tier; the fifth and sixth are level and share one place.
  for (int i = 0; i < 4; ++i) {
    sales += Sale(base::StrCat("a", i), base::StrCat("A", i), 200'000'000 + i, "2023-05-01");
  }
  sales += Sale("b", "B", 100'000'000, "2023-05-01") + Sale("c", "C", 100'000'000, "2023-05-01");
  sales += Sale("d", "D", 99'999'999, "2023-05-01");
  ASSERT_TRUE(Compute(sales));
  EXPECT_EQ(Statement(),
            "A0,200000000,0,200000000,500000,tier\nA1,200000001,0,200000001,500000,tier\n"
            "A2,200000002,0,200000002,500000,tier\nA3,200000003,0,200000003,500000,tier\n"
            "B,100000000,0,100000000,250000,tier_shared\nC,100000000,0,100000000,250000,tier_shared\n"
            "D,99999999,0,99999999,0,no_tier\nY,499999999,0,499999999,1000000,tier\n"
            "Z,500000000,0,500000000,3000000,tier\n");
}

TEST_F(OfflineTest, NanfengPaysOrdersBeyondTheFirst500) {
  UsePolicy("nanfeng-orders");
  policy_.scope.origins = {"14"};
  std::string sales = kHeader;
  for (int i = 0; i < 503; ++i) sales += Sale(base::StrCat("n", i), "A", 100, "2023-05-01");
  // A second line of an order is no second order; an order refunded in full is none.
  std::string second_line = Sale("n0", "A", 100, "2023-05-01");
  second_line.replace(second_line.find(",1,"), 3, ",2,");
  ASSERT_TRUE(Compute(sales + second_line + Refund("R", 100, "n7/1")));
  EXPECT_EQ(Statement(), "A,50400,100,50300,100,unit_amount\n");
}

TEST_F(OfflineTest, XinchengRollsOverWhatAQuarterLeaves) {
  UsePolicy("xincheng-quarterly");
  policy_.scope.origins = {"14"};
  // Q1 leaves 100,000 of 150,000 yuan; Q2 asks 300,000 and gets 250,000; Q3 asks 150,001 and gets 150,000.
  ASSERT_TRUE(Compute(kHeader + Sale("1", "A", 1, "2023-03-31", "50000,,") +
                      Sale("2", "A", 1, "2023-04-01", "200000,,") + Sale("3", "B", 1, "2023-06-30", "100000,,") +
                      Sale("4", "B", 1, "2023-07-01", "150001,,")));
  EXPECT_EQ(Statement(),
            "A,2,0,2,21666667,2023Q1:unit_amount;2023Q2:pool_share;2023Q3:unit_amount;2023Q4:unit_amount\n"
            "B,2,0,2,23333333,2023Q1:unit_amount;2023Q2:pool_share;2023Q3:pool_share;2023Q4:unit_amount\n");
}

TEST_F(OfflineTest, PinduoduoEndsAtExactlyZeroByTime) {
  UsePolicy("pinduoduo-2020-orders");
  policy_.scope.platforms = {"jd"};
  policy_.pool->amount_fen = 500;  // two orders and a half
  ASSERT_TRUE(Compute(kHeader + Sale("4", "A", 9, "2020-05-04") + Sale("3", "B", 9, "2020-05-03") +
                      Sale("1", "A", 9, "2020-05-01") + Sale("2", "B", 9, "2020-05-02")));
  EXPECT_EQ(Statement(), "A,18,0,18,200,pool_share\nB,18,0,18,300,pool_share\n");
}

TEST_F(OfflineTest, FiveFeesAreWaivedInFull) {
  UsePolicy("fee-waivers-2020");
  const auto fee = [](const char* number, const char* kind, const char* fen) {
    return base::StrCat("county,", number, ",1,sale,A,141032,,", kind, ",", fen, ",,,,2020-05-01T00:00:00Z,,,,\n");
  };
  ASSERT_TRUE(Compute(kHeader + fee("1", "platform-use", "100000") + fee("2", "shop-sign", "30050") +
                      fee("3", "advertising", "999")));
  EXPECT_EQ(Statement(), "A,130050,0,130050,130050,waiver\n");
  EXPECT_THAT(Lines(), HasSubstr("county/3/1,excluded,commodity_not_listed"));
}

TEST_F(OfflineTest, RefundsNameTheirSaleInManyWays) {
  UsePolicy("shanxi-2020");
  std::string second_line = Sale("B2", "A", 100);
  second_line.replace(second_line.find(",1,"), 3, ",2,");
  for (const char* way : {"A-1", "jd/A-1", "A-1/1", "A-1:1", "jd:A-1:1", "jd-A-1-1", "A-1#1"}) {
    ASSERT_TRUE(Compute(kHeader + Refund("R", 40, way) + Sale("A-1", "A", 100)));
    EXPECT_EQ(Statement(), "A,100,40,60,0,below_threshold\n") << way;
  }
  ASSERT_TRUE(Compute(kHeader + Sale("B2", "A", 100) + second_line + Refund("R", 40, "B2/2") + Refund("B2", 7, "2")));
  EXPECT_EQ(Lines(),
            "jd/B2/1,counted,in_scope\njd/B2/2,counted,in_scope\njd/B2/1,counted,refund_of_counted_sale\n"
            "jd/R/1,counted,refund_of_counted_sale\n");
  std::string no_line = Refund("R", 40, "B2");
  no_line.replace(no_line.find(",1,"), 3, ",9,");
  EXPECT_FALSE(Compute(kHeader + Sale("B2", "A", 100) + second_line + no_line));
  EXPECT_THAT(faults_, ElementsAre("4 refund_of: the order has 2 lines; write ORDER/LINE to say which"));
}

TEST_F(OfflineTest, PendingRefundsAreShownAndChangeNothing) {
  UsePolicy("shanxi-2020");
  ASSERT_TRUE(Compute(kHeader + Sale("1", "A", 100) + Refund("R", 40, "2/1") + Refund("R2", 40, "1/2")));
  EXPECT_EQ(Statement(), "A,100,0,100,0,below_threshold\n");
  EXPECT_EQ(Lines(), "jd/1/1,counted,in_scope\njd/R2/1,excluded,refund_pending\njd/R/1,excluded,refund_pending\n");
}

TEST_F(OfflineTest, ConditionsOnApplicantsAreEvaluatedWhereTheyAreGiven) {
  UsePolicy("liulin-tiers");
  policy_.applicant = {.registered_before = *base::ParseDay("2020-01-01"), .documents = {"licence"}};
  policy_.scope = {};
  policy_.period.first_day = *base::ParseDay("2020-01-01");
  policy_.period.last_day = *base::ParseDay("2020-12-31");
  policy_.grant.tiers = {{.from_fen = 100, .reward_fen = 7, .top = 1}};
  policy_.grant.tie_rule = engine::TieRule::kNone;
  const std::string sales = kHeader + Sale("1", "A", 300) + Sale("2", "B", 200) + Sale("3", "C", 150);
  ASSERT_TRUE(Compute(sales));
  EXPECT_EQ(Statement(), "A,300,0,300,7,tier\nB,200,0,200,0,outside_top\nC,150,0,150,0,outside_top\n");
  EXPECT_FALSE(std::filesystem::exists(Out() + "/conditions.csv"));

  // A was registered too late and C shows nothing: neither takes the place.
  FaultList faults;
  applicants_ = ReadApplicants(
      "documents,claimant_uscc,registered_on\n\"other;licence\",A,2020-01-01\nlicence,B,2019-12-31\n", "a.csv", faults);
  ASSERT_TRUE(faults.empty());
  ASSERT_TRUE(Compute(sales));
  EXPECT_EQ(Statement(), "A,300,0,300,0,conditions_unmet\nB,200,0,200,7,tier\nC,150,0,150,0,conditions_unmet\n");
  EXPECT_EQ(Body(Out() + "/conditions.csv"),
            "A,registered_before 2020-01-01\nC,registered_before 2020-01-01\nC,document licence\n");
}

TEST_F(OfflineTest, UnmetConditionsGiveTheirPartOfAPoolToTheOthers) {
  UsePolicy("pinduoduo-2020-orders");
  policy_.applicant = {.documents = {"licence"}};
  policy_.scope = {};
  policy_.pool->amount_fen = policy_.grant.unit_fen;
  const std::string sales = kHeader + Sale("1", "A", 300, "2020-03-01") + Sale("2", "B", 200, "2020-06-01");
  ASSERT_TRUE(Compute(sales));
  EXPECT_THAT(Statement(), HasSubstr("B,200,0,200,0,pool_exhausted"));
  FaultList faults;
  applicants_ = ReadApplicants("claimant_uscc,registered_on,documents\nB,,licence\n", "a.csv", faults);
  ASSERT_TRUE(Compute(sales));
  EXPECT_THAT(Statement(), HasSubstr("A,300,0,300,0,conditions_unmet"));
  EXPECT_THAT(Statement(), HasSubstr(base::StrCat("B,200,0,200,", policy_.grant.unit_fen, ",unit_amount")));
}

TEST_F(OfflineTest, EveryMistakeOfApplicantsIsNamed) {
  FaultList faults;
  ReadApplicants("claimant_uscc,registered_on,documents\nA,yesterday,\n,,\nA,,x\nB\n", "a.csv", faults);
  std::vector<std::string> told;
  for (const Fault& fault : faults.Sorted()) told.push_back(base::StrCat(fault.line, " ", fault.what));
  EXPECT_THAT(told, ElementsAre("2 registered_on: must be a day as YYYY-MM-DD", "3 claimant_uscc: is required",
                                "4 claimant_uscc: A stands twice", "5 has 1 cells where the header has 3"));
  FaultList of_header;
  ReadApplicants("claimant_uscc,documents\n", "a.csv", of_header);
  EXPECT_EQ(of_header.count(), 1);
}

TEST_F(OfflineTest, TheShipperMustBeTheApplicantWhereTheFileTellsIt) {
  UsePolicy("shanxi-2020");
  policy_.applicant.is_shipper = true;
  policy_.least_amount.reset();
  std::string header = kHeader;
  header.insert(header.size() - 1, ",shipper_uscc");
  const auto sale = [](const std::string& order, const std::string& shipper) {
    std::string row = Sale(order, "A", 10'000);
    row.insert(row.size() - 1, "," + shipper);
    return row;
  };
  ASSERT_TRUE(Compute(header + sale("1", "A") + sale("2", "B") + sale("3", "")));
  EXPECT_EQ(Lines(), "jd/1/1,counted,in_scope\njd/2/1,excluded,not_shipper\njd/3/1,counted,in_scope\n");
  EXPECT_EQ(Statement(), "A,20000,0,20000,1000,rate\n");
}

TEST_F(OfflineTest, ListsToldWithASaleGoBeforeThoseOfTheComputation) {
  UsePolicy("shanxi-2020");
  policy_.least_amount.reset();
  policy_.scope.list_version = "2020";
  std::string header = kHeader;
  header.insert(header.size() - 1, ",designations");
  const auto sale = [](const std::string& order, const std::string& lists) {
    std::string row = Sale(order, "A", 10'000);
    row.insert(row.size() - 1, "," + lists);
    return row;
  };
  ASSERT_TRUE(Compute(header + sale("1", "") + sale("2", "x/1/14;shanxi-poor-counties/2020/141032") +
                      sale("3", "shanxi-poor-counties/2019/141032")));
  EXPECT_EQ(Lines(), "jd/1/1,excluded,not_designated\njd/2/1,counted,in_scope\njd/3/1,excluded,not_designated\n");
  EXPECT_FALSE(Compute(header + sale("1", "shanxi-poor-counties")));
  EXPECT_THAT(faults_, ElementsAre("2 designations: must be lists as PROGRAMME/VERSION/REGION with ; between"));
}

TEST_F(OfflineTest, TakesCsvAsItComes) {
  UsePolicy("shanxi-2020");
  ASSERT_TRUE(Compute(
      "\xEF\xBB\xBF"
      "refund_of,\"line_no\",order_no,platform,remark,kind,claimant_uscc,origin_region,destination_region,commodity,"
      "amount_fen,parcels,waybill_no,parcel_fee_fen,order_time,payment_time,waybill_time,accept_time\r\n"
      ",1,\"A,\"\"1\"\"\",京东,\"two\nlines\",sale,F,141032,,\"鸡蛋\",100,,,,2020-05-01T00:00:00Z,,,\r\n"
      "\r\n"
      ",1,\"A,\"\"1\"\"\",京东,another remark,\"sale\",F,141032,,鸡蛋,100,,,,2020-05-01T00:00:00Z,,,"));
  EXPECT_EQ(Statement(), "F,100,0,100,0,below_threshold\n");
  EXPECT_EQ(Lines(), "\"京东/A,\"\"1\"\"/1\",counted,in_scope\n");
}

TEST_F(OfflineTest, TheSameLineWrittenAnotherWayCountsOnce) {
  UsePolicy("shanxi-2020");
  ASSERT_TRUE(
      Compute(base::StrCat(kHeader, "jd,1,1,sale,A,141032,110105,egg,1000000000,1,W,5,2020-06-01T12:00:00+08:00,,,,\n",
                           "jd,1,1,sale,A,141032,110105,\"egg\",01000000000,1,W,005,2020-06-01T04:00:00Z,,,,\n",
                           "jd,1,1,sale,A,141032,110105,egg,1000000000,1,W,5,2020-05-31T23:00:00.000-05:00,,,,\r\n")));
  EXPECT_EQ(Statement(), "A,1000000000,0,1000000000,50000000,rate\n");
  EXPECT_FALSE(Compute(base::StrCat(kHeader, "jd,1,1,sale,A,141032,110105,egg,5,1,W,5,2020-06-01T12:00:00+08:00,,,,\n",
                                    "jd,1,1,sale,A,141032,110105,egg,5,1,W,5,2020-06-01T12:00:00.000000001+08:00,,,,\n",
                                    "jd,1,1,sale,A,141032,110105,egg,5,1,V,5,2020-06-01T12:00:00+08:00,,,,\n")));
  EXPECT_THAT(faults_, ElementsAre(HasSubstr("3 line_no"), HasSubstr("4 line_no")));
}

TEST_F(OfflineTest, AQuotedCellMayRunOverLines) {
  UsePolicy("shanxi-2020");
  ASSERT_TRUE(Compute(base::StrCat(
      kHeader, "jd,\"1\r\n2\",1,sale,A,141032,110105,\"egg\nlarge\",7,1,W,5,2020-06-01T12:00:00+08:00,,,,\n")));
  EXPECT_EQ(Lines(), "\"jd/1\r\n2/1\",counted,in_scope\n");
}

TEST_F(OfflineTest, AFileWithoutHeaderOrInUtf16HasOneMistake) {
  UsePolicy("shanxi-2020");
  EXPECT_FALSE(Compute(""));
  EXPECT_THAT(faults_, ElementsAre("1 the file has no header"));
  EXPECT_FALSE(Compute(std::string("\xFF\xFEp\0l\0", 6)));
  EXPECT_THAT(faults_, ElementsAre(HasSubstr("UTF-16")));
}

TEST_F(OfflineTest, EveryMistakeIsNamedWithItsLineAndNothingIsWritten) {
  UsePolicy("shanxi-2020");
  ASSERT_TRUE(Compute(kHeader + Sale("1", "A", 100)));
  const std::string before = Read(Out() + "/statement.csv");
  EXPECT_FALSE(Compute(kHeader + Sale("1", "A", -5) + Refund("R1", 101, "2") + Sale("2", "B", 100) +
                       Sale("2", "B", 99) + "jd,3,1,gift,A,14x,,,1.5,,,,2020-02-30T00:00:00Z,,,,\n" + "jd,4\n" +
                       ",5,1,sale,A,14,,,9223372036854775808,,,,2020-02-03 00:00:00,,,,x\n" +
                       "jd,\"6,1,sale,A,14,,,1,,,,2020-02-03T00:00:00Z,,,,\n"));
  EXPECT_EQ(faults_,
            (std::vector<std::string>{
                "2 amount_fen: must not be negative",
                "3 amount_fen: the refunds of the sale in line 4 come to more than its 100 fen",
                "5 line_no: the same platform, order_no and line_no as line 4 with other content",
                "6 amount_fen: must be a whole number", "6 kind: must be sale or refund",
                "6 order_time: must be a time of RFC 3339 with its offset, from 2000 to 2099",
                "6 origin_region: must be a region code of at most 12 digits", "7 has 2 cells where the header has 17",
                "8 amount_fen: is beyond the largest number that can be counted, 9223372036854775807",
                "8 order_time: must be a time of RFC 3339 with its offset, from 2000 to 2099",
                "8 platform: is required", "8 refund_of: must be empty for a sale", "9 a quote is never closed"}));
  EXPECT_EQ(Read(Out() + "/statement.csv"), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(Out()), {}), 2) << "something half-written was left";
}

TEST_F(OfflineTest, AMissingColumnAndAnUnknownPlatformAreMistakes) {
  UsePolicy("shanxi-2020");
  EXPECT_FALSE(Compute("platform,order_no\n"));
  EXPECT_EQ(faults_.size(), 15);
  EXPECT_FALSE(Compute(""));
  policy_.scope.known_platforms = {"tmall"};
  EXPECT_FALSE(Compute(kHeader + Sale("1", "A", 5)));
  EXPECT_THAT(faults_, ElementsAre("2 platform: jd is none of the platforms the policy knows"));
}

TEST_F(OfflineTest, SumsBeyondInt64AreRefusedAndNeverWrapped) {
  UsePolicy("shanxi-2020");
  ASSERT_TRUE(Compute(kHeader + Sale("1", "A", 9'223'372'036'854'775'806) + Sale("2", "A", 1)));
  EXPECT_EQ(Statement(), "A,9223372036854775807,0,9223372036854775807,50000000,cap\n");
  EXPECT_FALSE(Compute(kHeader + Sale("1", "A", 9'223'372'036'854'775'806) + Sale("2", "A", 2)));
  EXPECT_THAT(faults_, ElementsAre(HasSubstr("claimant_uscc A: its counted sales")));
}

// Larger than a block and than two partitions, so that rows are cut, spilled and put together again.
TEST_F(OfflineTest, ALargeFileInAnyOrderGivesTheSameBytes) {
  UsePolicy("shanxi-2020");
  constexpr int kSales = 150'000;
  const std::string padding(200, 'x');
  const auto make = [&](int step) {
    std::string sales = kHeader;
    for (int i = 0; i < kSales; ++i) {
      const auto number = static_cast<int>((static_cast<int64_t>(i) * step + step) % kSales);
      sales += Sale(base::StrCat("n", number), base::StrCat("F", number % 7), number, "2020-06-01",
                    base::StrCat("1,\"", padding, number % 3 == 0 ? "\"\"" : "", "\",5"));
      if (number % 10 == 0) sales += Refund(base::StrCat("r", number), number / 2, base::StrCat("n", number));
    }
    return sales;
  };
  ASSERT_TRUE(Compute(make(1)));
  const std::string statement = Statement();
  const std::string lines = Lines();
  int64_t counted_fen = 0;
  int64_t refunded_fen = 0;
  for (int64_t number = 0; number < kSales; number += 7) {
    counted_fen += number;
    if (number % 10 == 0) refunded_fen += number / 2;
  }
  EXPECT_THAT(statement, HasSubstr(base::StrCat("F0,", counted_fen, ",", refunded_fen, ",")));
  ASSERT_TRUE(Compute(make(7'919)));  // a prime that does not divide the number of sales: each is met once
  EXPECT_EQ(Statement(), statement);
  EXPECT_EQ(Lines() == lines, true);
}

TEST(Spill, KeepsEveryLineBeyondItsMemoryToo) {
  const ScratchDirectory directory;
  Spill spill(2, directory.path(), /*memory_bytes=*/1'000);
  SpillWriter writer(spill);
  constexpr int kLines = 5'000;
  for (int i = 0; i < kLines; ++i) {
    const std::string key = KeyOf("jd", base::StrCat("n", i), "1");
    ASSERT_TRUE(writer.Write(i % 2, {.amount_fen = i, .line = INT64_MAX - i}, key, "").ok());
  }
  ASSERT_TRUE(writer.Flush().ok());
  int64_t sum = 0;
  for (const size_t partition : {0, 1}) {
    const auto bytes = spill.Take(partition);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    for (const Line& line : DecodeLines(*bytes)) {
      EXPECT_EQ(line.order(), std::string("jd") + kKeyBreak + base::StrCat("n", line.facts.amount_fen));
      EXPECT_EQ(line.facts.line, INT64_MAX - line.facts.amount_fen);
      sum += line.facts.amount_fen;
    }
    EXPECT_THAT(*spill.Take(partition), IsEmpty());
  }
  EXPECT_EQ(sum, int64_t{kLines} * (kLines - 1) / 2);
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

}  // namespace
}  // namespace zhuxiao::reward::offline
