// All wiring, by hand: from a configuration to a running server, and back in the reverse order.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "services/server/config.h"

namespace zhuxiao::server {

// A running zhuxiaod. Not thread-safe.
class Installation {
 public:
  // Opens the store, fills the book and serves. Errors say what to change.
  static absl::StatusOr<std::unique_ptr<Installation>> Start(const ServeConfig& config);

  // Drains and closes everything. Idempotent; the destructor does it too.
  void Stop();
  ~Installation();

  int port() const;
  int metrics_port() const;  // 0 where metrics are not served

 private:
  struct Parts;
  explicit Installation(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace zhuxiao::server
