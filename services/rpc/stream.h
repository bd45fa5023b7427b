// The handler's side of streams: a writer with back-pressure, and a reader that takes one message at a time.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/rpc/codec.h"
#include "services/rpc/open_call.h"

namespace zhuxiao::rpc {

// Blocks until the write is through; see StreamWriter::WriteAndWait.
bool WriteAndWaitFor(ServerStreamCall& call, grpc::ByteBuffer message);

// Sends the responses of one server-streaming call. Thread-safe, but at most one Write may be under way. Where the
// last reference is dropped before Finish, the client gets INTERNAL. The call of a client that goes away ends by itself
// and gives up its place; the handler learns of it by IsOver, WhenCancelled or its next Write.
template <typename Res>
class StreamWriter {
 public:
  explicit StreamWriter(std::shared_ptr<ServerStreamCall> call) : call_(std::move(call)) {}
  ~StreamWriter() { call_->EndDropped(); }
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;

  // Sends `message` and calls `written(true)` when the next may follow: gRPC has passed it to the connection, so
  // a slow client slows the writer. `written(false)` means that the call is over. `written` runs on a thread that
  // serves all calls, or at once inside Write where the call is over already; it must not wait.
  void Write(const Res& message, std::function<void(bool)> written) {
    call_->Write(AnswerOf(message, call_->call().caller.role), std::move(written));
  }

  // The same for a worker thread: waits until the next may follow. False where the call is over. Never called
  // from a handler or a `written` itself: the process stops then, for it would wait for its own thread.
  bool WriteAndWait(const Res& message) {
    return WriteAndWaitFor(*call_, AnswerOf(message, call_->call().caller.role));
  }

  // Ends the call; the first end counts.
  void Finish(const absl::Status& status) { call_->End(status); }

  // True once the client has gone away or its deadline has passed; also once the call was ended.
  bool IsOver() const { return call_->cancelled() || call_->ended(); }

  // Runs `action` once when the client goes away, at once where it has. For a handler that waits for events.
  void WhenCancelled(std::function<void()> action) { call_->WhenCancelled(std::move(action)); }

 private:
  const std::shared_ptr<ServerStreamCall> call_;
};

// Takes the messages of one client-streaming call, made by the method's handler for each call. Its methods are called
// one after another, never two at once; it is destroyed when the call has ended and no callback is left.
template <typename Req, typename Res>
class StreamReader {
 public:
  virtual ~StreamReader() = default;

  // One message, in order. The next is read only after `next` was called with OK; any other status ends the call
  // with it. `message` lives as long as a copy of `next`. `next` may be called on any thread.
  virtual void OnMessage(const Req& message, std::function<void(absl::Status)> next) = 0;

  // The client has sent its last message. Not called where the call was cancelled or ended before.
  virtual void OnEnd(std::function<void(absl::StatusOr<Res>)> done) = 0;
};

}  // namespace zhuxiao::rpc
