// Stands between a client and a server on the loopback and makes the line between them bad: slow, silent, cut.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "absl/time/time.h"

namespace zhuxiao::testing {

// Thread-safe.
class TcpProxy {
 public:
  // Passes on to `host`, a numeric address, whatever port it is told.
  explicit TcpProxy(std::string host = "127.0.0.1");
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  // Where clients connect.
  int port() const { return port_; }

  // Where new connections lead.
  void LeadTo(int server_port) { server_port_ = server_port; }

  // From now on at most `bytes` a direction pass every `interval`.
  void Slow(int bytes, absl::Duration interval);

  // While silent, nothing passes either way and nothing is closed, not even what one end has closed: to the other end
  // the connection looks alive.
  void Silence(bool is_silent) { is_silent_ = is_silent; }

  // Resets all connections.
  void Cut();

  int64_t passed_bytes() const { return passed_bytes_; }

 private:
  struct Line {
    int client = -1;
    int server = -1;
    std::atomic<bool> is_cut = false;
    std::thread up;
    std::thread down;
  };

  void Accept();
  void Pass(Line& line, int from, int to);
  static bool Readable(int socket);

  const std::string host_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> server_port_ = 0;
  std::atomic<int> most_bytes_ = 1 << 16;
  std::atomic<int64_t> interval_micros_ = 0;
  std::atomic<bool> is_silent_ = false;
  std::atomic<bool> is_over_ = false;
  std::atomic<int64_t> passed_bytes_ = 0;
  std::mutex mutex_;
  std::list<Line> lines_;  // guarded by mutex_
  std::thread acceptor_;
};

}  // namespace zhuxiao::testing
