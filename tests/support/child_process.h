// A program in a process of its own, which a test starts, signals, and waits for. It dies with the thread that started
// it, so that a test that dies leaves nothing behind.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace zhuxiao::testing {

// Where a process runs.
struct Site {
  std::vector<std::string> enter;             // what is put before the program, to start it there
  std::string address = "127.0.0.1";          // where other sites reach it
  std::string control_address = "127.0.0.1";  // where the test reaches it, whatever becomes of the other
  std::vector<std::string> environment;       // NAME=VALUE, besides the test's own

  bool is_here() const { return enter.empty(); }
};

// Not thread-safe.
class ChildProcess {
 public:
  struct Options {
    std::vector<std::string> arguments;  // the program first, looked up in PATH
    std::string log_file;                // what it prints is appended there; empty: it prints where the test does
    Site site;
  };

  ChildProcess() = default;
  ~ChildProcess() { Kill(); }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Starts the program and waits until `is_ready`. False where it ends before, or is not ready in a minute.
  bool Start(const Options& options, const std::function<bool()>& is_ready);

  // SIGTERM or another, and waits for the end: the status of waitpid, or -1 where it was not running.
  int End(int signal);

  // SIGKILL; no effect where it is not running.
  void Kill();

  // SIGSTOP and SIGCONT.
  void Freeze() const;
  void Thaw() const;

  // Waits until it ends by itself: the status of waitpid; -1 where it was not running, or still is after a minute.
  int WaitForEnd();

  bool is_running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }

 private:
  // True where it has ended; then `status` is that of waitpid.
  bool HasEnded(int& status);

  pid_t pid_ = 0;
};

}  // namespace zhuxiao::testing
