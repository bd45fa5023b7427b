// Files that go wrong on their way in: what is broken, in another encoding or half done loses no row and no work.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/cli_fixture.h"

namespace zhuxiao::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kEggs[] = "鸡蛋,egg,140321,斤,1jin,100,3.40,2020-03-01,2020-03-10,\r\n";

TEST_F(RunTest, ARowWithAnOpenQuoteKeepsItsTextAndSpoilsNoOther) {
  const std::string path =
      Write("open.csv", std::string(kListingsHeader) + kEggs +
                            "\"坏蛋,egg,140321,斤,1jin,7,3.40,2020-03-01,2020-03-10,\r\n" + kEggs + kEggs);
  EXPECT_EQ(Run({"listing", "import", path}), kExitPartial) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("4 rows: 3 taken"));
  EXPECT_EQ(server_.listings.create.requests.size(), 3);
  const std::string rejected = Read(path + ".rejected.csv");
  EXPECT_THAT(rejected, HasSubstr("\"\"\"坏蛋,egg,140321,斤,1jin,7,3.40,2020-03-01,2020-03-10,\","));
  EXPECT_THAT(rejected, HasSubstr("\"3\",\"\",\"has a quote out of place or never closed\""));
  ASSERT_EQ(Run({"listing", "import", Write("same.csv", rejected)}), kExitPartial) << "it is not mended yet";
  EXPECT_THAT(Read(directory_ + "/same.csv.rejected.csv"), HasSubstr("坏蛋,egg,140321,斤,1jin,7,3.40"));
}

TEST_F(RunTest, ABrokenSaleIsKeptToo) {
  const std::string path = Write("sales.csv",
                                 "order_no,claimant,commodity,origin,amount,order_time\n"
                                 "N1,91140100MA0A00001X,egg,141032,\"100.00,2020-06-01\n"
                                 "N2,91140100MA0A00001X,egg,141032,100.00,2020-06-01\n");
  EXPECT_EQ(Run({"sales", "import", path}), kExitPartial) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("2 rows: 1 taken"));
  EXPECT_THAT(Read(path + ".rejected.csv"), HasSubstr("N1,91140100MA0A00001X,egg,141032,\"\"100.00,2020-06-01"));
}

TEST_F(RunTest, AnImportThatStopsLeavesTheRejectedFileOfAnEarlierRun) {
  const std::string path = Write("stop.csv", std::string(kListingsHeader) + kEggs);
  const std::string rejected = Write("stop.csv.rejected.csv", "mended by hand");
  server_.listings.create.answer = [](const auto&, auto&) { return absl::UnauthenticatedError("no such token"); };
  EXPECT_EQ(Run({"listing", "import", path}), kExitDenied);
  EXPECT_EQ(Read(rejected), "mended by hand");
  EXPECT_THAT(err_.str(), Not(HasSubstr(".rejected.csv")));

  server_.listings.create.answer = [](const auto&, auto&) { return absl::OkStatus(); };
  EXPECT_EQ(Run({"listing", "import", path}), kExitOk);
  EXPECT_FALSE(std::filesystem::exists(rejected)) << "nothing is rejected any more";
}

TEST_F(RunTest, WhereTheRejectedFileCannotBeWrittenOneErrorIsTold) {
  const std::string path = Write("full.csv", std::string(kListingsHeader) + "短,egg\r\n");
  std::filesystem::create_directories(path + ".rejected.csv.new/in-the-way");
  EXPECT_EQ(Run({"listing", "import", path, "--json"}), kExitInternal);
  EXPECT_TRUE(Json(out_.str()).fields().contains("error")) << out_.str();
}

TEST_F(RunTest, AFileThatIsNotUtf8IsRefusedWithTheReason) {
  const std::string gbk = Write("gbk.csv", std::string(kListingsHeader) + "\xBC\xA6\xB5\xB0,egg\r\n");
  EXPECT_EQ(Run({"listing", "import", gbk}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("gbk.csv is not UTF-8; save it as CSV UTF-8"));
  const std::string utf16 = Write("utf16.csv", "\xFF\xFEt");
  EXPECT_EQ(Run({"sales", "import", utf16, "--lang", "zh"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("CSV UTF-8（逗号分隔）"));
  EXPECT_FALSE(std::filesystem::exists(gbk + ".rejected.csv"));
}

TEST_F(RunTest, ARowCannotAskToBeCheckedOnly) {
  const std::string path = Write("only.csv", "validate_only," + std::string(kListingsHeader) + "true," + kEggs);
  EXPECT_EQ(Run({"listing", "import", path}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("validate_only: is no column of this import"));
  EXPECT_TRUE(server_.listings.create.requests.empty());
}

TEST_F(RunTest, TheProgressBarEndsBeforeTheSummary) {
  is_terminal_ = true;
  const std::string path = Write("bar.csv", std::string(kListingsHeader) + kEggs + "短,egg\r\n");
  EXPECT_EQ(Run({"listing", "import", path}), kExitPartial);
  EXPECT_THAT(err_.str(), HasSubstr("] 2/2\nrejected rows"));
}

TEST_F(RunTest, TheHelpOfAnImportNamesTheColumnsAndTheRejectedFile) {
  for (const char* group : {"listing", "sales"}) {
    ASSERT_EQ(Run({group, "import", "--help"}), kExitOk);
    EXPECT_THAT(out_.str(), HasSubstr("FILE.rejected.csv"));
    EXPECT_THAT(out_.str(), HasSubstr("commodity"));
    EXPECT_THAT(out_.str(), Not(HasSubstr("validate-only")));
  }
  EXPECT_THAT(out_.str(), HasSubstr("order-no     *"));
}

TEST_F(RunTest, UnitsOfRowsFitTheirCommodity) {
  const std::string path = Write("units.csv", std::string(kListingsHeader) + kEggs +
                                                  "鸡蛋,egg,140321,枚,1枚,100,3.40,2020-03-01,2020-03-10,\r\n"
                                                  "牛,cattle,140321,头,1head,100,3.40,2020-03-01,2020-03-10,\r\n"
                                                  "牛,cattle,140321,头,1t,100,3.40,2020-03-01,2020-03-10,\r\n");
  EXPECT_EQ(Run({"listing", "import", path}), kExitPartial);
  EXPECT_THAT(out_.str(), HasSubstr("4 rows: 2 taken"));
  const std::string rejected = Read(path + ".rejected.csv");
  EXPECT_THAT(rejected,
              HasSubstr("\"3\",\"unit-size\",\"unit-size is a number of pieces, but egg is measured by weight"));
  EXPECT_THAT(rejected, HasSubstr("\"5\",\"unit-size\",\"unit-size is a weight, but cattle is counted in pieces"));
}

}  // namespace
}  // namespace zhuxiao::cli
