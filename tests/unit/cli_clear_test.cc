// The commands that clear a round from its files: what they refuse, when, and with which exit code.
#include <gmock/gmock.h>

#include <algorithm>

#include "services/base/strings.h"
#include "tests/unit/cli_clear_fixture.h"

namespace zhuxiao::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Before anything is read: the round has a fault that is not told.
TEST_F(ClearTest, APlaceToWriteThatCannotBeIsToldFirst) {
  Change(in_ + "/orders.csv", "O1,", ",");
  const std::string file = in_ + "/orders.csv";
  for (const auto& [out, why] : {std::pair(file, "--out: is a file, not a directory"),
                                 {file + "/below", "--out: cannot be made: Not a directory"},
                                 {std::string("/proc/below"), "--out: cannot be made: "},
                                 {std::string("/sys"), "--out: cannot be written to: "}}) {
    SCOPED_TRACE(out);
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"clear", "--in", in_}, {"clear-gen", "--scale", "0.0001", "--seed", "1"}}) {
      std::vector<std::string> arguments = command;
      arguments.insert(arguments.end(), {"--out", out});
      EXPECT_EQ(Run(arguments), kExitInvalidArgument);
      EXPECT_THAT(err_.str(), HasSubstr(why));
      EXPECT_THAT(err_.str(), Not(HasSubstr("orders.csv:2")));
    }
    EXPECT_EQ(Run({"round", "export", "R1", "--out", out}), kExitInvalidArgument);
    EXPECT_THAT(err_.str(), HasSubstr(why));
  }
  std::filesystem::create_symlink(directory_ + "/gone/away", directory_ + "/link");
  EXPECT_EQ(Run({"clear", "--in", in_, "--out", directory_ + "/link"}), kExitInvalidArgument);
  EXPECT_THAT(err_.str(), HasSubstr("--out: cannot be made: "));
}

TEST_F(ClearTest, TryingAPlaceLeavesNothingThere) {
  Change(in_ + "/orders.csv", "O1,", ",");
  EXPECT_EQ(Clear(), kExitInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(out_dir_));
  EXPECT_EQ(Run({"clear", "--in", in_, "--out", out_dir_ + "/below/it"}), kExitInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(out_dir_));
}

TEST_F(ClearTest, APlaceToReadThatIsNotThereIsNotFound) {
  const std::string nowhere = directory_ + "/nowhere";
  for (const auto& [arguments, option] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"clear", "--in", nowhere, "--out", out_dir_}, "--in"},
           {{"clear", "--in", in_, "--out", out_dir_, "--warm-start", nowhere}, "--warm-start"},
           {{"clear-check", "--in", nowhere, "--out", in_}, "--in"},
           {{"clear-check", "--in", in_, "--out", nowhere}, "--out"},
           {{"clear-study", "--in", nowhere}, "--in"}}) {
    EXPECT_EQ(Run(arguments), kExitNotFound) << arguments[0] << " " << option;
    EXPECT_THAT(err_.str(), HasSubstr(option + ": there is no directory " + nowhere));
  }
  EXPECT_FALSE(std::filesystem::exists(out_dir_)) << "made before it was known that there is a round";
  EXPECT_EQ(Run({"clear", "--in", in_ + "/orders.csv", "--out", out_dir_}), kExitInvalidArgument);
  EXPECT_THAT(err_.str(), HasSubstr("--in: is not a directory"));
}

TEST_F(ClearTest, AnEmptyPlaceIsAWrongCommand) {
  for (const auto& [arguments, option] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"clear", "--in", "", "--out", out_dir_}, "--in"},
           {{"clear", "--in", in_, "--out", ""}, "--out"},
           {{"clear", "--in", in_, "--out", out_dir_, "--warm-start", ""}, "--warm-start"},
           {{"clear-check", "--in", in_, "--out="}, "--out"},
           {{"clear-gen", "--scale", "0.0001", "--seed", "1", "--out", ""}, "--out"},
           {{"clear-study", "--in", ""}, "--in"},
           {{"round", "export", "R1", "--out", ""}, "--out"}}) {
    EXPECT_EQ(Run(arguments), kExitUsage) << arguments[0] << " " << option;
    EXPECT_THAT(err_.str(), HasSubstr(option + ": must not be empty"));
    EXPECT_THAT(out_.str(), IsEmpty());
  }
}

