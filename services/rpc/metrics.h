// Prometheus metrics: the counts of calls under the names of go-grpc-middleware, so that existing dashboards fit,
// a registry for the gauges and counters of other modules, and the HTTP endpoint that shows both.
#pragma once

#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace prometheus {
class Exposer;
}

namespace zhuxiao::rpc {

// Upper bounds of grpc_server_handling_seconds: an echo takes 0.2 ms, a durable write a few ms, and a caller
// gives up after seconds.
inline constexpr std::array<double, 13> kLatencyBoundsSeconds = {0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                                 0.05,    0.1,    0.25,  0.5,    1,     5};

// The status codes of gRPC, 0 to 16.
inline constexpr size_t kCodeCount = 17;

// The counts of one method. Thread-safe; each call costs a few relaxed atomic additions and no lock.
class MethodMetrics {
 public:
  MethodMetrics(std::string_view service, std::string_view method, std::string_view type)
      : service_(service), method_(method), type_(type) {}

  void Started() { started_.fetch_add(1, std::memory_order_relaxed); }
  void Received() { received_.fetch_add(1, std::memory_order_relaxed); }
  void Sent() { sent_.fetch_add(1, std::memory_order_relaxed); }
  void Handled(absl::StatusCode code, int64_t duration_ns);

 private:
  friend class CallCollector;

  const std::string service_;
  const std::string method_;
  const std::string type_;  // unary, client_stream, server_stream, bidi_stream
  std::atomic<uint64_t> started_ = 0;
  std::atomic<uint64_t> received_ = 0;
  std::atomic<uint64_t> sent_ = 0;
  std::array<std::atomic<uint64_t>, kCodeCount> handled_ = {};
  std::array<std::atomic<uint64_t>, kLatencyBoundsSeconds.size() + 1> durations_ = {};
  std::atomic<uint64_t> duration_sum_ns_ = 0;
};

class CallCollector;

// Thread-safe. Outlives the servers that count in it.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  // The counts of a method, made on first use; the pointer lives as long as this object.
  MethodMetrics* ForMethod(std::string_view service, std::string_view method, std::string_view type);

  // Where other modules register their own families (prometheus::BuildGauge().Name(…).Register(registry())).
  prometheus::Registry& registry() { return *registry_; }

  // Shows what `collectable` collects too, as long as somebody else keeps it. Before Serve.
  void Add(const std::shared_ptr<prometheus::Collectable>& collectable) { others_.push_back(collectable); }

  // Serves /metrics over HTTP on `address` ("127.0.0.1:9464"; port 0 picks one) until this object dies. Returns
  // the port. UNAVAILABLE where the address cannot be listened on, FAILED_PRECONDITION where it serves already.
  absl::StatusOr<int> Serve(const std::string& address);

  // The same text as /metrics shows.
  std::string Text() const;

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  std::shared_ptr<CallCollector> calls_;
  std::vector<std::weak_ptr<prometheus::Collectable>> others_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace zhuxiao::rpc
