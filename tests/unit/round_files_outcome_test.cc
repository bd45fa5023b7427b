// What came out of a round, as files: written in one form, read back the same, and never half.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "services/base/digest.h"
#include "services/round_files/clearing_files.h"
#include "services/round_files/write_batch.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::round_files {
namespace {

using matching::kLambdaParts;
using matching::kNoPrice;
using matching::kPriceParts;
using matching::RoundContract;
using testing::ElementsAre;
using testing::HasSubstr;

class OutcomeTest : public testing::Test {
 protected:
  OutcomeTest() {
    for (const char* id : {"L,1", "L2"}) ids_.listings.Add(id);
    for (const char* id : {"O1", "O2"}) ids_.orders.Add(id);
    ids_.institutions.Add("I1");
    ids_.villages.Add("140321105201");
    ids_.listing_villages = {0, 0};
    report_ = Summarise(ids_, contracts_, prices_);
    report_.welfare_fen = 9'007'199'254'740'993;  // no double
    report_.bound_fen = INT64_MAX;
    report_.gap_ppm = 12;
    report_.seconds = {{"read", 1.25}, {"auction", 0.5}};
    report_.peak_memory_mib = 77;
  }

  std::string Dir() const { return directory_.path() + "/out"; }
  std::string Read(const std::string& name) const {
    std::ifstream file(Dir() + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Put(const std::string& name, const std::string& text) {
    std::ofstream(Dir() + "/" + name, std::ios::binary) << text;
  }
  absl::Status Write() { return WriteClearing(Dir(), ids_, contracts_, prices_, report_); }

  RoundIds ids_;
  std::vector<RoundContract> contracts_ = {{.order = 0, .listing = 1, .units = 3},
                                           {.order = 1, .listing = 0, .units = 1}};
  matching::RoundPrices prices_ = {.first_tranche = {300 * kPriceParts + 120'000, 0},
                                   .second_tranche = {1, INT64_MAX},
                                   .institution = {kLambdaParts / 8}};
  ClearingReport report_;
  ScratchDirectory directory_;
};

TEST_F(OutcomeTest, WritesOneForm) {
  ASSERT_TRUE(Write().ok());
  EXPECT_EQ(Read("contracts.csv"), "order_id,listing_id,units\r\nO1,L2,3\r\nO2,\"L,1\",1\r\n");
  EXPECT_EQ(Read("listing_prices.csv"),
            "listing_id,tranche,price_fen\r\n\"L,1\",1,300.12\r\n\"L,1\",2,0.000001\r\nL2,1,0\r\n"
            "L2,2,9223372036854.775807\r\n");
  EXPECT_EQ(Read("institution_prices.csv"), "institution_id,price\r\nI1,0.125\r\n");
  EXPECT_EQ(
      Read("report.json"),
      "{\"welfare_fen\": 9007199254740993, \"bound_fen\": 9223372036854775807, \"gap_ppm\": 12, \"contracts\": 2, "
      "\"orders_served\": 2, \"villages_served\": 1, \"digest\": \"" +
          report_.digest + "\", \"seconds\": {\"read\": 1.250, \"auction\": 0.500}, \"peak_memory_mib\": 77}\n");
}

TEST_F(OutcomeTest, DigestIsThatOfTheFilesOneAfterAnother) {
  ASSERT_TRUE(Write().ok());
  EXPECT_EQ(report_.digest, absl::BytesToHexString(base::Sha256(Read("contracts.csv") + Read("listing_prices.csv") +
                                                                Read("institution_prices.csv"))));
}

TEST_F(OutcomeTest, ReadsBackTheSame) {
  ASSERT_TRUE(Write().ok());
  const auto outcome = ReadOutcome(Dir(), ids_);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->contracts, contracts_);
  EXPECT_EQ(outcome->prices.first_tranche, prices_.first_tranche);
  EXPECT_EQ(outcome->prices.second_tranche, prices_.second_tranche);
  EXPECT_EQ(outcome->prices.institution, prices_.institution);
  auto report = ReadReport(Dir());
  ASSERT_TRUE(report.ok()) << report.status();
  report->seconds = report_.seconds;
  EXPECT_EQ(*report, report_);
}

TEST_F(OutcomeTest, TellsEveryFault) {
  ASSERT_TRUE(Write().ok());
  Put("contracts.csv", "order_id,listing_id,units\nO1,L2,3\nO9,L2,1\nO2,L9,1\nO2,L2,0\nO1,L2,1\n");
  Put("listing_prices.csv",
      "listing_id,tranche,price_fen\nL2,1,-1\nL2,3,1\nL9,1,1\nL2,2,0.0000001\nL2,2,1\n\"L,1\",1,.\n\"L,1\",2,"
      "9223372036855\n");
  Put("institution_prices.csv", "institution_id,price\nI1,1e3\n");
  const std::string text(ReadOutcome(Dir(), ids_).status().ToString());
  for (const char* fault :
       {"contracts.csv:3:order_id", "contracts.csv:4:listing_id", "contracts.csv:5:units", "order O1 and listing L2",
        "listing_prices.csv:2:price_fen", "listing_prices.csv:3:tranche", "listing_prices.csv:4:listing_id",
        "listing_prices.csv:5:price_fen", "listing_prices.csv:6:listing_id", "listing_prices.csv:7:price_fen",
        "listing_prices.csv:8:price_fen", "institution_prices.csv:2:price"}) {
    EXPECT_THAT(text, HasSubstr(fault));
  }
}

TEST_F(OutcomeTest, TellsWhatAReportLacks) {
  ASSERT_TRUE(Write().ok());
  Put("report.json", "{\"welfare_fen\": 1.5, \"bound_fen\": 99999999999999999999, \"digest\": 7}");
  const std::string text(ReadReport(Dir()).status().ToString());
  for (const char* member : {"welfare_fen", "bound_fen", "gap_ppm", "contracts", "orders_served", "digest"}) {
    EXPECT_THAT(text, HasSubstr(member));
  }
}

TEST_F(OutcomeTest, PricesOfAnEarlierRoundPassOverWhatIsGone) {
  ASSERT_TRUE(Write().ok());
  Put("listing_prices.csv", "price_fen,tranche,listing_id\n7,2,L2\n5,1,L0\n");
  Put("institution_prices.csv", "institution_id,price\nI0,1\n");
  const auto prices = ReadEarlierPrices(Dir(), ids_);
  ASSERT_TRUE(prices.ok()) << prices.status();
  EXPECT_THAT(prices->first_tranche, ElementsAre(kNoPrice, kNoPrice));
  EXPECT_THAT(prices->second_tranche, ElementsAre(kNoPrice, 7 * kPriceParts));
  EXPECT_THAT(prices->institution, ElementsAre(kNoPrice));
}

TEST_F(OutcomeTest, LeavesWhatWasThereWhereItCannotWrite) {
  ASSERT_TRUE(Write().ok());
  const std::string before = Read("contracts.csv");
  {
    WriteBatch batch(Dir());
    batch.Begin("contracts.csv");
    batch.Append("half");
    batch.Begin("nowhere/file.csv");
    EXPECT_FALSE(batch.Commit().ok());
  }
  EXPECT_EQ(Read("contracts.csv"), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(Dir()), {}), 4);
  EXPECT_FALSE(WriteClearing("/dev/null/x", ids_, contracts_, prices_, report_).ok());
}

// Whichever of the files it is whose place is taken, by a directory; of the others one was there, and one not.
TEST_F(OutcomeTest, PutsBackWhatItReplacedWhereAnotherFileHasNoPlace) {
  for (const std::string taken : {"institution_prices.csv", "report.json"}) {
    SCOPED_TRACE(taken);
    std::filesystem::remove_all(Dir());
    std::filesystem::create_directories(Dir() + "/" + taken);
    Put("contracts.csv", "old");
    EXPECT_FALSE(Write().ok());
    EXPECT_EQ(Read("contracts.csv"), "old");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(Dir()), {}), 2);
    std::filesystem::remove(Dir() + "/" + taken);
    EXPECT_TRUE(Write().ok());
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(Dir()), {}), 4);
  }
}

TEST_F(OutcomeTest, AReportSaysEachThingOnceAndNothingElse) {
  ASSERT_TRUE(Write().ok());
  const std::string good = Read("report.json");
  ASSERT_TRUE(ReadReport(Dir()).ok());
  const std::string open = good.substr(0, good.rfind('}'));
  for (const std::string& bad :
       {open + ", \"welfare_fen\": 999999}", open + "garbage}", good + "{}", open, std::string("[]"), std::string()}) {
    Put("report.json", bad);
    EXPECT_FALSE(ReadReport(Dir()).ok()) << bad;
  }
  std::filesystem::remove(Dir() + "/report.json");
  EXPECT_THAT(ReadReport(Dir()).status().message(), HasSubstr("is missing: what came out is not whole"));
}

}  // namespace
}  // namespace zhuxiao::round_files
