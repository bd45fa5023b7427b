// Numbers are read when somebody looks. A look that has begun keeps the collector, but not what it reads: so the end
// of this object waits for it.
#include "services/server/store_metrics.h"

#include <prometheus/collectable.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace zhuxiao::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

}  // namespace

class StoreMetrics::Collector final : public prometheus::Collectable {
 public:
  Collector(std::string kind, store::CountedStore& store, store::ReplicaStore* replica, order::Market& market)
      : kind_(std::move(kind)), store_(&store), replica_(replica), market_(&market) {}

  void Detach() {
    const std::lock_guard lock(mutex_);
    store_ = nullptr;
  }

  std::vector<MetricFamily> Collect() const override {
    const std::lock_guard lock(mutex_);
    if (store_ == nullptr) return {};
    const uint64_t read = market_->position().sequence;
    const uint64_t end = store_->FeedEnd().sequence;
    store::ReplicaCounts counts;
    if (replica_ != nullptr) counts = replica_->Counts();
    return {
        Commits(),
        One("zhuxiao_store_committed_sequence", "The newest event of the feed that this server knows.",
            MetricType::Gauge, static_cast<double>(end)),
        One("zhuxiao_feed_lag_events", "Events that this server's book has still to read.", MetricType::Gauge,
            static_cast<double>(end - std::min(read, end))),
        One("zhuxiao_store_silence_seconds", "Since the shared store was last heard of; 0 where it is not shared.",
            MetricType::Gauge, absl::ToDoubleSeconds(counts.silence)),
        One("zhuxiao_store_overtaken_total", "Groups of commits decided again because another replica was quicker.",
            MetricType::Counter, static_cast<double>(counts.overtaken)),
        One("zhuxiao_store_filled_total", "Times this replica made its copy anew while it ran.", MetricType::Counter,
            static_cast<double>(counts.filled)),
        One("zhuxiao_store_quorum_waits_total", "Waits in vain for a second Redis to acknowledge commits.",
            MetricType::Counter, static_cast<double>(counts.unreplicated)),
    };
  }

 private:
  // A metric of `value`, whatever its type.
  ClientMetric Metric(MetricType type, double value) const {
    ClientMetric metric;
    metric.label = {{"store", kind_}};
    (type == MetricType::Gauge ? metric.gauge.value : metric.counter.value) = value;
    return metric;
  }

  MetricFamily One(std::string name, std::string help, MetricType type, double value) const {
    return {std::move(name), std::move(help), type, {Metric(type, value)}};
  }

  MetricFamily Commits() const {
    const store::CommitCounts counts = store_->Counts();
    const std::pair<const char*, uint64_t> results[] = {{"ok", counts.ok},
                                                        {"conflict", counts.conflict},
                                                        {"bound", counts.bound},
                                                        {"unknown", counts.unknown},
                                                        {"refused", counts.refused}};
    MetricFamily family{"zhuxiao_store_commits_total", "Commits by how they ended.", MetricType::Counter, {}};
    for (const auto& [result, count] : results) {
      family.metric.push_back(Metric(MetricType::Counter, static_cast<double>(count)));
      family.metric.back().label.push_back({"result", result});
    }
    return family;
  }

  const std::string kind_;
  mutable std::mutex mutex_;
  store::CountedStore* store_;  // guarded by mutex_; nullptr: nothing may be read any more
  store::ReplicaStore* const replica_;
  order::Market* const market_;
};

StoreMetrics::StoreMetrics(rpc::Metrics& metrics, std::string kind, store::CountedStore& store,
                           store::ReplicaStore* replica, order::Market& market)
    : collector_(std::make_shared<Collector>(std::move(kind), store, replica, market)) {
  metrics.Add(collector_);
}

StoreMetrics::~StoreMetrics() { collector_->Detach(); }

}  // namespace zhuxiao::server
