// A whole server with a small market, used by the command line as people use it.
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "clients/cli/run.h"
#include "tests/e2e/installation_fixture.h"

namespace zhuxiao::testing {

class CommandFixture : public InstallationFixture {
 protected:
  void SetUp() override {
    InstallationFixture::SetUp();
    SetUpMarket();
  }

  // One command as that caller; answers its exit code. What it said is in out_ and err_.
  int Run(const base::Caller& caller, std::vector<std::string> arguments, const char* language = "en_GB.UTF-8") {
    out_.str("");
    err_.str("");
    std::map<std::string, std::string> variables = {{"ZHUXIAO_SERVER", "127.0.0.1:" + std::to_string(port())},
                                                    {"ZHUXIAO_TOKEN", TokenOf(caller)},
                                                    {"LANG", language}};
    const cli::Environment environment{.out = out_,
                                       .err = err_,
                                       .err_is_terminal = false,
                                       .variable = [&](const char* name) { return variables[name]; },
                                       .clock = clock_,
                                       .random = random_};
    return cli::Run(std::move(arguments), environment);
  }

  std::string Day(int days_from_now) {
    return base::FormatDay(static_cast<base::Day>(base::DayOf(clock_.Now()) + days_from_now));
  }

  std::ostringstream out_;
  std::ostringstream err_;
};

}  // namespace zhuxiao::testing
