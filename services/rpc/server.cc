#include "services/rpc/server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/rpc/health_schema.h"
#include "services/rpc/listener.h"
#include "services/rpc/log.h"
#include "services/rpc/tls.h"

namespace zhuxiao::rpc {
namespace {

// gRPC clients refuse responses over 4 MB unless told otherwise.
constexpr int kMaxResponseBytes = 4 << 20;

// Descriptors the store, the log and gRPC itself need beside the connections.
constexpr int kReservedDescriptors = 256;
constexpr int kDescriptorsAConnection = 2;

// For gRPC to close its connections once no call is open.
constexpr absl::Duration kCloseGrace = absl::Milliseconds(500);

int Millis(absl::Duration duration) {
  return static_cast<int>(std::clamp<int64_t>(absl::ToInt64Milliseconds(duration), 0, INT32_MAX));
}

absl::Status CheckOptions(const ServerOptions& options) {
  base::FieldErrors errors;
  errors.Require(options.port >= 0 && options.port <= 65535, "port", "is not between 0 and 65535");
  errors.Require(options.max_connections > 0, "max_connections", "is not positive");
  errors.Require(options.max_message_bytes > 0 && options.max_message_bytes <= INT32_MAX / kMostOfLargest,
                 "max_message_bytes", "is not between 1 and 536870911");
  errors.Require(options.max_metadata_bytes > 0, "max_metadata_bytes", "is not positive");
  errors.Require(options.max_concurrent_streams > 0, "max_concurrent_streams", "is not positive");
  errors.Require(options.max_calls_in_flight > 0, "max_calls_in_flight", "is not positive");
  errors.Require(options.memory_bytes > 0, "memory_bytes", "is not positive");
  errors.Require(options.drain_deadline >= absl::ZeroDuration(), "drain_deadline", "is negative");
  return errors.ToStatus();
}

absl::Status CheckServices(const std::vector<std::unique_ptr<Service>>& services) {
  std::vector<std::string> errors;
  for (const auto& service : services) {
    if (absl::Status status = service->Check(); !status.ok()) errors.emplace_back(status.message());
  }
  return errors.empty() ? absl::OkStatus() : absl::FailedPreconditionError(absl::StrJoin(errors, "; "));
}

// As many connections as wished, or as the process may open.
int AffordableConnections(int wished) {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wished;
  const int64_t room = (static_cast<int64_t>(limit.rlim_cur) - kReservedDescriptors) / kDescriptorsAConnection;
  const int affordable = static_cast<int>(std::clamp<int64_t>(room, 1, wished));
  if (affordable < wished) {
    Log(LogLevel::kWarn, "the limit of open files allows fewer connections than configured",
        {{"configured", wished}, {"allowed", affordable}});
  }
  return affordable;
}

// gRPC's switches that hold for the whole process. Abseil's deadlock detector costs as much as the locks it watches.
void SetUpProcess() {
  static const bool is_done = [] {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    grpc::EnableDefaultHealthCheckService(true);
    DescribeHealth();
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  (void)is_done;
}

void SetLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMostOfLargest * options.max_message_bytes);
  builder.SetMaxSendMessageSize(kMaxResponseBytes);
  grpc::ResourceQuota quota("zhuxiao");
  quota.Resize(options.memory_bytes);
  builder.SetResourceQuota(quota);
  const std::pair<const char*, int> arguments[] = {
      {GRPC_ARG_MAX_METADATA_SIZE, options.max_metadata_bytes},
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams},
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Millis(options.handshake_timeout)},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(options.max_connection_age)},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Millis(options.connection_age_grace)},
      {GRPC_ARG_KEEPALIVE_TIME_MS, Millis(options.keepalive_time)},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(options.keepalive_timeout)},
      {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, Millis(options.min_client_ping_interval)},
      {GRPC_ARG_ALLOW_REUSEPORT, 0},
      {GRPC_ARG_ENABLE_CHANNELZ, 0},
  };
  for (const auto& [name, value] : arguments) builder.AddChannelArgument(name, value);
  // Reflection alone is synchronous; one thread that waits for it is enough.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 1);
}

