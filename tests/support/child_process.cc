#include "tests/support/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "tests/support/eventually.h"

namespace zhuxiao::testing {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// In the child, where only what is safe after a fork of a process with threads may be called.
[[noreturn]] void Become(char* const* arguments, char* const* environment, const char* log_file) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (*log_file != '\0') {
    const int log = open(log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
  }
  execvpe(arguments[0], arguments, environment);
  _exit(127);
}

// The last of what a log says, for whoever wonders why.
std::string EndOf(const std::string& log_file) {
  constexpr size_t kMostBytes = 2'000;
  std::ifstream file(log_file);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return text.substr(text.size() - std::min(text.size(), kMostBytes));
}

}  // namespace

bool ChildProcess::Start(const Options& options, const std::function<bool()>& is_ready) {
  std::vector<std::string> arguments = options.site.enter;
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  environment.insert(environment.end(), options.site.environment.begin(), options.site.environment.end());
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> envp = Pointers(environment);
  pid_ = fork();
  if (pid_ == 0) Become(argv.data(), envp.data(), options.log_file.c_str());
  int status = 0;
  bool is_serving = false;
  Eventually([&] { return (is_serving = is_ready()) || HasEnded(status); });
  if (is_serving) return true;
  std::fprintf(stderr, "%s does not start; status %d\n%s", options.arguments[0].c_str(), status,
               EndOf(options.log_file).c_str());
  return false;
}

bool ChildProcess::HasEnded(int& status) {
  if (pid_ > 0 && waitpid(pid_, &status, WNOHANG) != pid_) return false;
  pid_ = 0;
  return true;
}

int ChildProcess::End(int signal) {
  if (pid_ <= 0) return -1;
  kill(pid_, signal);
  int status = -1;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  return status;
}

void ChildProcess::Kill() { End(SIGKILL); }
void ChildProcess::Freeze() const { kill(pid_, SIGSTOP); }
void ChildProcess::Thaw() const { kill(pid_, SIGCONT); }

int ChildProcess::WaitForEnd() {
  int status = -1;
  if (pid_ <= 0) return status;
  return Eventually([&] { return HasEnded(status); }) ? status : -1;
}

}  // namespace zhuxiao::testing
