// One call from its arrival to its end, whatever its kind: admission, the one answer it gets, its place in the
// list of open calls. Handlers never see these types; service.h wraps them.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "services/rpc/call.h"
#include "services/rpc/pipeline.h"

namespace zhuxiao::rpc {

// Thread-safe. Owned by shared_ptr: gRPC holds one reference until OnDone, the handler's callbacks hold the others.
// After End nothing of gRPC's or of the pipeline's is touched, so a late answer is harmless.
class OpenCall : public std::enable_shared_from_this<OpenCall> {
 public:
  OpenCall(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context);
  virtual ~OpenCall() = default;
  OpenCall(const OpenCall&) = delete;
  OpenCall& operator=(const OpenCall&) = delete;

  const Call& call() const { return call_; }
  const Method& method() const { return method_; }

  // Identity, access rule and limits, in this order. Not OK: the call was ended with that status.
  bool Admit();

  // INVALID_ARGUMENT (INVALID_FIELDS) where a request of `bytes` is larger than the server takes.
  absl::Status CheckSize(size_t bytes) const;

  // Ends the call with `status`; the first end counts, later ones have no effect.
  void End(const absl::Status& status);

  // Ends a call whose handler has let go of it without an answer: INTERNAL, or CANCELLED where the client had left.
  void EndDropped();

  // Remembers the request's id for the log. Called where gRPC runs the handler, never after the call is done.
  void set_request_id(std::string_view request_id) { request_id_ = std::string(request_id); }

  bool ended() const { return ended_.load(std::memory_order_acquire); }
  bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }

 protected:
  // Gives gRPC the final status. Called at most once.
  virtual void Deliver(grpc::Status status) = 0;

  // True for the first caller only, who must deliver an answer of `status` next.
  bool Claim(const absl::Status& status);

  // Tells gRPC's side of the life: the reactor was handed over, the client went away, gRPC is done with it.
  void HandOver() { held_by_grpc_ = shared_from_this(); }
  void MarkCancelled() { cancelled_.store(true, std::memory_order_release); }
  void Release();

  grpc::CallbackServerContext& context() { return context_; }

 private:
  friend class Pipeline;

  void GiveUpPlace();
  void LogEnd() const;

  Pipeline& pipeline_;
  const Method& method_;
  grpc::CallbackServerContext& context_;
  Call call_;
  std::string request_id_;
  int64_t started_ns_ = 0;
  int64_t duration_ns_ = 0;
  std::atomic<bool> has_place_ = false;  // among the calls in flight
  absl::Status end_status_;              // written by the one that claims, read when gRPC is done
  std::atomic<bool> ended_ = false;
  std::atomic<bool> cancelled_ = false;
  std::shared_ptr<OpenCall> held_by_grpc_;
  OpenCall* previous_ = nullptr;  // the list of open calls, guarded by the pipeline
  OpenCall* next_ = nullptr;
};

// One request, one response.
class UnaryCall final : public OpenCall, public grpc::ServerUnaryReactor {
 public:
  UnaryCall(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context, grpc::ByteBuffer& response);

  // Ends the call with `response`, which it takes.
  void Answer(grpc::ByteBuffer response);

  // Hands itself to gRPC and runs `handle` where the call is admitted.
  grpc::ServerUnaryReactor* Start(const std::function<void()>& handle);
  void OnDone() override { Release(); }
  void OnCancel() override { MarkCancelled(); }

  // Both reactions above are short and take no lock of a handler's, so gRPC may run them where it stands instead
  // of passing them to another thread.
  bool InternalInlineable() override { return true; }

 private:
  void Deliver(grpc::Status status) override { Finish(std::move(status)); }

  grpc::ByteBuffer& response_;
};

// One request, any number of responses.
class ServerStreamCall final : public OpenCall, public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  using OpenCall::OpenCall;

  // Sends one message; `written(false)` where the call is over. At most one write is under way. An end of the call
  // meanwhile reaches the client after the message.
  void Write(grpc::ByteBuffer message, std::function<void(bool)> written);

  // Runs `action` once the client has gone away, at once where it has already.
  void WhenCancelled(std::function<void()> action);

  // Hands itself to gRPC and runs `handle` where the call is admitted.
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Start(const std::function<void()>& handle);
  void OnWriteDone(bool ok) override;
  void OnDone() override;
  void OnCancel() override;

 private:
  void Deliver(grpc::Status status) override;

  absl::Mutex mutex_;
  bool is_writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_finished_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ByteBuffer message_ ABSL_GUARDED_BY(mutex_);
  std::function<void(bool)> written_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> when_cancelled_ ABSL_GUARDED_BY(mutex_);
};

// Any number of requests, one response.
class ClientStreamCall final : public OpenCall, public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  ClientStreamCall(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context,
                   grpc::ByteBuffer& response);

  // Asks for the next message: `on_message` is called with it, or with nullptr after the last one.
  void Read(std::function<void(const grpc::ByteBuffer*)> on_message);

  // Ends the call with `response`, which it takes.
  void Answer(grpc::ByteBuffer response);

  // Hands itself to gRPC and runs `handle` where the call is admitted.
  grpc::ServerReadReactor<grpc::ByteBuffer>* Start(const std::function<void()>& handle);
  void OnReadDone(bool ok) override;
  void OnDone() override { Release(); }
  void OnCancel() override { MarkCancelled(); }

 private:
  void Deliver(grpc::Status status) override;

  grpc::ByteBuffer& response_;
  absl::Mutex mutex_;
  bool is_finished_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ByteBuffer message_ ABSL_GUARDED_BY(mutex_);
  std::function<void(const grpc::ByteBuffer*)> on_message_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuxiao::rpc
