// The server as a whole: start, port, health, reflection, connections, descriptors, drain.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "gmock/gmock.h"
#include "services/rpc/health_probe.h"
#include "tests/e2e/rpc_fixture.h"
#include "tests/support/own_certificate.h"

namespace zhuxiao::rpc {
namespace {

using ::testing::HasSubstr;
using zhuxiao::testing::OwnCertificate;

std::string HealthRequest(const std::string& service) {
  return service.empty() ? "" : std::string("\x0A") + static_cast<char>(service.size()) + service;
}

constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kHealthWatch[] = "/grpc.health.v1.Health/Watch";
constexpr char kServing[] = "\x08\x01";
constexpr char kNotServing[] = "\x08\x02";

class ServerTest : public RpcTest {
 protected:
  // What is missing or wrong with a service that is not to start.
  std::string StartError(std::unique_ptr<Service> service) {
    std::vector<std::unique_ptr<Service>> services;
    services.push_back(std::move(service));
    auto server = Server::Start({}, std::move(services), tokens_, metrics_);
    EXPECT_EQ(server.status().code(), absl::StatusCode::kFailedPrecondition);
    return std::string(server.status().message());
  }

  // Sends `request` on a stream of `path` and returns the first answer.
  std::string AskReflection(const std::string& request) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    const char* path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
    const grpc::internal::RpcMethod method(path, grpc::internal::RpcMethod::BIDI_STREAMING);
    std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream(
        grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(channel_.get(), method,
                                                                                              &context));
    grpc::ByteBuffer answer;
    EXPECT_TRUE(stream->Write(ToByteBuffer(request)) && stream->Read(&answer));
    stream->WritesDone();
    grpc::ByteBuffer end;
    EXPECT_FALSE(stream->Read(&end));
    EXPECT_TRUE(stream->Finish().ok());
    return ToString(answer);
  }

