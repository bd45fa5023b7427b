#include "tests/fault/server_process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <vector>

#include "absl/time/clock.h"

namespace zhuxiao::testing {
namespace {

// Far more than a start takes, so that a machine under load does not fail the test.
constexpr absl::Duration kStartPatience = absl::Minutes(1);
constexpr absl::Duration kPollInterval = absl::Milliseconds(5);

std::string PortFile(const std::string& directory) { return directory + "/port"; }

}  // namespace

bool ServerProcess::ReadPort() {
  int port = 0;
  if (!(std::ifstream(PortFile(directory_)) >> port)) return false;
  ++life_;
  port_ = port;
  return true;
}

bool ServerProcess::Start() {
  unlink(PortFile(directory_).c_str());
  std::vector<std::string> arguments = {
      ZHUXIAOD_PATH, "--store", "rocksdb:" + directory_, "--port", "0", "--port-file", PortFile(directory_),
      "--metrics",   "",        "--log-level",           "error"};
  if (!shared_store_.empty()) {
    arguments[2] = shared_store_;
    arguments.insert(arguments.end(), {"--data", directory_});
  }
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    // A test that dies must not leave a server behind.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execv(argv[0], argv.data());
    _exit(127);
  }
  if (pid_ < 0) return false;
  for (const absl::Time deadline = absl::Now() + kStartPatience; absl::Now() < deadline;
       absl::SleepFor(kPollInterval)) {
    if (ReadPort()) return true;
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      std::fprintf(stderr, "%s ended with status %d\n", ZHUXIAOD_PATH, status);
      pid_ = 0;
      return false;
    }
  }
  return false;
}

bool ServerProcess::Stop() {
  if (pid_ <= 0) return false;
  port_ = 0;
  kill(pid_, SIGTERM);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void ServerProcess::Kill() {
  if (pid_ <= 0) return;
  port_ = 0;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

}  // namespace zhuxiao::testing
