// Words of the command line that cannot mean what was meant: tokens, units, bytes; and how long a command waits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/unit/cli_fixture.h"

namespace zhuxiao::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(RunTest, ATokenThatCannotBeOneIsRefusedAndNeverShown) {
  const std::string tokens = Write("tokens", "auditor=zx_first\nprovince=zx_second\n");
  EXPECT_EQ(Run({"--token-file", tokens, "listing", "list"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--token-file: holds characters no token has"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("zx_")));
  for (const char* token : {"zx_a\rb", "zx_鸡蛋", "zx_a b", "zx_\x7F"}) {
    EXPECT_EQ(Run({"listing", "list", "--token", token}), kExitUsage) << token;
    EXPECT_THAT(err_.str(), HasSubstr("--token: holds characters no token has"));
    EXPECT_THAT(err_.str(), Not(HasSubstr("zx_")));
  }
  variables_["ZHUXIAO_TOKEN"] = "zx_a\nzx_b";
  EXPECT_EQ(Run({"listing", "list", "--lang", "zh"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("ZHUXIAO_TOKEN: 含有令牌中不会有的字符"));
  EXPECT_TRUE(server_.listings.list.requests.empty());
}

TEST_F(RunTest, WordsThatAreNotUtf8AreNamedByTheirOption) {
  EXPECT_EQ(Run({"listing", "list", "--commodity", "\xBC\xA6", "--token=zx_\xFF"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--commodity: is not UTF-8"));
  EXPECT_THAT(err_.str(), HasSubstr("--token: is not UTF-8"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("zx_")));
  EXPECT_EQ(Run({"\xFF"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("word 1: is not UTF-8"));
}

TEST_F(RunTest, AnEmptyValueMayFollowTheEqualsSign) {
  ASSERT_EQ(Run({"listing", "update", "L1", "--remark=", "--etag", "e1"}), kExitOk) << err_.str();
  const auto& request = server_.listings.update.requests.at(0);
  EXPECT_EQ(request.listing().remark(), "");
  EXPECT_THAT(request.update_mask().paths(), ::testing::ElementsAre("remark"));
}

TEST_F(RunTest, AStreamWaitsNoLongerThanTheDeadlineAskedFor) {
  std::promise<void> released;
  std::shared_future<void> release = released.get_future().share();
  server_.rewards.take = [release](const auto&, int64_t, auto&) { release.wait(); };
  EXPECT_EQ(Run({"--deadline", "1", "sales", "report", "--order-no", "N1", "--claimant", "91140100MA0A00001X",
                 "--commodity", "egg", "--origin", "141032", "--amount", "100", "--order-time", "2020-06-01"}),
            kExitUnavailable);
  EXPECT_THAT(err_.str(), HasSubstr("the server sent nothing for 1s"));
  released.set_value();
}

}  // namespace
}  // namespace zhuxiao::cli
