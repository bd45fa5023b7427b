// A progress bar for people who wait.
#pragma once

#include <cstdint>
#include <ostream>

namespace zhuxiao::cli {

// Draws "[#####     ]  50/100" over itself while work goes on; draws nothing where `is_shown` is false. Not
// thread-safe.
class Progress {
 public:
  Progress(std::ostream& out, bool is_shown, int64_t total) : out_(out), is_shown_(is_shown), total_(total) {}
  // Ends the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Work is done up to `done`.
  void Advance(int64_t done);

 private:
  std::ostream& out_;
  const bool is_shown_;
  const int64_t total_;
  int64_t drawn_percent_ = -1;
};

}  // namespace zhuxiao::cli
