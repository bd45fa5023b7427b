// A connection to a zhuxiaod: typed stubs, deadlines, the caller's token, retries, and request ids minted once for an
// intent. It knows how to ask, not what to ask for.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "services/base/clock.h"
#include "services/base/ids.h"
#include "zhuxiao/audit/v1/audit.grpc.pb.h"
#include "zhuxiao/diagnostics/v1/diagnostics.grpc.pb.h"
#include "zhuxiao/directory/v1/directory.grpc.pb.h"
#include "zhuxiao/document/v1/document_service.grpc.pb.h"
#include "zhuxiao/forward/v1/forward_service.grpc.pb.h"
#include "zhuxiao/listing/v1/listing.grpc.pb.h"
#include "zhuxiao/matching/v1/matching.grpc.pb.h"
#include "zhuxiao/order/v1/order.grpc.pb.h"
#include "zhuxiao/partner/v1/partner.grpc.pb.h"
#include "zhuxiao/quota/v1/quota.grpc.pb.h"
#include "zhuxiao/report/v1/report.grpc.pb.h"
#include "zhuxiao/reward/v1/reward.grpc.pb.h"
#include "zhuxiao/shipping/v1/shipping.grpc.pb.h"
#include "zhuxiao/stall/v1/stall.grpc.pb.h"

namespace zhuxiao::client {

// How long a unary call may take, retries included: a hundred times what a loaded server needs, and short enough
// that a person at a terminal still waits.
inline constexpr absl::Duration kDefaultDeadline = absl::Seconds(10);

// How long a stream may take: the books of the whole country over a slow line.
inline constexpr absl::Duration kStreamDeadline = absl::Minutes(30);

// The largest answer taken. A server's messages end at 1 MiB; four times that leaves room for its growth and still
// bounds what a wrong server can make a client allocate.
inline constexpr int kMaxAnswerBytes = 4 << 20;

// The gRPC service config of every channel. UNAVAILABLE (outcome unknown) and RESOURCE_EXHAUSTED (overload) are tried
// again with exponential backoff, or when the server's pushback says; a server that fails most calls is spared by the
// throttle. Safe for every method, because each write carries a request_id and each reported sale its own number.
extern const char* const kServiceConfig;

struct ClientOptions {
  std::string target;                          // "host:port" or any gRPC name
  std::string token;                           // bearer token; empty for public methods only
  std::string tls_ca_pem;                      // root certificates; empty means no TLS
  absl::Duration deadline = kDefaultDeadline;  // of a unary call
};

// The stubs of services over one channel.
template <typename... Services>
struct StubsOf {
  explicit StubsOf(const std::shared_ptr<grpc::Channel>& channel) : all(Services::NewStub(channel)...) {}

  std::tuple<std::unique_ptr<typename Services::Stub>...> all;
};

// Thread-safe. Copies share the connection. `clock` and `random` outlive it.
class Client {
 public:
  Client(const ClientOptions& options, const base::Clock& clock, base::Random& random);

  // Over a channel made elsewhere; `options.target` and `tls_ca_pem` are ignored.
  Client(std::shared_ptr<grpc::Channel> channel, const ClientOptions& options, const base::Clock& clock,
         base::Random& random);

  // A new id for a new intent.
  std::string NewRequestId() const { return base::NewId(clock_.Now(), random_); }

  // Sets the request's request_id where it has that field and it is empty. A caller that may have to repeat the call
  // after an error mints first and keeps the request.
  void Mint(google::protobuf::Message& request) const;

  // Calls a unary method, for example Call(&OrderService::Stub::PlaceOrder, request). Mints where needed; the id stays
  // the same over retries. Errors: as the method's, with google.rpc details as payloads; UNAVAILABLE and
  // DEADLINE_EXCEEDED leave the outcome unknown.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                Request request) const {
    Mint(request);
    grpc::ClientContext context;
    Prepare(context, deadline_);
    Response response;
    const absl::Status status =
        FromGrpc((std::get<std::unique_ptr<Stub>>(stubs_->all).get()->*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  // The same for a method known by its descriptor only.
  absl::Status Call(const google::protobuf::MethodDescriptor& method, google::protobuf::Message& request,
                    google::protobuf::Message& response) const;

  // Reads a server stream to its end; `consume` takes each message and may stop the stream with an error, which is
  // then returned.
  template <typename Stub, typename Request, typename Response>
  absl::Status ReadAll(std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(grpc::ClientContext*,
                                                                                     const Request&),
                       const Request& request, const std::function<absl::Status(Response&)>& consume) const {
    grpc::ClientContext context;
    Prepare(context, kStreamDeadline);
    auto reader = (std::get<std::unique_ptr<Stub>>(stubs_->all).get()->*method)(&context, request);
    Response response;
    absl::Status refused;
    while (refused.ok() && reader->Read(&response)) refused = consume(response);
    if (!refused.ok()) context.TryCancel();
    const grpc::Status status = reader->Finish();
    return refused.ok() ? FromGrpc(status) : refused;
  }

  // The stub of a service, for calls made by hand; they need Prepare.
  template <typename Service>
  typename Service::Stub& stub() const {
    return *std::get<std::unique_ptr<typename Service::Stub>>(stubs_->all);
  }

  // Sets token and deadline of a call.
  void Prepare(grpc::ClientContext& context, absl::Duration deadline) const;

 private:
  using Stubs = StubsOf<audit::v1::AuditService, diagnostics::v1::DiagnosticsService, directory::v1::DirectoryService,
                        document::v1::DocumentService, forward::v1::ForwardService, listing::v1::ListingService,
                        matching::v1::MatchingService, order::v1::OrderService, partner::v1::PartnerService,
                        quota::v1::QuotaService, report::v1::ReportService, reward::v1::RewardService,
                        shipping::v1::ShippingService, stall::v1::StallService>;

  std::shared_ptr<grpc::Channel> channel_;
  std::shared_ptr<const Stubs> stubs_;
  std::string token_;
  absl::Duration deadline_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace zhuxiao::client
