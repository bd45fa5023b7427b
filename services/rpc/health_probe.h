// Asks a server, from outside, whether it serves: what probes of Kubernetes do where the kubelet's own gRPC probe
// cannot, which speaks no TLS.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace zhuxiao::rpc {

struct HealthProbe {
  std::string address = "127.0.0.1";
  int port = 0;
  std::string service;  // empty: the server as a whole
  // TLS; the server's certificate is not held against anything, since a probe asks its own pod and says nothing
  // secret. PEM files of a certificate to show where the server wants one, and of its key; both empty: none.
  bool use_tls = false;
  std::string certificate_file;
  std::string key_file;
  absl::Duration timeout = absl::Seconds(2);
};

// OK where the server answers SERVING within the timeout. UNAVAILABLE where it says it does not serve and where no
// answer came; NOT_FOUND for a service it does not know; FAILED_PRECONDITION for files that cannot be used.
absl::Status CheckHealth(const HealthProbe& probe);

}  // namespace zhuxiao::rpc
