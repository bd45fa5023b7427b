// The commands that clear a round from its files: what they refuse, when, and with which exit code.
#include <gmock/gmock.h>

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
  EXPECT_TRUE(std::filesystem::is_empty(out_dir_));
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

}  // namespace
}  // namespace zhuxiao::cli
