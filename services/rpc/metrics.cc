#include "services/rpc/metrics.h"

#include <prometheus/exposer.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace zhuxiao::rpc {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// The names of codes as go-grpc-middleware writes them.
constexpr std::array<const char*, kCodeCount> kCodeNames = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

ClientMetric Counter(std::vector<ClientMetric::Label> labels, uint64_t value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
  return metric;
}

}  // namespace

void MethodMetrics::Handled(absl::StatusCode code, int64_t duration_ns) {
  const double seconds = static_cast<double>(duration_ns) / 1e9;
  const auto bucket = std::lower_bound(kLatencyBoundsSeconds.begin(), kLatencyBoundsSeconds.end(), seconds);
  durations_[bucket - kLatencyBoundsSeconds.begin()].fetch_add(1, std::memory_order_relaxed);
  duration_sum_ns_.fetch_add(duration_ns, std::memory_order_relaxed);
  const size_t index = std::min<size_t>(static_cast<size_t>(code), kCodeCount - 1);
  handled_[index].fetch_add(1, std::memory_order_relaxed);
}

// Reads the atomics when somebody looks.
class CallCollector final : public prometheus::Collectable {
 public:
  MethodMetrics* ForMethod(std::string_view service, std::string_view method, std::string_view type) {
    absl::MutexLock lock(&mutex_);
    for (const auto& known : methods_) {
      if (known->service_ == service && known->method_ == method) return known.get();
    }
    return methods_.emplace_back(std::make_unique<MethodMetrics>(service, method, type)).get();
  }

  std::vector<MetricFamily> Collect() const override {
    MetricFamily started{"grpc_server_started_total", "RPCs started on the server.", MetricType::Counter, {}};
    MetricFamily handled{
        "grpc_server_handled_total", "RPCs completed on the server, by code.", MetricType::Counter, {}};
    MetricFamily received{"grpc_server_msg_received_total", "Messages received.", MetricType::Counter, {}};
    MetricFamily sent{"grpc_server_msg_sent_total", "Messages sent.", MetricType::Counter, {}};
    MetricFamily handling{"grpc_server_handling_seconds", "Time from arrival to answer.", MetricType::Histogram, {}};
    absl::MutexLock lock(&mutex_);
    for (const auto& method : methods_) {
      const auto labels = LabelsOf(*method);
      started.metric.push_back(Counter(labels, method->started_.load(std::memory_order_relaxed)));
      received.metric.push_back(Counter(labels, method->received_.load(std::memory_order_relaxed)));
      sent.metric.push_back(Counter(labels, method->sent_.load(std::memory_order_relaxed)));
      handling.metric.push_back(HistogramOf(*method));
      AddHandled(*method, handled);
    }
    return {std::move(started), std::move(handled), std::move(received), std::move(sent), std::move(handling)};
  }

 private:
  static std::vector<ClientMetric::Label> LabelsOf(const MethodMetrics& method) {
    return {{"grpc_type", method.type_}, {"grpc_service", method.service_}, {"grpc_method", method.method_}};
  }

  // OK always shows, the other codes once they have happened: a zero for each would be a page of noise.
  static void AddHandled(const MethodMetrics& method, MetricFamily& family) {
    for (size_t code = 0; code < kCodeCount; ++code) {
      const uint64_t count = method.handled_[code].load(std::memory_order_relaxed);
      if (count == 0 && code != 0) continue;
      auto labels = LabelsOf(method);
      labels.push_back({"grpc_code", kCodeNames[code]});
      family.metric.push_back(Counter(std::move(labels), count));
    }
  }

  static ClientMetric HistogramOf(const MethodMetrics& method) {
    ClientMetric metric;
    metric.label = LabelsOf(method);
    uint64_t total = 0;
    for (size_t i = 0; i < method.durations_.size(); ++i) {
      total += method.durations_[i].load(std::memory_order_relaxed);
      const bool is_last = i == kLatencyBoundsSeconds.size();
      metric.histogram.bucket.push_back(
          {total, is_last ? std::numeric_limits<double>::infinity() : kLatencyBoundsSeconds[i]});
    }
    metric.histogram.sample_count = total;
    metric.histogram.sample_sum = static_cast<double>(method.duration_sum_ns_.load(std::memory_order_relaxed)) / 1e9;
    return metric;
  }

  mutable absl::Mutex mutex_;
  std::vector<std::unique_ptr<MethodMetrics>> methods_ ABSL_GUARDED_BY(mutex_);
};

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>()), calls_(std::make_shared<CallCollector>()) {}

Metrics::~Metrics() = default;

MethodMetrics* Metrics::ForMethod(std::string_view service, std::string_view method, std::string_view type) {
  return calls_->ForMethod(service, method, type);
}

absl::StatusOr<int> Metrics::Serve(const std::string& address) {
  if (exposer_ != nullptr) return absl::FailedPreconditionError("the metrics are served already");
  try {  // the library reports by exception
    exposer_ = std::make_unique<prometheus::Exposer>(address, 1);
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat("cannot serve metrics on ", address, ": ", error.what()));
  }
  exposer_->RegisterCollectable(calls_);
  exposer_->RegisterCollectable(registry_);
  for (const auto& other : others_) exposer_->RegisterCollectable(other);
  return exposer_->GetListeningPorts().front();
}

std::string Metrics::Text() const {
  std::vector<MetricFamily> families = calls_->Collect();
  for (auto& family : registry_->Collect()) families.push_back(std::move(family));
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return out.str();
}

}  // namespace zhuxiao::rpc
