// Accepts connections and hands them on, with a cap. It exists because gRPC 1.51's own listener shares its port with
// any other process (SO_REUSEPORT) and stops accepting for ever after one exhaustion of file descriptors
// (CVE-2023-4785).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace zhuxiao::rpc {

// Thread-safe after Start.
//
// How it knows that a connection is closed: gRPC closes the descriptor it was given without telling. The listener
// keeps a duplicate of each, so a connection costs two, and watches it for EPOLLHUP, which the kernel raises when
// both directions are shut; gRPC shuts both down before every close.
class Listener {
 public:
  // Binds and listens. `address` is numeric, IPv4 or IPv6; port 0 picks one. INVALID_ARGUMENT for another address,
  // UNAVAILABLE where the port is taken or may not be used.
  static absl::StatusOr<std::unique_ptr<Listener>> Open(const std::string& address, int port, int max_connections);

  // Stops, and lets go of the duplicates.
  ~Listener();

  // The port it listens on.
  int port() const { return port_; }

  // Calls `on_connection` on a thread of its own with each new descriptor, non-blocking, whose owner it becomes.
  // Connections beyond the cap, or beyond what the process may open, are closed at once.
  void Start(std::function<void(int fd)> on_connection);

  // Accepts no more; `on_connection` is not running and will not be called once this returns. Idempotent.
  void StopAccepting();

  // Connections that are open, and that were closed for want of room.
  int connection_count() const { return connection_count_.load(std::memory_order_relaxed); }
  int64_t refused_count() const { return refused_count_.load(std::memory_order_relaxed); }

 private:
  Listener(int listen_fd, int port, int max_connections);

  bool Prepare();
  void Run();
  void AcceptAll() ABSL_LOCKS_EXCLUDED(mutex_);
  void Admit(int fd);
  void ShedOne(int listen_fd);
  void Forget(int duplicate);

  const int port_;
  const int max_connections_;
  int epoll_fd_ = -1;
  int wake_fd_ = -1;
  int spare_fd_ = -1;  // given up to accept, and close, one connection when no descriptor is left
  std::function<void(int)> on_connection_;
  absl::flat_hash_set<int> duplicates_;  // touched by the thread alone
  std::atomic<int> connection_count_ = 0;
  std::atomic<int64_t> refused_count_ = 0;
  std::atomic<bool> is_stopping_ = false;
  absl::Mutex mutex_;
  int listen_fd_ ABSL_GUARDED_BY(mutex_);  // -1 once no more is accepted
  std::thread thread_;
};

}  // namespace zhuxiao::rpc
