// Measures what the pipeline costs: echo calls per second through rpc::Server and through a plain generated callback
// service, in turn, in one process, with the same client. Prints JSON.
//   echo_bench [seconds per measurement = 3]
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/base/errors.h"
#include "services/rpc/diagnostics_service.h"
#include "services/rpc/server.h"
#include "tests/bench/closed_loop.h"
#include "zhuxiao/diagnostics/v1/diagnostics.grpc.pb.h"

namespace zhuxiao::rpc {
namespace {

using diagnostics::v1::DiagnosticsService;
using diagnostics::v1::EchoRequest;
using diagnostics::v1::EchoResponse;

constexpr int kPayloadBytes = 100;

class NoTokens final : public Authenticator {
 public:
  absl::StatusOr<base::Caller> Authenticate(std::string_view) override { return base::Caller(); }
};

class PlainEcho final : public DiagnosticsService::CallbackService {
 public:
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const EchoRequest* request,
                                 EchoResponse* response) override {
    response->set_payload(request->payload());
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

// Echo calls over one connection.
class Load {
 public:
  explicit Load(const std::string& target) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stub_ =
        DiagnosticsService::NewStub(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
    request_.set_payload(std::string(kPayloadBytes, 'x'));
  }

  bench::Figures Run(int concurrency, double seconds) {
    const auto loop = std::make_shared<bench::ClosedLoop>(
        concurrency, [this](int, std::function<void(bool)> done) { Echo(std::move(done)); });
    const bench::Figures measured = loop->Run(seconds);
    if (measured.failed > 0) {
      std::fprintf(stderr, "%ld echo calls failed\n", static_cast<long>(measured.failed));
      std::exit(1);
    }
    return measured;
  }

 private:
  void Echo(std::function<void(bool)> done) {
    struct State {
      grpc::ClientContext context;
      EchoResponse response;
    };
    const auto state = std::make_shared<State>();
    stub_->async()->Echo(&state->context, &request_, &state->response,
                         [state, done = std::move(done)](const grpc::Status& status) { done(status.ok()); });
  }

  std::unique_ptr<DiagnosticsService::Stub> stub_;
  EchoRequest request_;
};

bench::Figures Measure(const std::string& target, int concurrency, double seconds) {
  // Left to the end of the process: threads of gRPC may still be leaving the last callbacks.
  auto* const load = new Load(target);
  load->Run(concurrency, seconds / 4);
  return load->Run(concurrency, seconds);
}

void Print(const char* server, int concurrency, const bench::Figures& figures, const char* end) {
  std::printf(
      "  {\"server\": \"%s\", \"in_flight\": %d, \"calls_per_s\": %.0f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
      "\"cpu_us_per_call\": %.1f}%s\n",
      server, concurrency, figures.calls_per_s, figures.p50_ms, figures.p99_ms, figures.cpu_us, end);
}

int Main(double seconds) {
  NoTokens tokens;
  Metrics metrics;
  std::vector<std::unique_ptr<Service>> services;
  services.push_back(MakeDiagnosticsService("bench"));
  auto server = Server::Start({}, std::move(services), tokens, metrics);
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n", server.status().ToString().c_str());
    return 1;
  }
  PlainEcho plain;
  int plain_port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &plain_port);
  builder.RegisterService(&plain);
  const auto plain_server = builder.BuildAndStart();

  std::printf("[\n");
  const std::vector<int> levels = {1, 16, 64, 256};
  for (const int concurrency : levels) {
    const std::string host = "127.0.0.1:";
    Print("plain", concurrency, Measure(host + std::to_string(plain_port), concurrency, seconds), ",");
    Print("pipeline", concurrency, Measure(host + std::to_string((*server)->port()), concurrency, seconds),
          concurrency == levels.back() ? "" : ",");
  }
  std::printf("]\n");
  plain_server->Shutdown();
  return 0;
}

}  // namespace
}  // namespace zhuxiao::rpc

int main(int argc, char** argv) { return zhuxiao::rpc::Main(argc > 1 ? std::atof(argv[1]) : 3.0); }
