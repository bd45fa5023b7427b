#include "tests/fault/server_process.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <vector>

namespace zhuxiao::testing {
namespace {

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
  std::vector<std::string> arguments = {ZHUXIAOD_PATH,
                                        "--store",
                                        "rocksdb:" + directory_,
                                        "--port",
                                        "0",
                                        "--port-file",
                                        PortFile(directory_),
                                        "--metrics",
                                        "",
                                        "--log-level",
                                        "error",
                                        "--address",
                                        site_.control_address,
                                        "--services",
                                        services_};
  if (!shared_store_.empty()) {
    arguments[2] = shared_store_;
    arguments.insert(arguments.end(), {"--data", directory_});
  }
  return process_.Start({.arguments = std::move(arguments), .log_file = "", .site = site_},
                        [this] { return ReadPort(); });
}

bool ServerProcess::Stop() {
  port_ = 0;
  const int status = process_.End(SIGTERM);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void ServerProcess::Kill() {
  port_ = 0;
  process_.Kill();
}

}  // namespace zhuxiao::testing
