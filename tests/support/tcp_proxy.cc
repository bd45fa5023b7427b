#include "tests/support/tcp_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

namespace zhuxiao::testing {
namespace {

// How soon a change of mind is noticed.
constexpr int kPollMs = 20;

sockaddr_in AddressOf(const std::string& host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

// Closes with a reset instead of a farewell.
void Reset(int socket) {
  const linger none{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
  shutdown(socket, SHUT_RDWR);
}

}  // namespace

TcpProxy::TcpProxy(std::string host) : host_(std::move(host)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address = AddressOf("127.0.0.1", 0);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, SOMAXCONN) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

TcpProxy::~TcpProxy() {
  is_over_ = true;
  acceptor_.join();
  Cut();
  for (Line& line : lines_) {
    line.up.join();
    line.down.join();
    close(line.client);
    close(line.server);
  }
  close(listener_);
}

void TcpProxy::Slow(int bytes, absl::Duration interval) {
  most_bytes_ = bytes;
  interval_micros_ = absl::ToInt64Microseconds(interval);
}

void TcpProxy::Cut() {
  const std::lock_guard lock(mutex_);
  for (Line& line : lines_) {
    line.is_cut = true;
    Reset(line.client);
    Reset(line.server);
  }
}

bool TcpProxy::Readable(int socket) {
  pollfd wanted{.fd = socket, .events = POLLIN, .revents = 0};
  return poll(&wanted, 1, kPollMs) > 0;
}

void TcpProxy::Accept() {
  while (!is_over_) {
    if (!Readable(listener_)) continue;
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) continue;
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = AddressOf(host_, server_port_);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      close(server);
      close(client);
      continue;
    }
    const std::lock_guard lock(mutex_);
    Line& line = lines_.emplace_back();
    line.client = client;
    line.server = server;
    line.up = std::thread([this, &line] { Pass(line, line.client, line.server); });
    line.down = std::thread([this, &line] { Pass(line, line.server, line.client); });
  }
}

void TcpProxy::Pass(Line& line, int from, int to) {
  std::vector<char> buffer(1 << 16);
  while (!line.is_cut) {
    if (is_silent_ || !Readable(from)) {
      if (is_silent_) absl::SleepFor(absl::Milliseconds(kPollMs));
      continue;
    }
    const ssize_t count = recv(from, buffer.data(), static_cast<size_t>(most_bytes_), 0);
    if (count <= 0) {
      shutdown(to, SHUT_WR);
      return;
    }
    for (ssize_t sent = 0; sent < count;) {
      const ssize_t more = send(to, buffer.data() + sent, static_cast<size_t>(count - sent), MSG_NOSIGNAL);
      if (more <= 0) return;
      sent += more;
      passed_bytes_ += more;
    }
    absl::SleepFor(absl::Microseconds(interval_micros_.load()));
  }
}

}  // namespace zhuxiao::testing
