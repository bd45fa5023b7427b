#include "clients/cpp/stream.h"

#include "absl/time/clock.h"
#include "clients/cpp/status.h"
#include "services/base/errors.h"
#include "services/base/strings.h"

namespace zhuxiao::client {

using google::protobuf::Message;

absl::Status CheckSize(const Message& request) {
  const size_t bytes = request.ByteSizeLong();
  if (bytes <= kMaxRequestBytes) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kInvalidArgument, base::ErrorReason::ERROR_REASON_INVALID_FIELDS,
      base::StrCat("the request takes ", bytes, " bytes, more than the ", kMaxRequestBytes, " that are taken"));
}

Stream::Stream(const std::shared_ptr<grpc::Channel>& channel, const std::string& path, grpc::ClientContext& context,
               absl::Duration patience)
    : context_(context),
      patience_(patience),
      call_(grpc::TemplatedGenericStub<Message, Message>(channel).PrepareCall(&context, path, &queue_)) {
  call_->StartCall(this);
  Wait();
}

Stream::~Stream() {
  if (!is_finished_) {
    context_.TryCancel();
    Finish().ok();
  }
  queue_.Shutdown();
  while (Wait()) {
  }
}

bool Stream::Wait() {
  void* tag = nullptr;
  bool is_done = false;
  if (patience_ != absl::InfiniteDuration() && !is_too_late_) {
    const auto until = absl::ToChronoTime(absl::Now() + patience_);
    const auto next = queue_.AsyncNext(&tag, &is_done, until);
    if (next != grpc::CompletionQueue::TIMEOUT) return next == grpc::CompletionQueue::GOT_EVENT && is_done;
    is_too_late_ = true;
    context_.TryCancel();
  }
  return queue_.Next(&tag, &is_done) && is_done;
}

bool Stream::Write(const Message& message) {
  if (unsent_.ok()) unsent_ = CheckSize(message);
  if (!unsent_.ok()) {
    context_.TryCancel();
    return false;
  }
  call_->Write(message, this);
  return Wait();
}

bool Stream::WritesDone() {
  call_->WritesDone(this);
  return Wait();
}

bool Stream::Read(Message& message) {
  call_->Read(&message, this);
  return Wait();
}

absl::Status Stream::Finish() {
  is_finished_ = true;
  grpc::Status status;
  call_->Finish(&status, this);
  Wait();
  if (!unsent_.ok()) return unsent_;
  if (!is_too_late_ || status.ok()) return FromGrpc(status);
  return absl::DeadlineExceededError("the server sent nothing for " + absl::FormatDuration(patience_));
}

}  // namespace zhuxiao::client
