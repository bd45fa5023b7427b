// What is wrong with the files of a clearing round, and with what came out of one, is said in Chinese and in nothing
// else.
#include <gmock/gmock.h>

#include <regex>

#include "services/base/strings.h"
#include "tests/unit/cli_clear_fixture.h"

namespace zhuxiao::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ClearWordsTest : public ClearTest {
 protected:
  // No two words of English stand beside each other; paths, columns and ids are single words.
  static void ExpectNoEnglish(const std::string& text) {
    static const std::regex english("[A-Za-z]{2,}[,;:]? +[A-Za-z]{2,}[^\n]*");
    EXPECT_FALSE(text.empty());
    for (std::sregex_iterator it(text.begin(), text.end(), english), end; it != end; ++it) {
      ADD_FAILURE() << it->str() << "\nin\n" << text;
    }
  }

  // Clears the good files with these in place of theirs.
  void ClearBad(const Files& files) {
    Put(in_, RoundFiles());
    Put(in_, files);
    EXPECT_EQ(Clear("zh"), kExitInvalidArgument);
    ExpectNoEnglish(err_.str());
  }
};

TEST_F(ClearWordsTest, FaultsOfTables) {
  ClearBad({{"orders.csv",
             "order_id,institution_id,commodity,quantity_base,limit_price_fen,limit_base,county_code,deliver_by_day,"
             "allow_partial\nO1,I1,egg\nO2,I9,nut,x,-1,0,999999,1e3,2\n,I1,egg,1,1,1,140105,1,1\n"
             "O4,I1,egg,99999999999999999999,1,1,140105,1,1\nO4,I1,egg,1,1,1,140105,1,1\nO6,\"I\"1\nO7,I\"1\n"
             "O8,\"I1\n"},
            {"counties.csv", "code,longitude,latitude\n14010,200,x\n140105,112.56,37.83\n140321,113.63,37.8\n"},
            {"listings.csv", RoundFiles()["listings.csv"] + "L9,S1,140321,12,egg,1,1,1,0,9,0,0,1\n"}});
  for (const char* fault :
       {"orders.csv:2: 有 3 格，表头有 9 格\n", "orders.csv:3:quantity_base: 必须是不小于 0 的整数\n",
        "orders.csv:5:quantity_base: 必须不大于 9223372036854775807\n", "orders.csv:3:commodity: 没有 \"nut\"\n",
        "counties.csv:2:code: 必须是 6 位数字\n", "counties.csv:2:longitude: 必须是 -180 到 180 之间的数\n",
        "orders.csv:6:order_id: \"O4\" 在第 5 行已经出现\n"}) {
    EXPECT_THAT(err_.str(), HasSubstr(fault));
  }
  ClearBad({{"orders.csv", ""}, {"institutions.csv", "institution_id,limit_fen,limit_fen\n"}});
  ClearBad({{"orders.csv", "order_id\n" + std::string(1 << 17, 'x') + "\n"}});
  ClearBad({{"orders.csv", "order_id,institution_id\rO1,I1\r"}, {"counties.csv", "code,\xff\n"}});
  EXPECT_THAT(err_.str(), HasSubstr("orders.csv:1: 换行只用了 CR；请以 LF 或 CRLF 换行另存\n"));
  std::filesystem::remove(in_ + "/orders.csv");
  std::filesystem::create_symlink("/dev/null", in_ + "/orders.csv");
  EXPECT_EQ(Clear("zh"), kExitInvalidArgument);
  ExpectNoEnglish(err_.str());
  std::filesystem::remove(in_ + "/orders.csv");
  Put(in_, RoundFiles());
  Put(in_, {{"institutions.csv", "institution_id,limit_fen,quota_gap_ppm\n"}});
  for (int i = 0; i < 10'050; ++i) {
    std::ofstream(in_ + "/institutions.csv", std::ios::app) << "J" << i << ",-1,0\n";
  }
  EXPECT_EQ(Clear("zh"), kExitInvalidArgument);
  EXPECT_THAT(err_.str(), HasSubstr("institutions.csv: 共有 10050 处错误，只列出前 10000 处\n"));
}

TEST_F(ClearWordsTest, FaultsOfThePolicy) {
  ClearBad({{"policy.toml",
             "version = 3\ntoday = \"now\"\nurgency = [[5, 1], [2, 1], [1], 7]\nstall_ppm = [0, \"x\"]\n"
             "linkage_weight_ppm = 99999999\ngap_weight_ppm = 0\ntranche_ppm = 1000001\nsurprise = 1\n"}});
  ClearBad({{"policy.toml",
             "today = 0\nurgency = [[5, 1], [2, 1]]\nstall_ppm = [-1]\nlinkage_weight_ppm = 0\ngap_weight_ppm = 0\n"
             "tranche_ppm = 1000001\ntranche_bonus_ppm = 0\n"}});
  ClearBad({{"policy.toml", "urgency = 1\nstall_ppm = 1\n"}});
  EXPECT_THAT(err_.str(), HasSubstr("policy.toml:1:urgency: 必须是由 [天数, 百万分之一] 组成的数组\n"));
  // The parser of TOML says what it expects in its own words.
  Put(in_, {{"policy.toml", "today\n"}});
  EXPECT_EQ(Clear("zh"), kExitInvalidArgument);
  EXPECT_THAT(err_.str(), HasSubstr("policy.toml:1: 不符合 TOML 格式："));
}

