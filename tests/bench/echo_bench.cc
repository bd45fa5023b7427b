// Measures what the pipeline costs: echo calls per second through rpc::Server and through a plain generated callback
// service, in turn, in one process, with the same client. Prints JSON.
//   echo_bench [seconds per measurement = 3]
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "services/base/errors.h"
#include "services/rpc/diagnostics_service.h"
#include "services/rpc/server.h"
#include "zhuxiao/diagnostics/v1/diagnostics.grpc.pb.h"

namespace zhuxiao::rpc {
namespace {

using diagnostics::v1::DiagnosticsService;
using diagnostics::v1::EchoRequest;
using diagnostics::v1::EchoResponse;
using Clock = std::chrono::steady_clock;

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

struct Figures {
  double calls_per_s = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double cpu_us_per_call = 0;  // of client and server together; steadier than the rate on a busy machine
};

double ProcessCpuSeconds() {
  timespec spent = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

// Keeps `concurrency` calls in flight for a while, each starting the next when it ends.
class Load {
 public:
  Load(const std::string& target, int concurrency) : lanes_(concurrency) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stub_ =
        DiagnosticsService::NewStub(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
    request_.set_payload(std::string(kPayloadBytes, 'x'));
  }

  Figures Run(double seconds) {
    const auto begin = Clock::now();
    const double cpu_begin = ProcessCpuSeconds();
    open_ = static_cast<int>(lanes_.size());
    for (Lane& lane : lanes_) Next(lane);
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    is_over_ = true;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](int* open) { return *open == 0; }, &open_));
    }
    const double elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
    const double cpu = ProcessCpuSeconds() - cpu_begin;
    std::vector<double> latencies;
    for (const Lane& lane : lanes_)
      latencies.insert(latencies.end(), lane.latencies_ms.begin(), lane.latencies_ms.end());
    std::sort(latencies.begin(), latencies.end());
    const auto count = static_cast<double>(latencies.size());
    return {count / elapsed, latencies[latencies.size() / 2], latencies[latencies.size() * 99 / 100],
            cpu * 1e6 / count};
  }

 private:
  struct Lane {
    std::unique_ptr<grpc::ClientContext> context;
    EchoResponse response;
    Clock::time_point begin;
    std::vector<double> latencies_ms;
  };

  void Next(Lane& lane) {
    lane.context = std::make_unique<grpc::ClientContext>();
    lane.begin = Clock::now();
    stub_->async()->Echo(lane.context.get(), &request_, &lane.response, [this, &lane](const grpc::Status& status) {
      if (!status.ok()) {
        std::fprintf(stderr, "echo failed: %s\n", status.error_message().c_str());
        std::exit(1);
      }
      lane.latencies_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - lane.begin).count());
      if (!is_over_) return Next(lane);
      absl::MutexLock lock(&mutex_);
      --open_;
    });
  }

  std::unique_ptr<DiagnosticsService::Stub> stub_;
  EchoRequest request_;
  std::vector<Lane> lanes_;
  std::atomic<bool> is_over_ = false;
  absl::Mutex mutex_;
  int open_ = 0;
};

Figures Measure(const std::string& target, int concurrency, double seconds) {
  Load(target, concurrency).Run(seconds / 4);
  return Load(target, concurrency).Run(seconds);
}

void Print(const char* server, int concurrency, const Figures& figures, const char* end) {
  std::printf(
      "  {\"server\": \"%s\", \"in_flight\": %d, \"calls_per_s\": %.0f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
      "\"cpu_us_per_call\": %.1f}%s\n",
      server, concurrency, figures.calls_per_s, figures.p50_ms, figures.p99_ms, figures.cpu_us_per_call, end);
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
