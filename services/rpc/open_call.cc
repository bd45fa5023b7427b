#include "services/rpc/open_call.h"

#include <grpcpp/server_context.h>

#include <chrono>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/base/steady.h"
#include "services/base/strings.h"
#include "services/rpc/log.h"
#include "services/rpc/status.h"
#include "services/rpc/stream.h"

namespace zhuxiao::rpc {
namespace {

absl::Time DeadlineOf(const grpc::CallbackServerContext& context) {
  const auto deadline = context.deadline();
  return deadline == std::chrono::system_clock::time_point::max() ? absl::InfiniteFuture() : absl::FromChrono(deadline);
}

// True on a thread that gRPC lends to a handler or a reaction.
thread_local bool is_lent_by_grpc = false;

class LentThread {
 public:
  LentThread() : before_(std::exchange(is_lent_by_grpc, true)) {}
  ~LentThread() { is_lent_by_grpc = before_; }

 private:
  const bool before_;
};

bool IsServerFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

// "QUOTA_EXCEEDED", as the caller sees it, or "".
std::string ReasonName(const absl::Status& status) {
  const base::ErrorReason reason = base::ReasonOf(status);
  if (reason == base::ErrorReason::ERROR_REASON_UNSPECIFIED) return "";
  return common::v1::ErrorReason_Name(reason).substr(std::string_view("ERROR_REASON_").size());
}

}  // namespace

OpenCall::OpenCall(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context)
    : pipeline_(pipeline), method_(method), context_(context), started_ns_(base::SteadyNanos()) {
  call_.method = method.descriptor->full_name();
  call_.deadline = DeadlineOf(context);
  call_.peer = context.peer();
  method.metrics->Started();
}

bool OpenCall::Admit() {
  pipeline_.Add(*this);
  absl::Status status = pipeline_.Identify(method_, context_, call_.caller);
  if (status.ok()) {
    has_place_ = true;
    if (pipeline_.in_flight_.fetch_add(1, std::memory_order_relaxed) >= pipeline_.options_.max_calls_in_flight) {
      status = base::Overloaded("the server has too many calls in flight", pipeline_.options_.retry_after);
    } else if (call_.deadline <= absl::Now()) {
      status = absl::DeadlineExceededError("the deadline had passed before the call began");
    }
  }
  if (!status.ok()) End(status);
  return !ended();
}

absl::Status OpenCall::CheckSize(size_t bytes) const {
  const auto most = static_cast<size_t>(pipeline_.options_.max_message_bytes);
  if (bytes <= most) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, base::ErrorReason::ERROR_REASON_INVALID_FIELDS,
                         base::StrCat("the request takes ", bytes, " bytes, more than the ", most, " that are taken"));
}

bool OpenCall::Claim(const absl::Status& status) {
  if (ended_.exchange(true, std::memory_order_acq_rel)) return false;
  duration_ns_ = base::SteadyNanos() - started_ns_;
  end_status_ = status;
  method_.metrics->Handled(status.code(), duration_ns_);
  GiveUpPlace();
  return true;
}

// Given up before the answer leaves, so that a caller who was answered finds room; once more when gRPC is done, for a
// call that was ended while it was being admitted.
void OpenCall::GiveUpPlace() {
  if (has_place_.exchange(false)) pipeline_.in_flight_.fetch_sub(1, std::memory_order_relaxed);
}

void OpenCall::End(const absl::Status& status) {
  const auto keep = shared_from_this();
  if (Claim(status)) Deliver(ToGrpcStatus(status));
}

void OpenCall::EndDropped() {
  if (ended()) return;
  if (cancelled()) return End(absl::CancelledError("the client went away"));
  End(base::MakeError(absl::StatusCode::kInternal, base::ErrorReason::ERROR_REASON_INTERNAL,
                      "the handler let go of the call without an answer"));
}

void OpenCall::Release() {
  LogEnd();
  GiveUpPlace();
  pipeline_.Remove(*this);
  held_by_grpc_.reset();
}

void OpenCall::LogEnd() const {
  const bool is_fault = IsServerFault(end_status_.code());
  const bool is_slow = duration_ns_ >= absl::ToInt64Nanoseconds(pipeline_.options_.slow_call);
  const LogLevel level = is_fault ? LogLevel::kError : is_slow ? LogLevel::kWarn : LogLevel::kDebug;
  if (!IsLogged(level)) return;
  // Only a server's own fault is told in words: other messages may repeat what a caller typed.
  const std::string message = is_fault ? std::string(end_status_.message()) : is_slow ? "slow call" : "call";
  Log(level, message,
      {{"method", call_.method},
       {"code", absl::StatusCodeToString(end_status_.code())},
       {"reason", ReasonName(end_status_)},
       {"duration_ms", static_cast<double>(duration_ns_) / 1e6},
       {"peer", call_.peer},
       {"organisation", call_.caller.organisation},
       {"token_id", call_.caller.token_id},
       {"request_id", base::IsValidId(request_id_) ? request_id_ : ""}});
}

