// Whole commands against a server that does what each test says.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "clients/cli/run.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/unit/client_fake.h"

namespace zhuxiao::cli {

class RunTest : public ::testing::Test {
 protected:
  RunTest() { std::filesystem::create_directories(directory_); }
  ~RunTest() override { std::filesystem::remove_all(directory_); }

  int Run(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    const Environment environment{.out = out_,
                                  .err = err_,
                                  .err_is_terminal = is_terminal_,
                                  .variable = [this](const char* name) { return variables_[name]; },
                                  .clock = clock_,
                                  .random = random_};
    return cli::Run(std::move(arguments), environment);
  }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  bool is_terminal_ = false;  // whether stderr is one
  client::FakeServer server_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::map<std::string, std::string> variables_ = {
      {"ZHUXIAO_SERVER", server_.target()}, {"ZHUXIAO_TOKEN", "secret"}, {"LANG", "en_GB.UTF-8"}};
  std::ostringstream out_;
  std::ostringstream err_;
  const std::string directory_ = ::testing::TempDir() + "zhuxiao_cli_" + std::to_string(getpid());
};

inline const std::vector<std::string> kCreate = {
    "listing",           "create",      "--commodity", "egg",         "--title",     "鸡蛋",       "--origin",
    "140321105201",      "--sale-unit", "斤",          "--unit-size", "1jin",        "--units",    "10000",
    "--price",           "3.40",        "--ready",     "2020-03-01",  "--last-sale", "2020-03-10", "--certificate",
    "compliance-promise"};

inline google::protobuf::Struct Json(const std::string& text) {
  google::protobuf::Struct parsed;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(text, &parsed).ok()) << text;
  return parsed;
}

inline constexpr char kListingsHeader[] =
    "title,commodity_code,产地,sale_unit,unit-size,units,Unit Price,ready,last_sale,certificate\r\n";

}  // namespace zhuxiao::cli