// Rows of price 0 are rows too: without them anybody could take the price of goods for granted.
TEST_F(ClearTest, AnOutcomeNamesEveryPrice) {
  // L2's first tranche has one of its 10 units, a listing without units has neither.
  Change(in_ + "/listings.csv", "L3,", "L0,S1,140321,140321105201,egg,0,500,340,1,15,0,0,1\nL3,");
  ASSERT_EQ(Clear(), kExitOk) << err_.str();
  ASSERT_EQ(Check(), kExitOk) << out_.str();
  const std::string prices = out_dir_ + "/listing_prices.csv";
  std::string kept;
  for (std::string rest = Read(prices); !rest.empty(); rest.erase(0, rest.find('\n') + 1)) {
    const std::string line = rest.substr(0, rest.find('\n') + 1);
    if (!line.starts_with("L0,")) kept += line;
  }
  std::ofstream(prices, std::ios::binary) << kept;
  Check();
  EXPECT_THAT(out_.str(), Not(HasSubstr("has no price")));
  std::ofstream(prices, std::ios::binary) << "listing_id,tranche,price_fen\nL1,2,0\nL2,1,0\nL3,1,0\nL3,2,0\n";
  std::ofstream(out_dir_ + "/institution_prices.csv", std::ios::binary) << "institution_id,price\nI2,0\n";
  EXPECT_EQ(Check(), kExitBroken);
  for (const char* fault :
       {"listing_prices.csv: \"L1\" has no price of tranche 1\n",
        "listing_prices.csv: \"L2\" has no price of tranche 2\n", "institution_prices.csv: \"I1\" has no price\n"}) {
    EXPECT_THAT(out_.str(), HasSubstr(fault));
  }
  EXPECT_THAT(out_.str(), Not(HasSubstr("\"L3\"")));
  EXPECT_THAT(out_.str(), Not(HasSubstr("\"I2\"")));
  // An earlier round need not have had what this one has.
  EXPECT_EQ(Run({"clear", "--in", in_, "--out", directory_ + "/next", "--warm-start", out_dir_}), kExitOk);
}