TEST_F(ClearWordsTest, FaultsOfRange) {
  ClearBad({{"commodities.csv",
             "commodity,reference_price_fen,reference_base,transport_microfen_per_km_base,min_life_days\n"
             "dear,1000000000000000,1,0,0\negg,681,1000,50,5\nfar,0,1000,9000000000000000000,0\n"},
            {"listings.csv",
             "listing_id,supplier_id,county_code,village_code,commodity,units,unit_base,unit_price_fen,ready_day,"
             "last_sale_day,linkage_ppm,stall_level,min_lot_units\n"
             "L1,S,140321,140321105201,dear,1,2,1,0,9,0,0,1\n"
             "L2,S,140321,140321105201,far,1,9000000000000000000,1,0,9,0,0,1\n"
             "L3,S,140321,140321105201,dear,1,1,1,0,9,0,0,1\n"
             "L4,S,140321,140321105201,egg,9000000000000000000,500,340,0,9,0,0,1\n"
             "L5,S,140321,140321105201,egg,1,500,340,2000000000,2000000000,0,0,1\n"},
            {"orders.csv", RoundFiles()["orders.csv"] + "O9,I1,egg,1,1,1,140105,2100000000,1\n"}});
  for (const char* fault : {"价值超过金额上限", "运费超出可计数的范围", "福利超出可计数的范围", "总价超出可计数的范围",
                            "基本单位数超出可计数的范围", "货物价值超出可计数的范围", "天以上\n"}) {
    EXPECT_THAT(err_.str(), HasSubstr(fault));
  }
}

TEST_F(ClearWordsTest, FaultsOfAnOutcome) {
  ASSERT_EQ(Clear("zh"), kExitOk) << err_.str();
  ExpectNoEnglish(out_.str().substr(0, out_.str().find("read")));  // before the phases
  ASSERT_EQ(Check("zh"), kExitOk) << out_.str();
  ExpectNoEnglish(out_.str());
  Put(out_dir_,
      {{"contracts.csv", "order_id,listing_id,units\nO1,L1,21\nO1,L2,1\nO2,L1,1\nO3,L1,90\nO3,L2,900000\nO3,L3,1\n"}});
  Change(in_ + "/listings.csv", "egg,40,500,345,0,15", "egg,40,500,3450,12,15");
  Change(out_dir_ + "/report.json", "\"gap_ppm\": ", "\"gap_ppm\": 9");
  EXPECT_EQ(Check("zh"), kExitBroken) << err_.str();
  ExpectNoEnglish(out_.str());
  for (const char* fault : {"价格高于限价\n", "至少应为 2\n", "且不接受部分成交\n", "限额 100000 分\n", "第 13 天到货",
                            "合同数应为 6，所报为 ", "摘要应为 ", "福利应为 ", "按其福利和上界，差距应为百万分之 "}) {
    EXPECT_THAT(out_.str(), HasSubstr(fault));
  }
}

TEST_F(ClearWordsTest, FaultsOfTheFilesOfAnOutcome) {
  ASSERT_EQ(Clear("zh"), kExitOk) << err_.str();
  Put(out_dir_, {{"contracts.csv", "order_id,listing_id,units\nO9,L1,1\nO1,L9,0\nO2,L2,1\nO2,L2,1\n"},
                 {"listing_prices.csv", "listing_id,tranche,price_fen\nL1,1,x\nL1,3,1\nL2,1,1\nL2,1,0.0000001\n"}});
  EXPECT_NE(Check("zh"), kExitOk);
  ExpectNoEnglish(err_.str() + out_.str());
  for (const char* report :
       {"", "[]", "{\"welfare_fen\": 1.5, \"digest\": 7, \"digest\": 8}", "{\"welfare_fen\": 1.5}"}) {
    ASSERT_EQ(Clear("zh"), kExitOk) << err_.str();
    Put(out_dir_, {{"report.json", report}});
    EXPECT_NE(Check("zh"), kExitOk);
    ExpectNoEnglish(err_.str() + out_.str());
  }
}

TEST_F(ClearWordsTest, FaultsOfOptionsAndOfPlaces) {
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"--gap", "-1"},
                                             {"--gap", "x"},
                                             {"--time-limit", "1e9"},
                                             {"--threads", "0"},
                                             {"--in", directory_ + "/nowhere"},
                                             {"--out", in_ + "/listings.csv"},
                                             {"--out", in_ + "/listings.csv/below"},
                                             {"--warm-start", directory_ + "/nowhere"}}) {
    std::vector<std::string> arguments = {"clear", "--lang", "zh"};
    if (wrong[0] != "--in") arguments.insert(arguments.end(), {"--in", in_});
    if (wrong[0] != "--out") arguments.insert(arguments.end(), {"--out", out_dir_});
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    EXPECT_NE(Run(arguments), kExitOk);
    ExpectNoEnglish(err_.str());
    EXPECT_THAT(err_.str(), Not(HasSubstr("{0}")));
  }
  EXPECT_EQ(Run({"clear-gen", "--scale", "0.001", "--seed", "1", "--region", "99", "--out", out_dir_, "--lang", "zh"}),
            kExitUsage);
  ExpectNoEnglish(err_.str());
}

// What a report claims may be anything.
TEST_F(ClearTest, WhatAReportClaimsCannotSteerATerminal) {
  ASSERT_EQ(Clear(), kExitOk) << err_.str();
  Change(out_dir_ + "/report.json", "\"digest\": \"", "\"digest\": \"\\u001b[2J\\n\\\"");
  EXPECT_EQ(Check(), kExitBroken);
  EXPECT_THAT(out_.str(), Not(HasSubstr("\x1b")));
  EXPECT_EQ(Run({"clear-check", "--in", in_, "--out", out_dir_, "--json"}), kExitBroken);
  EXPECT_THAT(out_.str(), Not(HasSubstr("\x1b")));
  EXPECT_GT(Json(out_.str()).fields().at("faults").list_value().values_size(), 0);
}

}  // namespace
}  // namespace zhuxiao::cli