absl::Status Draining() {
  return base::MakeError(absl::StatusCode::kUnavailable, base::ErrorReason::ERROR_REASON_UNAVAILABLE,
                         "the server is draining; the outcome of the call may be unknown");
}

std::string CountByName(const std::vector<std::string>& names) {
  absl::btree_map<std::string, int> counts;
  for (const std::string& name : names) ++counts[name];
  return absl::StrJoin(counts, ", ", absl::PairFormatter(" x "));
}

}  // namespace

// In the order of life: what stands first dies last.
struct Server::Parts {
  Parts(ServerOptions server_options, Authenticator& authenticator)
      : options(std::move(server_options)),
        pipeline(authenticator,
                 {options.max_calls_in_flight, options.max_message_bytes, options.retry_after, options.slow_call}) {}

  const ServerOptions options;
  Pipeline pipeline;
  std::vector<std::unique_ptr<Service>> services;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor;
  std::unique_ptr<Listener> listener;
  absl::Mutex drain_mutex;
  bool is_drained ABSL_GUARDED_BY(drain_mutex) = false;
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options,
                                                      std::vector<std::unique_ptr<Service>> services,
                                                      Authenticator& authenticator, Metrics& metrics) {
  SetUpProcess();
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  if (absl::Status status = CheckServices(services); !status.ok()) return status;
  auto credentials = MakeCredentials(options);
  if (!credentials.ok()) return credentials.status();
  auto listener = Listener::Open(options.address, options.port, AffordableConnections(options.max_connections));
  if (!listener.ok()) return listener.status();

  auto parts = std::make_unique<Parts>(std::move(options), authenticator);
  parts->services = std::move(services);
  grpc::ServerBuilder builder;
  SetLimits(parts->options, builder);
  for (const auto& service : parts->services) {
    service->Bind(parts->pipeline, metrics);
    builder.RegisterService(service.get());
  }
  parts->acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, *credentials);
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr) return absl::InternalError("gRPC refused to start the server");
  parts->listener = *std::move(listener);

  std::unique_ptr<Server> server(new Server(std::move(parts)));
  server->SetServing(true);
  server->parts_->listener->Start([acceptor = server->parts_->acceptor.get()](int fd) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = fd;
    acceptor->HandleNewConnection(&connection);
  });
  return server;
}

Server::~Server() { Drain(); }

int Server::port() const { return parts_->listener->port(); }
int64_t Server::open_call_count() const { return parts_->pipeline.open_call_count(); }
int Server::connection_count() const { return parts_->listener->connection_count(); }

void Server::SetServing(bool is_serving) {
  auto* health = parts_->server->GetHealthCheckService();
  health->SetServingStatus("", is_serving);
  for (const auto& service : parts_->services) {
    health->SetServingStatus(service->descriptor()->full_name(), is_serving);
  }
}

void Server::Drain() {
  absl::MutexLock lock(&parts_->drain_mutex);
  if (std::exchange(parts_->is_drained, true)) return;
  const absl::Time deadline = absl::Now() + parts_->options.drain_deadline;
  SetServing(false);
  parts_->listener->StopAccepting();
  // Shutdown sends GOAWAY at once and waits for the calls; it would wait for ever for one whose handler never
  // answers, so those are ended from here.
  absl::Notification is_closed;
  std::thread shutdown([this, deadline, &is_closed] {
    parts_->server->Shutdown(absl::ToChronoTime(deadline + kCloseGrace));
    is_closed.Notify();
  });
  parts_->pipeline.WaitUntilIdle(deadline);
  const std::vector<std::string> left = parts_->pipeline.AbortAll(Draining());
  if (!left.empty()) {
    Log(LogLevel::kWarn, "calls were still open when the drain deadline passed", {{"calls", CountByName(left)}});
  }
  // What is still open is gRPC's own: whoever watches health, a stream without an end.
  if (!is_closed.WaitForNotificationWithTimeout(kCloseGrace)) {
    grpc_server_cancel_all_calls(parts_->server->c_server());
  }
  shutdown.join();
}

}  // namespace zhuxiao::rpc
