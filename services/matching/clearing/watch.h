// Tells a clearing's threads when to stop: at the caller's word or at the time limit.
#pragma once

#include <algorithm>
#include <atomic>

#include "services/matching/clear.h"

namespace zhuxiao::matching::clearing {

// Thread-safe. Once over, it stays so until Extend.
class Watch {
 public:
  explicit Watch(const ClearOptions& options)
      : options_(options), start_seconds_(options.now_seconds ? options.now_seconds() : 0) {}

  // A part of what `whole` watches, with `share` of the time its deadline leaves: over by itself or with the whole,
  // which learns of a cancellation when the part goes. Must not outlive it.
  Watch(Watch& whole, double share) : options_(whole.options_), start_seconds_(whole.start_seconds_), whole_(&whole) {
    if (whole.deadline_seconds_ > 0) {
      const double now = Seconds();
      deadline_seconds_ = now + share * std::max(0.0, whole.deadline_seconds_ - now);
    }
    if (whole.IsOver()) is_over_ = true;
  }
  ~Watch() {
    if (whole_ == nullptr) return;
    if (is_cancelled_) whole_->is_cancelled_ = whole_->is_over_ = true;
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Cheap: asks the caller only every few dozen times.
  bool IsOver() {
    if (is_over_.load(std::memory_order_relaxed)) return true;
    if (calls_.fetch_add(1, std::memory_order_relaxed) % 32 == 0) Ask();
    return is_over_.load(std::memory_order_relaxed);
  }

  // Seconds since the start, 0 without a clock.
  double Seconds() const { return options_.now_seconds ? options_.now_seconds() - start_seconds_ : 0; }
  void SetDeadline(double seconds) { deadline_seconds_ = seconds; }
  // Lets the ending run after the deadline has passed.
  void Extend() {
    deadline_seconds_ = 0;
    is_over_ = is_cancelled_.load();
  }
  // Ends now what would not be done in time.
  void CutShort() { is_cut_short_ = is_over_ = true; }
  bool is_cancelled() const { return is_cancelled_; }
  bool is_cut_short() const { return is_cut_short_; }

 private:
  void Ask() {
    if (options_.is_cancelled && options_.is_cancelled()) {
      is_cancelled_ = true;
      is_over_ = true;
    }
    if (deadline_seconds_ > 0 && Seconds() > deadline_seconds_) {
      is_cut_short_ = true;
      is_over_ = true;
    }
  }

  const ClearOptions& options_;
  const double start_seconds_;
  Watch* const whole_ = nullptr;
  double deadline_seconds_ = 0;
  std::atomic<uint32_t> calls_ = 0;
  std::atomic<bool> is_over_ = false;
  std::atomic<bool> is_cancelled_ = false;
  std::atomic<bool> is_cut_short_ = false;
};

}  // namespace zhuxiao::matching::clearing
