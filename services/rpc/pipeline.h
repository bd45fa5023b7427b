// What every call of a server passes: who calls, may they, is there room, and the list of calls that are open.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/descriptor.h"
#include "services/rpc/authenticator.h"
#include "services/rpc/call.h"
#include "services/rpc/metrics.h"

namespace grpc {
class CallbackServerContext;
}

namespace zhuxiao::rpc {

class OpenCall;

// One method as the server serves it.
struct Method {
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  std::string path;    // "/zhuxiao.order.v1.OrderService/PlaceOrder"
  uint32_t roles = 0;  // bit 1 << role for each role the access rule names
  bool is_public = false;
  MethodMetrics* metrics = nullptr;
};

struct PipelineOptions {
  int64_t max_calls_in_flight = 1;
  int max_message_bytes = 0;
  absl::Duration retry_after;
  absl::Duration slow_call;
};

// Thread-safe. Outlives every call it opened.
class Pipeline {
 public:
  Pipeline(Authenticator& authenticator, PipelineOptions options);

  // Waits until no call is open or `deadline` has passed; true where none is open.
  bool WaitUntilIdle(absl::Time deadline);

  // Ends every open call, and every call that still arrives, with `status`. Returns the methods of those ended.
  std::vector<std::string> AbortAll(const absl::Status& status);

  int64_t open_call_count() const;

 private:
  friend class OpenCall;

  absl::Status Identify(const Method& method, grpc::CallbackServerContext& context, base::Caller& caller);
  void Add(OpenCall& call);
  void Remove(OpenCall& call);

  Authenticator& authenticator_;
  const PipelineOptions options_;
  std::atomic<int64_t> in_flight_ = 0;
  mutable absl::Mutex mutex_;
  OpenCall* first_ ABSL_GUARDED_BY(mutex_) = nullptr;
  int64_t open_count_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status abort_status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuxiao::rpc
