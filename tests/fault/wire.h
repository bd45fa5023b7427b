// Calls a server with bytes and keeps the bytes of its answers, so that a test can say "the same answer" and mean it.
// No retries of its own.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "services/base/errors.h"

namespace zhuxiao::testing {

struct Request {
  std::string method;  // for example "order.v1.OrderService/PlaceOrder"
  std::string token;
  std::string request_id;
  std::string bytes;  // the serialized message, request_id in it
};

struct Answer {
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string message;
  base::ErrorReason reason = base::ErrorReason::ERROR_REASON_UNSPECIFIED;
  std::string bytes;  // of the response; empty for an error

  bool operator==(const Answer&) const = default;

  bool ok() const { return code == absl::StatusCode::kOk; }

  // True where nobody knows whether the request took effect, or where it certainly did not and may be sent again.
  bool MustRepeat() const;

  // True where the server promises the same answer for the same request_id.
  bool IsKept() const;

  std::string ToString() const;
};

// One connection. Thread-safe.
class Wire {
 public:
  explicit Wire(int port);

  // Never throws away an answer: what cannot be reached is an answer of code UNAVAILABLE.
  Answer Send(const Request& request) const;

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  std::shared_ptr<grpc::Channel> channel_;
};

// Every answer the server is bound by, with its request. Thread-safe.
class AnswerLog {
 public:
  void Add(Request request, Answer answer);
  size_t size() const;
  std::pair<Request, Answer> At(size_t index) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<Request, Answer>> answers_;
};

}  // namespace zhuxiao::testing
