#include "tests/fault/wire.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include <future>

#include "absl/time/clock.h"
#include "clients/cpp/status.h"

namespace zhuxiao::testing {
namespace {

// Long enough for a server on a machine under load; a killed server is noticed at once, by its broken connection.
constexpr absl::Duration kDeadline = absl::Seconds(30);

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return "";
  std::string bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

}  // namespace

bool Answer::MustRepeat() const {
  // Cancelled, though nobody did: gRPC resets what reaches a server as it shuts down.
  return code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kCancelled ||
         code == absl::StatusCode::kDeadlineExceeded || code == absl::StatusCode::kResourceExhausted ||
         code == absl::StatusCode::kAborted;
}

bool Answer::IsKept() const {
  return ok() || code == absl::StatusCode::kFailedPrecondition || code == absl::StatusCode::kNotFound ||
         code == absl::StatusCode::kAlreadyExists || code == absl::StatusCode::kOutOfRange;
}

std::string Answer::ToString() const {
  if (ok()) return "OK, " + std::to_string(bytes.size()) + " bytes";
  return absl::StatusCodeToString(code) + " " + common::v1::ErrorReason_Name(reason) + ": " + message;
}

Wire::Wire(int port) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  channel_ =
      grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials(), arguments);
}

Answer Wire::Send(const Request& request) const {
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + request.token);
  context.set_deadline(absl::ToChronoTime(absl::Now() + kDeadline));
  const grpc::Slice slice(request.bytes);
  const grpc::ByteBuffer sent(&slice, 1);
  grpc::ByteBuffer received;
  std::promise<grpc::Status> finished;
  grpc::GenericStub(channel_).UnaryCall(&context, "/zhuxiao." + request.method, grpc::StubOptions(), &sent, &received,
                                        [&finished](grpc::Status status) { finished.set_value(std::move(status)); });
  const absl::Status status = client::FromGrpc(finished.get_future().get());
  if (status.ok()) return {.bytes = BytesOf(received)};
  return {.code = status.code(), .message = std::string(status.message()), .reason = base::ReasonOf(status)};
}

void AnswerLog::Add(Request request, Answer answer) {
  const std::lock_guard lock(mutex_);
  answers_.emplace_back(std::move(request), std::move(answer));
}

size_t AnswerLog::size() const {
  const std::lock_guard lock(mutex_);
  return answers_.size();
}

std::pair<Request, Answer> AnswerLog::At(size_t index) const {
  const std::lock_guard lock(mutex_);
  return answers_[index];
}

}  // namespace zhuxiao::testing
