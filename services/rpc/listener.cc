#include "services/rpc/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/rpc/log.h"

namespace zhuxiao::rpc {
namespace {

// Connections that wait to be accepted; more than this in one wake-up of the thread is a flood.
constexpr int kBacklog = 1024;

// How long to leave the queue alone when even the spare descriptor did not help.
constexpr int kExhaustedPauseMs = 50;

absl::Status SystemError(absl::StatusCode code, const std::string& what) {
  return absl::Status(code, absl::StrCat(what, ": ", strerror(errno)));
}

int OpenSpare() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

bool SetOption(int fd, int level, int name) {
  const int on = 1;
  return setsockopt(fd, level, name, &on, sizeof(on)) == 0;
}

// Without SO_REUSEPORT, so that a second server on the port fails; with SO_REUSEADDR, so that a restart need not wait
// for old connections to time out. TCP_NODELAY is inherited by what is accepted.
absl::StatusOr<int> OpenSocket(const addrinfo& where, const std::string& name) {
  const int fd = socket(where.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return SystemError(absl::StatusCode::kUnavailable, absl::StrCat("cannot open a socket for ", name));
  if (!SetOption(fd, SOL_SOCKET, SO_REUSEADDR) || !SetOption(fd, IPPROTO_TCP, TCP_NODELAY) ||
      bind(fd, where.ai_addr, where.ai_addrlen) != 0 || listen(fd, kBacklog) != 0) {
    absl::Status status = SystemError(absl::StatusCode::kUnavailable, absl::StrCat("cannot listen on ", name));
    close(fd);
    return status;
  }
  return fd;
}

int PortOf(int fd) {
  sockaddr_storage address = {};
  socklen_t length = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  const bool is_v6 = address.ss_family == AF_INET6;
  return ntohs(is_v6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                     : reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

bool Watch(int epoll_fd, int fd, uint32_t events) {
  epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(const std::string& address, int port, int max_connections) {
  const std::string name = absl::StrCat(address, " port ", port);
  addrinfo hints = {};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("not a numeric address: ", name));
  }
  const auto free_found = absl::MakeCleanup([found] { freeaddrinfo(found); });
  absl::StatusOr<int> fd = OpenSocket(*found, name);
  if (!fd.ok()) return fd.status();
  std::unique_ptr<Listener> listener(new Listener(*fd, PortOf(*fd), max_connections));
  if (!listener->Prepare()) return SystemError(absl::StatusCode::kUnavailable, "cannot prepare the accept loop");
  return listener;
}

Listener::Listener(int listen_fd, int port, int max_connections)
    : port_(port), max_connections_(max_connections), listen_fd_(listen_fd) {}

bool Listener::Prepare() {
  absl::MutexLock lock(&mutex_);
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  spare_fd_ = OpenSpare();
  return epoll_fd_ >= 0 && wake_fd_ >= 0 && spare_fd_ >= 0 && Watch(epoll_fd_, wake_fd_, EPOLLIN) &&
         Watch(epoll_fd_, listen_fd_, EPOLLIN);
}

Listener::~Listener() {
  StopAccepting();
  is_stopping_ = true;
  if (thread_.joinable()) {
    eventfd_write(wake_fd_, 1);
    thread_.join();
  }
  for (const int fd : {epoll_fd_, wake_fd_, spare_fd_}) {
    if (fd >= 0) close(fd);
  }
}

void Listener::Start(std::function<void(int)> on_connection) {
  on_connection_ = std::move(on_connection);
  thread_ = std::thread([this] { Run(); });
}

void Listener::StopAccepting() {
  absl::MutexLock lock(&mutex_);
  if (listen_fd_ < 0) return;
  close(listen_fd_);  // which takes it out of the epoll set too
  listen_fd_ = -1;
}

void Listener::Run() {
  std::array<epoll_event, 64> events;
  while (!is_stopping_) {
    const int count = epoll_wait(epoll_fd_, events.data(), events.size(), -1);
    bool is_new = false;
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (duplicates_.contains(fd)) {
        if (events[i].events & EPOLLHUP) Forget(fd);
      } else {
        is_new = true;
      }
    }
    if (is_new) AcceptAll();
  }
  while (!duplicates_.empty()) Forget(*duplicates_.begin());
}

void Listener::AcceptAll() {
  absl::MutexLock lock(&mutex_);
  for (int i = 0; i < kBacklog && listen_fd_ >= 0; ++i) {
    const int fd = accept4(listen_fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      Admit(fd);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return ShedOne(listen_fd_);
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;  // EAGAIN, or a network error that belongs to one connection: the loop comes back
    }
  }
}

void Listener::Admit(int fd) {
  const int duplicate = connection_count() < max_connections_ ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
  if (duplicate < 0 || !Watch(epoll_fd_, duplicate, EPOLLET)) {
    refused_count_.fetch_add(1, std::memory_order_relaxed);
    if (duplicate >= 0) close(duplicate);
    close(fd);
    return;
  }
  duplicates_.insert(duplicate);
  connection_count_.fetch_add(1, std::memory_order_relaxed);
  on_connection_(fd);
}

void Listener::Forget(int duplicate) {
  duplicates_.erase(duplicate);
  close(duplicate);
  connection_count_.fetch_sub(1, std::memory_order_relaxed);
}

// A connection left in the queue would wake the loop for ever; one that is accepted and closed tells its client to
// try elsewhere.
void Listener::ShedOne(int listen_fd) {
  if (spare_fd_ >= 0) {
    close(spare_fd_);
    const int fd = accept4(listen_fd, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      close(fd);
      refused_count_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  spare_fd_ = OpenSpare();
  if (spare_fd_ < 0) {
    Log(LogLevel::kWarn, "no file descriptor is left to accept connections with");
    absl::SleepFor(absl::Milliseconds(kExhaustedPauseMs));
  }
}

}  // namespace zhuxiao::rpc