  int OpenSocket() const { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

  bool Connect(int fd) const {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(server_->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }

  // The server closed the connection (true) or greeted with its HTTP/2 settings (false).
  static bool IsClosedByServer(int fd) {
    char byte;
    return recv(fd, &byte, 1, 0) <= 0;
  }

  void WaitUntilPortIsClosed() const {
    for (bool is_open = true; is_open;) {
      const int fd = OpenSocket();
      is_open = Connect(fd);
      close(fd);
    }
  }

  void WaitForConnections(int count) const {
    while (server_->connection_count() != count) absl::SleepFor(absl::Milliseconds(1));
  }
};

TEST_F(ServerTest, AMethodWithoutAnAccessRuleRefusesTheStart) {
  description_.Add("Say");
  auto service = description_.MakeService();
  service->Unary<EchoRequest, EchoResponse>("Say", AnswerAtOnce);
  EXPECT_EQ(StartError(std::move(service)), "zhuxiao.test.v1.TestService.Say has no access rule");
}

TEST_F(ServerTest, ARuleThatAdmitsNobodyRefusesTheStart) {
  description_.Add("Say").mutable_options()->MutableExtension(common::v1::access);
  auto service = description_.MakeService();
  service->Unary<EchoRequest, EchoResponse>("Say", AnswerAtOnce);
  EXPECT_THAT(StartError(std::move(service)), HasSubstr("Say has an access rule that admits nobody"));
}

TEST_F(ServerTest, EveryFaultOfTheHandlersIsNamed) {
  description_.AddPublic("Bare");
  description_.AddPublic("Streamed").set_server_streaming(true);
  description_.AddPublic("Nest", ".google.rpc.BadRequest");
  auto service = description_.MakeService();
  service->Unary<EchoRequest, EchoResponse>("Missing", AnswerAtOnce);
  service->Unary<EchoRequest, EchoResponse>("Streamed", AnswerAtOnce);
  service->Unary<EchoRequest, EchoRequest>("Nest", [](const Call&, const EchoRequest&, const Done<EchoRequest>&) {});
  const std::string error = StartError(std::move(service));
  EXPECT_THAT(error, HasSubstr("TestService.Bare has no handler"));
  EXPECT_THAT(error, HasSubstr("TestService has no method Missing"));
  EXPECT_THAT(error, HasSubstr("TestService.Streamed has a handler of another kind"));
  EXPECT_THAT(error, HasSubstr("TestService.Nest has a handler of another request type"));
  EXPECT_THAT(error, HasSubstr("TestService.Nest has a handler of another response type"));
}

TEST_F(ServerTest, ASecondServerOnThePortFails) {
  StartServer(nullptr);
  ServerOptions options;
  options.port = server_->port();
  auto second = Server::Start(options, {}, tokens_, metrics_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(std::to_string(server_->port())));
  server_.reset();
  EXPECT_TRUE(Server::Start(options, {}, tokens_, metrics_).ok());
}

TEST_F(ServerTest, BadOptionsAreAllNamed) {
  ServerOptions options;
  options.port = 70'000;
  options.max_connections = 0;
  const absl::Status status = Server::Start(options, {}, tokens_, metrics_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("port"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("max_connections"));
  options = {};
  options.address = "example.com";
  EXPECT_EQ(Server::Start(options, {}, tokens_, metrics_).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ServerTest, HealthFlipsForTheServerAndEachService) {
  StartServer(nullptr);
  for (const std::string service : {"", "zhuxiao.diagnostics.v1.DiagnosticsService"}) {
    std::string answer;
    ASSERT_TRUE(CallBytes(kHealthCheck, HealthRequest(service), &answer).ok());
    EXPECT_EQ(answer, kServing);
    server_->SetServing(false);
    ASSERT_TRUE(CallBytes(kHealthCheck, HealthRequest(service), &answer).ok());
    EXPECT_EQ(answer, kNotServing);
    server_->SetServing(true);
  }
  EXPECT_EQ(CallBytes(kHealthCheck, HealthRequest("nothing"), nullptr).error_code(), grpc::NOT_FOUND);
}

TEST_F(ServerTest, ReflectionListsAndDescribesServices) {
  StartServer(nullptr);
  EXPECT_THAT(AskReflection("\x3A\x01*"), HasSubstr("zhuxiao.diagnostics.v1.DiagnosticsService"));
  const std::string symbol = "zhuxiao.diagnostics.v1.DiagnosticsService";
  EXPECT_THAT(AskReflection(std::string("\x22") + static_cast<char>(symbol.size()) + symbol),
              HasSubstr("zhuxiao/diagnostics/v1/diagnostics.proto"));
}

TEST_F(ServerTest, ConnectionsAreCappedAndCountedDown) {
  ServerOptions options;
  options.max_connections = 2;
  StartServer(nullptr, options);
  const int first = OpenSocket(), second = OpenSocket(), third = OpenSocket();
  ASSERT_TRUE(Connect(first) && Connect(second));
  EXPECT_FALSE(IsClosedByServer(first));
  EXPECT_FALSE(IsClosedByServer(second));
  EXPECT_EQ(server_->connection_count(), 2);
  ASSERT_TRUE(Connect(third));
  EXPECT_TRUE(IsClosedByServer(third));
  close(first);
  WaitForConnections(1);
  EXPECT_TRUE(Echo().ok());
  close(second);
  close(third);
  channel_.reset();
  WaitForConnections(0);
}

TEST_F(ServerTest, APeerThatSaysNothingIsClosed) {
  ServerOptions options;
  options.handshake_timeout = absl::Milliseconds(200);
  StartServer(nullptr, options);
  const int silent = OpenSocket();
  ASSERT_TRUE(Connect(silent));
  WaitForConnections(0);
  close(silent);
}

TEST_F(ServerTest, AcceptsAgainAfterDescriptorsRanOut) {
  StartServer(nullptr);
  const int waiting = OpenSocket();
  rlimit before = {};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit low = before;
  low.rlim_cur = 200;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  std::vector<int> hoard;
  for (int fd; (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) hoard.push_back(fd);
  ASSERT_EQ(errno, EMFILE);
  ASSERT_TRUE(Connect(waiting));
  EXPECT_TRUE(IsClosedByServer(waiting));
  for (const int fd : hoard) close(fd);
  setrlimit(RLIMIT_NOFILE, &before);
  close(waiting);
  EXPECT_TRUE(Echo().ok());
}

TEST_F(ServerTest, ADrainLetsCallsInFlightFinish) {
  description_.AddPublic("Hold");
  auto service = description_.MakeService();
  HeldCall held;
  held.Serve(*service, "Hold");
  ServerOptions options;
  options.drain_deadline = absl::Seconds(60);
  StartServer(std::move(service), options);
  grpc::Status status;
  std::thread waiting([&] { status = Say("Hold"); });
  held.WaitUntilHeld();
  std::thread draining([&] { server_->Drain(); });
  WaitUntilPortIsClosed();
  held.Release();
  waiting.join();
  draining.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(server_->open_call_count(), 0);
}

// A balancer that watches health takes the server out before it finds the port closed: it hears of the drain while
// calls are still under way.
TEST_F(ServerTest, ADrainIsToldToWhoeverWatchesHealth) {
  description_.AddPublic("Hold");
  auto service = description_.MakeService();
  HeldCall held;
  held.Serve(*service, "Hold");
  ServerOptions options;
  options.drain_deadline = absl::Seconds(60);
  StartServer(std::move(service), options);
  grpc::ClientContext context;
  const grpc::internal::RpcMethod method(kHealthWatch, grpc::internal::RpcMethod::SERVER_STREAMING);
  const std::unique_ptr<grpc::ClientReader<grpc::ByteBuffer>> watch(
      grpc::internal::ClientReaderFactory<grpc::ByteBuffer>::Create(channel_.get(), method, &context,
                                                                    ToByteBuffer(HealthRequest(""))));
  grpc::ByteBuffer health;
  ASSERT_TRUE(watch->Read(&health));
  EXPECT_EQ(ToString(health), kServing);
  grpc::Status status;
  std::thread waiting([&] { status = Say("Hold"); });
  held.WaitUntilHeld();
  std::thread draining([&] { server_->Drain(); });
  ASSERT_TRUE(watch->Read(&health));
  EXPECT_EQ(ToString(health), kNotServing);
  const absl::Time released = absl::Now();
  held.Release();
  waiting.join();
  draining.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_LT(absl::Now() - released, absl::Seconds(30)) << "who watches does not keep the drain waiting";
}

TEST_F(ServerTest, ADrainEndsCallsThatNeverFinish) {
  description_.AddPublic("Never");
  auto service = description_.MakeService();
  HeldCall held;
  held.Serve(*service, "Never");
  ServerOptions options;
  options.drain_deadline = absl::Milliseconds(100);
  StartServer(std::move(service), options);
  grpc::Status status;
  std::thread waiting([&] { status = Say("Never"); });
  held.WaitUntilHeld();
  server_->Drain();
  waiting.join();
  EXPECT_EQ(status.error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "UNAVAILABLE");
  server_.reset();
  held.Release();  // harmless, even after the server is gone
}

TEST_F(ServerTest, ADrainedServerTakesNoConnection) {
  StartServer(nullptr);
  server_->Drain();
  const int fd = OpenSocket();
  EXPECT_FALSE(Connect(fd));
  close(fd);
}

TEST_F(ServerTest, TlsFilesAreCheckedBeforeTheStart) {
  ServerOptions options;
  options.use_tls = true;
  options.tls.certificate_file = "/nonexistent/tls.crt";
  options.tls.key_file = "/nonexistent/tls.key";
  const absl::Status status = Server::Start(options, {}, tokens_, metrics_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nonexistent/tls.crt cannot be read"));
}

class HealthProbeTest : public ServerTest {
 protected:
  std::unique_ptr<Server> StartWith(const ServerOptions& options) {
    std::vector<std::unique_ptr<Service>> services;
    services.push_back(MakeDiagnosticsService("test"));
    return Server::Start(options, std::move(services), tokens_, metrics_).value();
  }

  absl::Status Ask(const Server& server, HealthProbe probe = {}) {
    probe.port = server.port();
    probe.timeout = absl::Seconds(20);
    return CheckHealth(probe);
  }
};

TEST_F(HealthProbeTest, TellsWhetherTheServerServes) {
  const auto server = StartWith({});
  EXPECT_TRUE(Ask(*server).ok());
  EXPECT_TRUE(Ask(*server, {.service = "zhuxiao.diagnostics.v1.DiagnosticsService"}).ok());
  EXPECT_TRUE(absl::IsNotFound(Ask(*server, {.service = "nothing"})));
  server->SetServing(false);
  EXPECT_TRUE(absl::IsUnavailable(Ask(*server)));
  server->SetServing(true);
  EXPECT_TRUE(Ask(*server).ok());
  const int port = server->port();
  server->Drain();
  EXPECT_TRUE(absl::IsUnavailable(CheckHealth({.port = port, .timeout = absl::Milliseconds(200)})));
}

TEST_F(HealthProbeTest, SpeaksTlsAndShowsItsCertificate) {
  const OwnCertificate own;
  ServerOptions options;
  options.use_tls = true;
  options.tls.certificate_file = own.certificate_file();
  options.tls.key_file = own.key_file();
  const HealthProbe nameless{.use_tls = true};
  const HealthProbe named{.use_tls = true, .certificate_file = own.certificate_file(), .key_file = own.key_file()};
  {
    const auto server = StartWith(options);
    EXPECT_TRUE(Ask(*server, nameless).ok());
    EXPECT_TRUE(Ask(*server, named).ok());
    EXPECT_FALSE(CheckHealth({.port = server->port(), .timeout = absl::Milliseconds(500)}).ok()) << "without TLS";
    server->SetServing(false);
    EXPECT_TRUE(absl::IsUnavailable(Ask(*server, named)));
  }
  options.tls.client_ca_file = own.certificate_file();
  const auto server = StartWith(options);
  EXPECT_TRUE(Ask(*server, named).ok());
  EXPECT_FALSE(CheckHealth({.port = server->port(), .use_tls = true, .timeout = absl::Milliseconds(500)}).ok())
      << "without a certificate";
  EXPECT_TRUE(absl::IsFailedPrecondition(
      Ask(*server, {.use_tls = true, .certificate_file = "/nonexistent/tls.crt", .key_file = own.key_file()})));
}

}  // namespace
}  // namespace zhuxiao::rpc
