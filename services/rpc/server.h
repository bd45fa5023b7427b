// A gRPC server with its own accept loop, limits, TLS, health, reflection and a drain that always ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/rpc/authenticator.h"
#include "services/rpc/metrics.h"
#include "services/rpc/service.h"

namespace zhuxiao::rpc {

// Where and how a server listens with TLS. Files are PEM and are read again when they change, within a minute, so a
// renewed certificate needs no restart.
struct TlsOptions {
  std::string certificate_file;  // the chain, leaf first
  std::string key_file;
  std::string client_ca_file;  // not empty: a client must show a certificate of one of these authorities
};

// gRPC itself takes in this many times the largest request, so that the caller of a larger one is told so; what is
// larger still it ends unread, with a code that says overload elsewhere.
inline constexpr int kMostOfLargest = 4;

struct ServerOptions {
  std::string address = "127.0.0.1";  // a numeric address; "0.0.0.0" or "::" for all interfaces
  int port = 0;                       // 0 picks a free one
  bool use_tls = false;
  TlsOptions tls;

  // A connection costs two descriptors and about 100 KB; far more clients than a county has come through a gateway.
  // Lowered at start where the process may not open that many files.
  int max_connections = 4096;
  // The largest request: 5,000 sales of 200 bytes. A response may be four times as large (gRPC clients refuse more
  // by default).
  int max_message_bytes = 1 << 20;
  // gRPC's own default: a token, a trace context and a user agent take under 1 KB.
  int max_metadata_bytes = 8 << 10;
  // Calls of one connection at once; nginx and most clients expect 100 to 128.
  int max_concurrent_streams = 100;
  // Calls of the process at once. Beyond them a caller gets RESOURCE_EXHAUSTED with RetryInfo: at ten thousand
  // calls a second these are 0.4 s of waiting, longer than which nobody should queue.
  int64_t max_calls_in_flight = 4096;
  absl::Duration retry_after = absl::Milliseconds(200);

  absl::Duration handshake_timeout = absl::Seconds(5);     // TLS and HTTP/2 settings; a silent peer is closed
  absl::Duration max_connection_age = absl::Minutes(30);   // so that load spreads over new replicas
  absl::Duration connection_age_grace = absl::Minutes(5);  // for calls open when the age is reached
  absl::Duration keepalive_time = absl::Minutes(1);        // the server asks a silent peer whether it lives
  absl::Duration keepalive_timeout = absl::Seconds(20);
  absl::Duration min_client_ping_interval = absl::Seconds(10);  // clients may ping this often, calls or none
  absl::Duration drain_deadline = absl::Seconds(10);            // half of what Kubernetes grants before it kills
  absl::Duration slow_call = absl::Seconds(1);                  // slower calls are logged at warn
  int64_t memory_bytes = int64_t{512} << 20;                    // gRPC's buffers of all connections together
};

// Thread-safe after Start.
class Server {
 public:
  // Starts serving. FAILED_PRECONDITION names every method of `services` that cannot be served (see Service::Check)
  // and unusable TLS files; UNAVAILABLE where the address is in use; INVALID_ARGUMENT for options out of range.
  // `authenticator` and `metrics` outlive the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options,
                                                       std::vector<std::unique_ptr<Service>> services,
                                                       Authenticator& authenticator, Metrics& metrics);

  // Drains where that has not been done.
  ~Server();

  // The port it listens on.
  int port() const;

  // Sets what grpc.health.v1 answers for the server and for each service. Serving after Start.
  void SetServing(bool is_serving);

  // Health says NOT_SERVING, no connection is accepted, clients are told to go elsewhere, calls in flight get until
  // drain_deadline, and what is left then is ended with UNAVAILABLE and named in the log. Always returns, within
  // drain_deadline and about a second. Idempotent; call it before the modules behind the handlers are destroyed.
  void Drain();

  int64_t open_call_count() const;
  int connection_count() const;

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace zhuxiao::rpc
