// A connection to a zhuxiaod.
#include "clients/cpp/client.h"

#include <grpcpp/generic/generic_stub.h>

#include <future>

#include "absl/time/clock.h"

namespace zhuxiao::client {
namespace {

using google::protobuf::Message;

std::shared_ptr<grpc::Channel> Connect(const ClientOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kServiceConfig);
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (!options.tls_ca_pem.empty()) {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = options.tls_ca_pem;
    credentials = grpc::SslCredentials(tls);
  }
  return grpc::CreateCustomChannel(options.target, credentials, arguments);
}

}  // namespace

// Five attempts is the most gRPC makes; together they wait about three seconds, well inside the default deadline.
// CANCELLED that the caller did not ask for is a call that reached a server as it shut down: gRPC resets it before any
// handler sees it. A name with the addresses of several replicas is used whole.
const char* const kServiceConfig = R"json({
  "loadBalancingConfig": [{"round_robin": {}}],
  "methodConfig": [{
    "name": [{}],
    "retryPolicy": {
      "maxAttempts": 5,
      "initialBackoff": "0.2s",
      "maxBackoff": "2s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED", "CANCELLED"]
    }
  }],
  "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1}
})json";

Client::Client(const ClientOptions& options, const base::Clock& clock, base::Random& random)
    : Client(Connect(options), options, clock, random) {}

Client::Client(std::shared_ptr<grpc::Channel> channel, const ClientOptions& options, const base::Clock& clock,
               base::Random& random)
    : channel_(channel),
      stubs_(std::make_shared<Stubs>(channel)),
      token_(options.token),
      deadline_(options.deadline),
      clock_(clock),
      random_(random) {}

void Client::Mint(Message& request) const {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr) return;
  const auto* reflection = request.GetReflection();
  if (reflection->GetString(request, field).empty()) reflection->SetString(&request, field, NewRequestId());
}

absl::Status Client::Call(const google::protobuf::MethodDescriptor& method, Message& request, Message& response) const {
  Mint(request);
  grpc::ClientContext context;
  Prepare(context, deadline_);
  grpc::TemplatedGenericStub<Message, Message> stub(channel_);
  std::promise<grpc::Status> finished;
  stub.UnaryCall(&context, "/" + method.service()->full_name() + "/" + method.name(), grpc::StubOptions(), &request,
                 &response, [&finished](grpc::Status status) { finished.set_value(std::move(status)); });
  return FromGrpc(finished.get_future().get());
}

void Client::Prepare(grpc::ClientContext& context, absl::Duration deadline) const {
  if (!token_.empty()) context.AddMetadata("authorization", "Bearer " + token_);
  // The wall clock and not `clock_`: gRPC compares a deadline with the machine's time.
  context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
}

}  // namespace zhuxiao::client
