// A connection to a zhuxiaod.
#include "clients/cpp/client.h"

#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <future>

#include "absl/strings/ascii.h"
#include "absl/time/clock.h"

namespace zhuxiao::client {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

std::string PathOf(const MethodDescriptor& method) { return "/" + method.service()->full_name() + "/" + method.name(); }

absl::Status NoSuchMethod(const Message& request, const Message& response) {
  return absl::UnimplementedError("no method takes a " + request.GetTypeName() + " and answers a " +
                                  response.GetTypeName());
}

absl::Status CheckToken(const std::string& token) {
  if (token.empty() || IsSendable(token)) return absl::OkStatus();
  return absl::InvalidArgumentError("the token holds characters no token has");
}

int Millis(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

std::shared_ptr<grpc::Channel> Connect(const ClientOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kServiceConfig);
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(kKeepaliveTime));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(kKeepaliveTimeout));
  // A client that only reads a stream sends no data between pings, and must still notice a server that hangs.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (!options.tls_ca_pem.empty()) {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = options.tls_ca_pem;
    tls.pem_cert_chain = options.tls_certificate_pem;
    tls.pem_private_key = options.tls_key_pem;
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

bool IsSendable(std::string_view token) {
  return std::all_of(token.begin(), token.end(),
                     [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); });
}

const MethodDescriptor* FindMethod(const google::protobuf::Descriptor& request,
                                   const google::protobuf::Descriptor& response) {
  const google::protobuf::FileDescriptor& file = *request.file();
  for (int i = 0; i < file.service_count(); ++i) {
    for (int j = 0; j < file.service(i)->method_count(); ++j) {
      const MethodDescriptor* const method = file.service(i)->method(j);
      if (method->input_type() == &request && method->output_type() == &response) return method;
    }
  }
  return nullptr;
}

Client::Client(const ClientOptions& options, const base::Clock& clock, base::Random& random)
    : Client(Connect(options), options, clock, random) {}

Client::Client(std::shared_ptr<grpc::Channel> channel, const ClientOptions& options, const base::Clock& clock,
               base::Random& random)
    : channel_(std::move(channel)),
      token_(options.token),
      deadline_(options.deadline),
      stream_patience_(options.stream_patience),
      clock_(clock),
      random_(random) {}

void Client::Mint(Message& request) const {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr) return;
  const auto* reflection = request.GetReflection();
  if (reflection->GetString(request, field).empty()) reflection->SetString(&request, field, NewRequestId());
}

absl::Status Client::Call(const MethodDescriptor& method, Message& request, Message& response) const {
  if (absl::Status checked = CheckToken(token_); !checked.ok()) return checked;
  Mint(request);
  if (absl::Status checked = CheckSize(request); !checked.ok()) return checked;
  grpc::ClientContext context;
  Prepare(context, deadline_);
  grpc::TemplatedGenericStub<Message, Message> stub(channel_);
  std::promise<grpc::Status> finished;
  stub.UnaryCall(&context, PathOf(method), grpc::StubOptions(), &request, &response,
                 [&finished](grpc::Status status) { finished.set_value(std::move(status)); });
  return FromGrpc(finished.get_future().get());
}

absl::Status Client::CallByMessages(Message& request, Message& response) const {
  const MethodDescriptor* const method = FindMethod(*request.GetDescriptor(), *response.GetDescriptor());
  return method == nullptr ? NoSuchMethod(request, response) : Call(*method, request, response);
}

std::unique_ptr<Stream> Client::Begin(const MethodDescriptor& method, grpc::ClientContext& context) const {
  Prepare(context, kStreamDeadline);
  return std::make_unique<Stream>(channel_, PathOf(method), context, stream_patience_);
}

absl::Status Client::ReadAllByMessages(const Message& request, Message& response,
                                       const std::function<absl::Status()>& consume) const {
  const MethodDescriptor* const method = FindMethod(*request.GetDescriptor(), *response.GetDescriptor());
  if (method == nullptr) return NoSuchMethod(request, response);
  if (absl::Status checked = CheckToken(token_); !checked.ok()) return checked;
  grpc::ClientContext context;
  const std::unique_ptr<Stream> stream = Begin(*method, context);
  absl::Status refused;
  if (stream->Write(request) && stream->WritesDone()) {
    while (refused.ok() && stream->Read(response)) refused = consume();
  }
  if (!refused.ok()) context.TryCancel();
  const absl::Status status = stream->Finish();
  return refused.ok() ? status : refused;
}

void Client::Prepare(grpc::ClientContext& context, absl::Duration deadline) const {
  if (!token_.empty() && IsSendable(token_)) context.AddMetadata("authorization", "Bearer " + token_);
  // The wall clock and not `clock_`: gRPC compares a deadline with the machine's time.
  context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
}

}  // namespace zhuxiao::client