UnaryCall::UnaryCall(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context,
                     grpc::ByteBuffer& response)
    : OpenCall(pipeline, method, context), response_(response) {}

void UnaryCall::Answer(grpc::ByteBuffer response) {
  const auto keep = shared_from_this();
  if (!Claim(absl::OkStatus())) return;
  method().metrics->Sent();
  response_.Swap(&response);
  Finish(grpc::Status::OK);
}

grpc::ServerUnaryReactor* UnaryCall::Start(const std::function<void()>& handle) {
  LentThread lent;
  HandOver();
  if (Admit()) handle();
  return this;
}

void ServerStreamCall::Write(grpc::ByteBuffer message, std::function<void(bool)> written) {
  {
    absl::MutexLock lock(&mutex_);
    if (is_writing_) {
      Log(LogLevel::kError, "two writes at once on one stream", {{"method", call().method}});
      std::abort();
    }
    if (!is_finished_ && !cancelled()) {
      is_writing_ = true;
      message_.Swap(&message);
      written_ = std::move(written);
      method().metrics->Sent();
      StartWrite(&message_);
      return;
    }
  }
  written(false);
}

void ServerStreamCall::WhenCancelled(std::function<void()> action) {
  {
    absl::MutexLock lock(&mutex_);
    if (!cancelled()) {
      if (!is_finished_) when_cancelled_ = std::move(action);
      return;
    }
  }
  action();
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* ServerStreamCall::Start(const std::function<void()>& handle) {
  LentThread lent;
  HandOver();
  if (Admit()) handle();
  return this;
}

void ServerStreamCall::OnWriteDone(bool ok) {
  LentThread lent;
  std::function<void(bool)> written;
  {
    absl::MutexLock lock(&mutex_);
    is_writing_ = false;
    message_.Clear();
    written.swap(written_);
    ok = ok && !is_finished_;
  }
  written(ok);
}

void ServerStreamCall::OnCancel() {
  LentThread lent;
  std::function<void()> action;
  {
    absl::MutexLock lock(&mutex_);
    MarkCancelled();
    action.swap(when_cancelled_);
  }
  if (action) action();
  // A handler that waits for events may keep its writer for ever; the place in flight is needed by others.
  EndDropped();
}

void ServerStreamCall::OnDone() {
  std::function<void()> action;  // may hold the last reference to the writer, so it goes after the lock
  {
    absl::MutexLock lock(&mutex_);
    action.swap(when_cancelled_);
  }
  Release();
}

void ServerStreamCall::Deliver(grpc::Status status) {
  absl::MutexLock lock(&mutex_);
  is_finished_ = true;
  Finish(std::move(status));
}

ClientStreamCall::ClientStreamCall(Pipeline& pipeline, const Method& method, grpc::CallbackServerContext& context,
                                   grpc::ByteBuffer& response)
    : OpenCall(pipeline, method, context), response_(response) {}

void ClientStreamCall::Read(std::function<void(const grpc::ByteBuffer*)> on_message) {
  absl::MutexLock lock(&mutex_);
  if (is_finished_) return;
  on_message_ = std::move(on_message);
  StartRead(&message_);
}

void ClientStreamCall::Answer(grpc::ByteBuffer response) {
  const auto keep = shared_from_this();
  if (!Claim(absl::OkStatus())) return;
  method().metrics->Sent();
  response_.Swap(&response);
  Deliver(grpc::Status::OK);
}

grpc::ServerReadReactor<grpc::ByteBuffer>* ClientStreamCall::Start(const std::function<void()>& handle) {
  LentThread lent;
  HandOver();
  if (Admit()) handle();
  return this;
}

void ClientStreamCall::OnReadDone(bool ok) {
  LentThread lent;
  std::function<void(const grpc::ByteBuffer*)> on_message;
  grpc::ByteBuffer message;
  {
    absl::MutexLock lock(&mutex_);
    on_message.swap(on_message_);
    message.Swap(&message_);
    if (is_finished_) return;
  }
  if (!ok && context().IsCancelled()) return End(absl::CancelledError("the client went away"));
  on_message(ok ? &message : nullptr);
}

void ClientStreamCall::Deliver(grpc::Status status) {
  absl::MutexLock lock(&mutex_);
  is_finished_ = true;
  Finish(std::move(status));
}

bool WriteAndWaitFor(ServerStreamCall& call, grpc::ByteBuffer message) {
  if (is_lent_by_grpc) {
    Log(LogLevel::kError, "a handler waits on a thread that serves all calls", {{"method", call.call().method}});
    std::abort();
  }
  absl::Notification done;
  bool ok = false;
  call.Write(std::move(message), [&](bool written) {
    ok = written;
    done.Notify();
  });
  done.WaitForNotification();
  return ok;
}

}  // namespace zhuxiao::rpc
