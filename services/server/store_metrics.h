// The store's and the feed's numbers at /metrics: how commits end, how far the feed has come and how far this server's
// book trails it, and on a shared store how the replica gets on with the others.
#pragma once

#include <memory>
#include <string>

#include "services/order/market.h"
#include "services/rpc/metrics.h"
#include "services/store/counted_store.h"
#include "services/store/replica_store.h"

namespace zhuxiao::server {

// Shows the numbers as long as it lives.
class StoreMetrics {
 public:
  // `kind` is the label "store": memory, rocksdb or redis. `replica` is nullptr where the store is not shared; all
  // others outlive this object. Comes before metrics.Serve.
  StoreMetrics(rpc::Metrics& metrics, std::string kind, store::CountedStore& store, store::ReplicaStore* replica,
               order::Market& market);
  ~StoreMetrics();
  StoreMetrics(const StoreMetrics&) = delete;
  StoreMetrics& operator=(const StoreMetrics&) = delete;

 private:
  class Collector;

  const std::shared_ptr<Collector> collector_;
};

}  // namespace zhuxiao::server
