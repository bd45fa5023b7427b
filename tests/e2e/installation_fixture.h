// A whole zhuxiaod inside the test's process, spoken to over loopback.
#pragma once

#include <fstream>
#include <memory>
#include <string>

#include "services/server/assembly.h"
#include "tests/e2e/market_client.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::testing {

class InstallationFixture : public ::testing::Test, public MarketClient {
 public:
  int port() const override { return installation_->port(); }
  std::string token_file() const override { return directory_.path() + "/tokens"; }

 protected:
  void SetUp() override { Start(); }

  void Start() {
    server::ServeConfig config;
    config.store = "rocksdb:" + directory_.path();
    config.metrics = "";
    config.log_level = "error";
    // No round is held by itself, whatever the clock says while a test runs.
    config.round_schedule = directory_.path() + "/no-rounds.csv";
    std::ofstream(config.round_schedule) << "time,late_minutes\n";
    auto started = server::Installation::Start(config);
    ASSERT_TRUE(started.ok()) << started.status();
    installation_ = *std::move(started);
  }

  void Restart() {
    installation_.reset();
    Start();
  }

  ScratchDirectory directory_;
  std::unique_ptr<server::Installation> installation_;
};

}  // namespace zhuxiao::testing
