// A connection to a zhuxiaod: calls of every method by its messages, deadlines, the caller's token, retries, and
// request ids minted once for an intent. It knows how to ask, not what to ask for.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/status.h"
#include "clients/cpp/stream.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "services/base/clock.h"
#include "services/base/ids.h"
#include "zhuxiao/audit/v1/audit.pb.h"
#include "zhuxiao/diagnostics/v1/diagnostics.pb.h"
#include "zhuxiao/directory/v1/directory.pb.h"
#include "zhuxiao/document/v1/document_service.pb.h"
#include "zhuxiao/forward/v1/forward_service.pb.h"
#include "zhuxiao/listing/v1/listing.pb.h"
#include "zhuxiao/matching/v1/matching.pb.h"
#include "zhuxiao/order/v1/order.pb.h"
#include "zhuxiao/partner/v1/partner.pb.h"
#include "zhuxiao/quota/v1/quota.pb.h"
#include "zhuxiao/report/v1/report.pb.h"
#include "zhuxiao/reward/v1/reward.pb.h"
#include "zhuxiao/shipping/v1/shipping.pb.h"
#include "zhuxiao/stall/v1/stall.pb.h"

namespace zhuxiao::client {

// How long a unary call may take, retries included: a hundred times what a loaded server needs, and short enough
// that a person at a terminal still waits.
inline constexpr absl::Duration kDefaultDeadline = absl::Seconds(10);

// How long a stream may take: the books of the whole country over a slow line.
inline constexpr absl::Duration kStreamDeadline = absl::Minutes(30);

// How long a connection with calls may be silent before the server is asked whether it lives, and how long it has to
// answer. Three times what a server takes for abuse.
inline constexpr absl::Duration kKeepaliveTime = absl::Seconds(30);
inline constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(20);

// The largest answer taken. A server's messages end at 1 MiB; four times that leaves room for its growth and still
// bounds what a wrong server can make a client allocate.
inline constexpr int kMaxAnswerBytes = 4 << 20;

// The gRPC service config of every channel. UNAVAILABLE (outcome unknown) and RESOURCE_EXHAUSTED (overload) are tried
// again with exponential backoff, or when the server's pushback says; a server that fails most calls is spared by the
// throttle. Safe for every method, because each write carries a request_id and each reported sale its own number.
extern const char* const kServiceConfig;

// The method that takes such a request and answers such a response; nullptr where none does. It stands in the file of
// its messages, which no other method has (buf lint sees to that).
const google::protobuf::MethodDescriptor* FindMethod(const google::protobuf::Descriptor& request,
                                                     const google::protobuf::Descriptor& response);

// True where `token` may stand in a header: printable ASCII without blanks. gRPC stops the process over any other, and
// shows it as it goes.
bool IsSendable(std::string_view token);

struct ClientOptions {
  std::string target;                                         // "host:port" or any gRPC name
  std::string token;                                          // bearer token; empty for public methods only
  std::string tls_ca_pem;                                     // root certificates; empty means no TLS
  std::string tls_certificate_pem;                            // shown to a server that asks for one; empty: none
  std::string tls_key_pem;                                    // its key
  absl::Duration deadline = kDefaultDeadline;                 // of a unary call
  absl::Duration stream_patience = absl::InfiniteDuration();  // how long a stream waits for each message
};

// Thread-safe. Copies share the connection. `clock` and `random` outlive it.
class Client {
 public:
  Client(const ClientOptions& options, const base::Clock& clock, base::Random& random);

  // Over a channel made elsewhere; `options.target` and what is for TLS are ignored.
  Client(std::shared_ptr<grpc::Channel> channel, const ClientOptions& options, const base::Clock& clock,
         base::Random& random);

  // A new id for a new intent.
  std::string NewRequestId() const { return base::NewId(clock_.Now(), random_); }

  // Sets the request's request_id where it has that field and it is empty. A caller that may have to repeat the call
  // after an error mints first and keeps the request.
  void Mint(google::protobuf::Message& request) const;

  // Calls the unary method that takes such a request and answers such a response, for example
  // Call<order::v1::PlaceOrderResponse>(request): every method has messages of its own. Mints where needed; the id
  // stays the same over retries. Errors: as the method's, with google.rpc details as payloads; UNAVAILABLE and
  // DEADLINE_EXCEEDED leave the outcome unknown; UNIMPLEMENTED where there is no such method; INVALID_ARGUMENT where
  // the token is not sendable or the request larger than kMaxRequestBytes, and nothing is sent then.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(Request request) const {
    Response response;
    if (const absl::Status status = CallByMessages(request, response); !status.ok()) return status;
    return response;
  }

  // The same for a method known by its descriptor only.
  absl::Status Call(const google::protobuf::MethodDescriptor& method, google::protobuf::Message& request,
                    google::protobuf::Message& response) const;

  // Reads a server stream to its end; `consume` takes each message and may stop the stream with an error, which is
  // then returned. The method is found like that of Call.
  template <typename Response, typename Request>
  absl::Status ReadAll(const Request& request, const std::function<absl::Status(Response&)>& consume) const {
    Response response;
    return ReadAllByMessages(request, response, [&] { return consume(response); });
  }

  // Begins a call of many messages, which `context` is for. A token that is not sendable is left out.
  std::unique_ptr<Stream> Begin(const google::protobuf::MethodDescriptor& method, grpc::ClientContext& context) const;

  // Sets token and deadline of a call.
  void Prepare(grpc::ClientContext& context, absl::Duration deadline) const;

 private:
  absl::Status CallByMessages(google::protobuf::Message& request, google::protobuf::Message& response) const;
  absl::Status ReadAllByMessages(const google::protobuf::Message& request, google::protobuf::Message& response,
                                 const std::function<absl::Status()>& consume) const;

  std::shared_ptr<grpc::Channel> channel_;
  std::string token_;
  absl::Duration deadline_;
  absl::Duration stream_patience_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace zhuxiao::client
