// The command line against a server that asks for a certificate.
#include <gmock/gmock.h>

#include <map>
#include <sstream>

#include "clients/cli/run.h"
#include "tests/e2e/rpc_fixture.h"
#include "tests/support/own_certificate.h"

namespace zhuxiao::rpc {
namespace {

using ::testing::HasSubstr;

class CommandTlsTest : public RpcTest {
 protected:
  void SetUp() override {
    ServerOptions options;
    options.use_tls = true;
    options.tls = {.certificate_file = own_.certificate_file(),
                   .key_file = own_.key_file(),
                   .client_ca_file = own_.certificate_file()};
    StartServer(nullptr, options);
    variables_["ZHUXIAO_SERVER"] = "127.0.0.1:" + std::to_string(server_->port());
  }

  // `zhuxiao echo hello` with these options; answers the exit code.
  int Echo(std::vector<std::string> options) {
    out_.str("");
    err_.str("");
    options.insert(options.begin(), {"echo", "hello", "--deadline", "3"});
    return cli::Run(std::move(options), {.out = out_,
                                         .err = err_,
                                         .err_is_terminal = false,
                                         .variable = [this](const char* name) { return variables_[name]; },
                                         .clock = clock_,
                                         .random = random_});
  }

  const testing::OwnCertificate own_;
  std::map<std::string, std::string> variables_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CommandTlsTest, ShowsTheCertificateItIsGiven) {
  const std::string certificate = own_.certificate_file();
  EXPECT_EQ(Echo({"--ca", certificate, "--tls-certificate", certificate, "--tls-key", own_.key_file()}), cli::kExitOk)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("hello"));
  EXPECT_EQ(Echo({"--ca", certificate}), cli::kExitUnavailable);
}

TEST_F(CommandTlsTest, TheEnvironmentMayNameTheFiles) {
  variables_["ZHUXIAO_CA"] = own_.certificate_file();
  variables_["ZHUXIAO_TLS_CERTIFICATE"] = own_.certificate_file();
  variables_["ZHUXIAO_TLS_KEY"] = own_.key_file();
  EXPECT_EQ(Echo({}), cli::kExitOk) << err_.str();
  variables_["ZHUXIAO_TLS_KEY"] = "/nonexistent/tls.key";
  EXPECT_EQ(Echo({}), cli::kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("ZHUXIAO_TLS_KEY: cannot read /nonexistent/tls.key"));
}

TEST_F(CommandTlsTest, ACertificateNeedsItsKeyAndTls) {
  const std::string certificate = own_.certificate_file();
  EXPECT_EQ(Echo({"--ca", certificate, "--tls-certificate", certificate}), cli::kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--tls-certificate: and --tls-key are given together"));
  EXPECT_EQ(Echo({"--tls-certificate", certificate, "--tls-key", own_.key_file()}), cli::kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--tls-certificate: is shown over TLS only: give --ca too"));
}

}  // namespace
}  // namespace zhuxiao::rpc
