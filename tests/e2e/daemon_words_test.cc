// The command line of zhuxiaod: how it ends where its words are wrong.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "gtest/gtest.h"

namespace zhuxiao {
namespace {

int ExitCodeOf(const std::string& words) {
  const int status = std::system((ZHUXIAOD_PATH " " + words + " >/dev/null 2>&1").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(DaemonWords, EveryWrongCommandLineEndsWithTwo) {
  for (const char* words : {"--colour red", "nonsense", "--port many", "--tls-key k.pem", "--log-level loud",
                            "token create", "token", "token revoke", "health --port", "store copy --from x"}) {
    EXPECT_EQ(ExitCodeOf(words), 2) << words;
  }
  EXPECT_EQ(ExitCodeOf("--help"), 0);
  EXPECT_EQ(ExitCodeOf("token create --help"), 0);
  EXPECT_EQ(ExitCodeOf("--version"), 0);
}

TEST(DaemonWords, ATokenIsForARegionThatExists) {
  const std::string tokens = " --tokens " + ::testing::TempDir() + "zhuxiao_words_" + std::to_string(getpid());
  EXPECT_EQ(ExitCodeOf("token create --role officer --region 99" + tokens), 2);
  EXPECT_EQ(ExitCodeOf("token create --role officer --region 140321" + tokens), 0);
}

}  // namespace
}  // namespace zhuxiao
