// A message that a thread uses call after call: parsing into it, or filling it, finds the objects and strings of the
// call before and allocates next to nothing. For calls that begin and end on one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace zhuxiao::rpc {

// A message that was larger than this on the wire is not kept: a few threads each keep one of every type served so.
inline constexpr size_t kMaxReusedBytes = 64 << 10;

// Holds a cleared message of the thread's own. Not to be handed to another thread.
template <typename Message>
class Reused {
 public:
  Reused() : message_(std::exchange(Spare(), nullptr)) {
    if (message_ == nullptr) message_ = std::make_unique<Message>();
  }
  Reused(const Reused&) = delete;
  Reused& operator=(const Reused&) = delete;

  // Valid until GiveBack.
  Message& operator*() { return *message_; }

  // Leaves the message, which took `bytes` on the wire, to the thread's next call. One that is not given back is freed.
  void GiveBack(size_t bytes) {
    if (bytes > kMaxReusedBytes) return;
    message_->Clear();
    Spare() = std::move(message_);
  }

 private:
  static std::unique_ptr<Message>& Spare() {
    thread_local std::unique_ptr<Message> spare;
    return spare;
  }

  std::unique_ptr<Message> message_;
};

}  // namespace zhuxiao::rpc
