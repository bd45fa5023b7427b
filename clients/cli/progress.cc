// A progress bar for people who wait.
#include "clients/cli/progress.h"

#include <string>

namespace zhuxiao::cli {
namespace {

constexpr int64_t kBarColumns = 40;

}  // namespace

Progress::~Progress() {
  if (drawn_percent_ >= 0) out_ << "\n" << std::flush;
}

void Progress::Advance(int64_t done) {
  if (!is_shown_ || total_ == 0) return;
  const int64_t percent = done * 100 / total_;
  if (percent == drawn_percent_) return;
  drawn_percent_ = percent;
  const int64_t filled = done * kBarColumns / total_;
  out_ << "\r[" << std::string(filled, '#') << std::string(kBarColumns - filled, ' ') << "] " << done << "/" << total_
       << std::flush;
}

}  // namespace zhuxiao::cli
