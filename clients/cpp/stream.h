// A call of many messages, made by a thread that waits for each.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>  // how a message goes over the wire

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace zhuxiao::client {

// The largest request sent: what a server takes in at all before it says how large one may be. It ends a larger call
// with RESOURCE_EXHAUSTED, which looks like overload and would be tried again.
inline constexpr size_t kMaxRequestBytes = 4 << 20;

// INVALID_ARGUMENT (INVALID_FIELDS) where `request` is larger than that.
absl::Status CheckSize(const google::protobuf::Message& request);

// Not thread-safe. Dropped before Finish, it cancels the call.
class Stream {
 public:
  // Begins a call of `path`, "/package.Service/Method". `context` outlives it. Where one step takes longer than
  // `patience`, the call is cancelled and Finish says DEADLINE_EXCEEDED.
  Stream(const std::shared_ptr<grpc::Channel>& channel, const std::string& path, grpc::ClientContext& context,
         absl::Duration patience = absl::InfiniteDuration());
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Sends a message. False where the stream broke or the message is too large to be sent, which cancels the call:
  // Finish then says why.
  bool Write(const google::protobuf::Message& message);
  // Says that no more is sent.
  bool WritesDone();
  // Takes the next message. False where there is none any more.
  bool Read(google::protobuf::Message& message);
  // Ends the call, after Read or Write was false; what became of it, with details as FromGrpc gives them.
  absl::Status Finish();

 private:
  // Waits for what was asked for last; false where it did not happen.
  bool Wait();

  grpc::ClientContext& context_;
  const absl::Duration patience_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<google::protobuf::Message, google::protobuf::Message>> call_;
  absl::Status unsent_;  // why a message was not sent
  bool is_finished_ = false;
  bool is_too_late_ = false;
};

}  // namespace zhuxiao::client
