// Measures `zhuxiao sales import` of a CSV file against a zhuxiaod of its own on a fresh embedded store, every batch
// durable (fsync), with a published policy whose running totals every sale moves: from the file to the last answer, the
// start of the client included. Prints one JSON object; it judges nothing.
//   sales_import_bench [rows = 100000] [firms = 200]
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "clients/cpp/client.h"
#include "services/base/clock.h"
#include "services/base/strings.h"
#include "services/rpc/token_file.h"
#include "tests/bench/daemon.h"
#include "tests/support/callers.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::bench {
namespace {

constexpr uint64_t kSeed = 20'200'220;
constexpr char kPolicyId[] = "shanxi-2020";

class Bench {
 public:
  Bench(int64_t rows, int64_t firms) : rows_(rows), firms_(firms) {}

  int Run() {
    SetUp();
    const std::string path = WriteSales();
    const std::string token = Token(testing::PlatformOf(testing::Uscc("91", 99)));
    const double cpu_s = daemon_.CpuSeconds();
    const auto begin = std::chrono::steady_clock::now();
    const int exit_code = Import(path, token);
    const double wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf(
        "{\"rows\": %lld, \"firms\": %lld, \"wall_s\": %.2f, \"rows_per_s\": %.0f, \"server_cpu_s\": %.2f, "
        "\"exit_code\": %d}\n",
        static_cast<long long>(rows_), static_cast<long long>(firms_), wall_s, static_cast<double>(rows_) / wall_s,
        daemon_.CpuSeconds() - cpu_s, exit_code);
    return exit_code;
  }

 private:
  std::string Token(const base::Caller& caller) {
    return Must(rpc::CreateToken(directory_.path() + "/tokens", caller, absl::Hours(1), clock_, random_)).secret;
  }

  client::Client Connect(const base::Caller& caller) {
    return {{.target = "127.0.0.1:" + std::to_string(daemon_.port()), .token = Token(caller)}, clock_, random_};
  }

  void SetUp() {
    const client::Client drafter = Connect(testing::Officer("14", ""));
    const client::Client checker = Connect(testing::Officer("14", ""));
    reward::v1::ProposePolicyRequest propose;
    std::ifstream policy(ZHUXIAO_SHANXI_POLICY, std::ios::binary);
    propose.set_toml(std::string{std::istreambuf_iterator<char>(policy), {}});
    Must(drafter.Call<reward::v1::ProposePolicyResponse>(propose));
    reward::v1::ReviewPolicyRequest review;
    review.set_policy_id(kPolicyId);
    review.set_version(1);
    review.set_is_approved(true);
    Must(checker.Call<reward::v1::ReviewPolicyResponse>(review));
    reward::v1::PublishPolicyRequest publish;
    publish.set_policy_id(kPolicyId);
    publish.set_version(1);
    Must(checker.Call<reward::v1::PublishPolicyResponse>(publish));
    for (int64_t firm = 0; firm < firms_; ++firm) {
      directory::v1::CreateOrganisationRequest request;
      request.mutable_organisation()->set_uscc(testing::Uscc("91", 1'000 + firm));
      request.mutable_organisation()->set_name(base::StrCat("firm ", firm));
      request.mutable_organisation()->set_kind(directory::v1::ORGANISATION_KIND_ENTERPRISE);
      request.mutable_organisation()->set_region_code("141032");
      Must(drafter.Call<directory::v1::CreateOrganisationResponse>(request));
    }
  }

  // One row in thirty is a refund and one a waybill, each of a sale some rows before it.
  std::string WriteSales() const {
    std::mt19937_64 rng(kSeed);
    const std::string path = directory_.path() + "/sales.csv";
    std::ofstream file(path, std::ios::binary);
    file << "order_no,claimant,commodity,origin,amount,order_time,refund_no,refund_time,waybill_no,waybill_time,"
            "parcels\n";
    for (int64_t row = 0; row < rows_; ++row) {
      const int64_t earlier = row < 60 ? 0 : row - 31 - static_cast<int64_t>(rng() % 29);
      const int64_t sale = earlier - earlier % 30 + 1;
      if (row > 60 && row % 30 == 0) {
        file << "N" << sale << ",,,,0.01,,R" << row << ",2020-08-01,,,\n";
      } else if (row > 60 && row % 30 == 15) {
        file << "N" << sale << ",,,,,,,,W" << row << ",2020-07-01,1\n";
      } else {
        const auto day = static_cast<int64_t>(rng() % 28 + 1);
        file << "N" << row << "," << testing::Uscc("91", 1'000 + static_cast<int64_t>(rng() % firms_))
             << ",egg,141032203206," << rng() % 300 + 1 << ".00,2020-06-" << (day < 10 ? "0" : "") << day << ",,,,,\n";
      }
    }
    return path;
  }

  int Import(const std::string& path, const std::string& token) const {
    const std::string binary = ProgramPath("zhuxiao");
    const std::string server = "127.0.0.1:" + std::to_string(daemon_.port());
    const pid_t child = fork();
    if (child == 0) {
      freopen("/dev/null", "w", stdout);
      setenv("ZHUXIAO_SERVER", server.c_str(), 1);
      setenv("ZHUXIAO_TOKEN", token.c_str(), 1);
      execl(binary.c_str(), binary.c_str(), "sales", "import", path.c_str(), nullptr);
      _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  }

  const int64_t rows_;
  const int64_t firms_;
  const ScratchDirectory directory_;
  const base::SystemClock clock_;
  base::SystemRandom random_;
  Daemon daemon_{directory_.path()};
};

}  // namespace
}  // namespace zhuxiao::bench

int main(int argc, char** argv) {
  const int64_t rows = argc > 1 ? std::atoll(argv[1]) : 100'000;
  const int64_t firms = argc > 2 ? std::atoll(argv[2]) : 200;
  return zhuxiao::bench::Bench(rows, firms).Run();
}