TEST_F(ClearTest, SoManyMissingPricesAreCounted) {
  std::string institutions = RoundFiles()["institutions.csv"];
  for (int i = 0; i < 10'050; ++i) institutions += "J" + std::to_string(i) + ",0,0\n";
  Put(in_, {{"institutions.csv", institutions}});
  ASSERT_EQ(Clear(), kExitOk) << err_.str();
  std::ofstream(out_dir_ + "/institution_prices.csv", std::ios::binary) << "institution_id,price\nI1,0\nI2,0\n";
  EXPECT_EQ(Check(), kExitBroken);
  EXPECT_THAT(out_.str(), HasSubstr("institution_prices.csv: has 10050 faults; the first 10000 are named\n"));
}

// What is wrong with a row hides nothing.
TEST_F(ClearTest, ARowThatCannotBeReadHidesNoRuleThatIsBroken) {
  ASSERT_EQ(Clear(), kExitOk) << err_.str();
  Put(out_dir_, {{"contracts.csv", "order_id,listing_id,units\nO1,L1,21\nO9,L1,1\nO3,L1,x\n"}});
  Change(out_dir_ + "/institution_prices.csv", "I1,", "I1,-");
  EXPECT_EQ(Check(), kExitBroken);
  for (const char* fault :
       {"contracts.csv:3:order_id: is not in the round\n",
        "contracts.csv:4:units: must be a whole number of at least 1\n",
        "institution_prices.csv:2:price: must be a decimal number of at least 0\n", "L1: sells 21 units of 20\n"}) {
    EXPECT_THAT(out_.str(), HasSubstr(fault));
  }
  EXPECT_THAT(out_.str(), Not(HasSubstr("claimed"))) << "rows that cannot be read are in no figure";
  EXPECT_THAT(out_.str(), Not(HasSubstr("gap"))) << "nor is anything proved without them";
  EXPECT_EQ(Run({"clear-check", "--in", in_, "--out", out_dir_, "--json"}), kExitBroken);
  const auto told = Json(out_.str());
  EXPECT_EQ(told.fields().at("gap_ppm").kind_case(), google::protobuf::Value::kNullValue);
  EXPECT_EQ(told.fields().at("fault_count").number_value(), told.fields().at("faults").list_value().values_size());
}

TEST_F(ClearTest, AnOutcomeWithoutItsFilesIsABrokenOne) {
  for (const char* file : {"report.json", "contracts.csv", "listing_prices.csv", "institution_prices.csv"}) {
    ASSERT_EQ(Clear(), kExitOk) << err_.str();
    std::filesystem::remove(out_dir_ + "/" + file);
    EXPECT_EQ(Check(), kExitBroken) << file;
    EXPECT_THAT(out_.str(), HasSubstr(file));
  }
  ASSERT_EQ(Clear(), kExitOk) << err_.str();
  std::filesystem::remove(out_dir_ + "/report.json");
  EXPECT_EQ(Check(), kExitBroken);
  EXPECT_THAT(out_.str(), HasSubstr("report.json: is missing: what came out is not whole\n"));
  // A round with a fault is another thing.
  Change(in_ + "/orders.csv", "O1,", ",");
  EXPECT_EQ(Check(), kExitInvalidArgument);
}

TEST_F(ClearTest, APriceIsToldWhatIsWrongWithIt) {
  ASSERT_EQ(Clear(), kExitOk) << err_.str();
  const std::string good = Read(out_dir_ + "/listing_prices.csv");
  for (const auto& [price, why] : std::vector<std::pair<std::string, std::string>>{
           {"0.0000001", "must have at most 6 decimals"},
           {"9223372036854.775808", "must be at most 9223372036854.775807"},
           {"99999999999999999999", "must be at most 9223372036854.775807"},
           {"1e3", "must be a decimal number of at least 0"},
           {"-1", "must be a decimal number of at least 0"},
           {"1.", "must be a decimal number of at least 0"},
           {".5", "must be a decimal number of at least 0"},
           {"", "must be a decimal number of at least 0"}}) {
    std::ofstream(out_dir_ + "/listing_prices.csv", std::ios::binary) << good;
    const size_t at = good.find("L2,2,") + 5;
    Change(out_dir_ + "/listing_prices.csv", "L2,2," + good.substr(at, good.find('\r', at) - at), "L2,2," + price);
    EXPECT_EQ(Check(), kExitBroken) << price;
    EXPECT_THAT(out_.str(), HasSubstr("price_fen: " + why + "\n")) << price;
  }
}

TEST_F(ClearTest, AGapThatWasNotReachedIsTold) {
  // The limit is worth a unit and a half: no prices prove that only one can be had.
  Put(in_, {{"institutions.csv", "institution_id,limit_fen,quota_gap_ppm\nI1,510,250000\n"}});
  const std::string orders = Read(in_ + "/orders.csv");
  Put(in_, {{"orders.csv", orders.substr(0, orders.find("O1,")) + "O1,I1,egg,1000,700,1000,140105,9,1\n"}});
  ASSERT_EQ(Run({"clear", "--in", in_, "--out", out_dir_, "--gap", "1"}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("\nthe gap asked for, 1 ppm, was not reached: "));
  ASSERT_EQ(Run({"clear", "--in", in_, "--out", out_dir_, "--gap", "1000000"}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), Not(HasSubstr("was not reached")));
  ASSERT_EQ(Clear(), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), Not(HasSubstr("was not reached")));
}

TEST_F(ClearTest, TheHelpSaysWhatNoLimitIsAndWhatAnIdIs) {
  Run({"clear", "--help"});
  // The help breaks long lines.
  std::string help = out_.str();
  help.erase(std::remove_if(help.begin(), help.end(), [](char c) { return c == ' ' || c == '\n'; }), help.end());
  EXPECT_THAT(help, HasSubstr("0:nolimit"));
  EXPECT_THAT(help, HasSubstr("Anidisany1to256bytesofUTF-8"));
  Run({"clear-check", "--help"});
  EXPECT_THAT(out_.str(), HasSubstr("Exit codes: 0 "));
}

// Whatever the command.
TEST_F(ClearTest, OutputThatCannotBeWrittenIsAnError) {
  std::ofstream full("/dev/full");
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"clear", "--in", in_, "--out", out_dir_}, {"--help"}, {"completion", "bash"}}) {
    full.clear();
    err_.str("");
    const Environment environment{.out = full,
                                  .err = err_,
                                  .variable = [this](const char* name) { return variables_[name]; },
                                  .clock = clock_,
                                  .random = random_};
    EXPECT_EQ(cli::Run(arguments, environment), kExitInternal) << arguments[0];
    EXPECT_THAT(err_.str(), HasSubstr("cannot write the output\n"));
  }
}

TEST_F(ClearTest, AListingMayNameNoVillage) {
  ASSERT_EQ(Clear(), kExitOk) << err_.str();
  const auto served = [&] {
    return Json(Read(out_dir_ + "/report.json")).fields().at("villages_served").number_value();
  };
  const double of_three = served();
  ASSERT_GT(of_three, 0);
  for (const char* village : {"140321105201", "140321105202", "140321105203"})
    Change(in_ + "/listings.csv", village, "");
  ASSERT_EQ(Clear(), kExitOk) << err_.str();
  EXPECT_EQ(served(), 0);
  EXPECT_EQ(Check(), kExitOk) << out_.str();
  EXPECT_EQ(Run({"clear-study", "--in", in_, "--trials", "1"}), kExitOk) << err_.str();
  Change(in_ + "/listings.csv", "140321,,egg", "140321,1403,egg");
  EXPECT_EQ(Clear(), kExitInvalidArgument);
  EXPECT_THAT(err_.str(), HasSubstr("listings.csv:2:village_code: must be 12 digits, or empty\n"));
}

}  // namespace
}  // namespace zhuxiao::cli
