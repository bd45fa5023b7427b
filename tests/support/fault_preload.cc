// A library that is preloaded into a server to give it a wrong clock and a disk that does not sync, while it runs: what
// FaultPage says. It calls the kernel directly, because allocators ask for the time before the dynamic linker can look
// anything up (libfaketime and libfiu, which look up first, do not start a program on jemalloc).
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include <cstdlib>

#include "tests/support/fault_values.h"

namespace {

using zhuxiao::testing::FaultValues;

constexpr int64_t kNanosPerSecond = 1'000'000'000;
const FaultValues kNoFaults;
const FaultValues* values = &kNoFaults;

long CallKernel(long number, long a, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
#if defined(__x86_64__)
  long result = 0;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
#else
#error "how this processor calls its kernel is not written down here"
#endif
}

// As a function of the C library answers: -1 and errno, or the result.
long Answer(long result) {
  if (result >= 0 || result < -4095) return result;
  errno = static_cast<int>(-result);
  return -1;
}

timespec Shifted(const timespec& time, int64_t nanos) {
  const int64_t shifted = time.tv_sec * kNanosPerSecond + time.tv_nsec + nanos;
  return {.tv_sec = shifted / kNanosPerSecond, .tv_nsec = shifted % kNanosPerSecond};
}

int Sync(long call, int file) {
  if (const int error = values->sync_error; error != 0) {
    errno = error;
    return -1;
  }
  return static_cast<int>(Answer(CallKernel(call, file)));
}

}  // namespace

extern "C" {

void ZhuxiaoMapFaults(const char* path) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) abort();
  void* const mapped = mmap(nullptr, sizeof(FaultValues), PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) abort();
  values = static_cast<const FaultValues*>(mapped);
}

__attribute__((constructor)) static void MapFaultsOfEnvironment() {
  if (const char* path = getenv(zhuxiao::testing::kFaultPageVariable)) ZhuxiaoMapFaults(path);
}

int fsync(int file) { return Sync(SYS_fsync, file); }
int fdatasync(int file) { return Sync(SYS_fdatasync, file); }

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const long result = Answer(CallKernel(SYS_clock_gettime, clock, reinterpret_cast<long>(time)));
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    *time = Shifted(*time, values->clock_offset_nanos);
  }
  return static_cast<int>(result);
}

int gettimeofday(timeval* __restrict time, void* __restrict) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *time = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1'000};
  return 0;
}

time_t time(time_t* time) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (time != nullptr) *time = now.tv_sec;
  return now.tv_sec;
}

// Waits end by the kernel's clock, which knows nothing of the offset.
int pthread_cond_timedwait(pthread_cond_t* __restrict condition, pthread_mutex_t* __restrict mutex,
                           const timespec* __restrict deadline) {
  using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*, const timespec*);
  static const Wait wait = reinterpret_cast<Wait>(dlsym(RTLD_NEXT, "pthread_cond_timedwait"));
  const timespec shifted = Shifted(*deadline, -values->clock_offset_nanos);
  return wait(condition, mutex, &shifted);
}

// Not by its own name, which unistd.h declares otherwise.
long AnySystemCall(long number, long a, long b, long c, long d, long e, long f) __asm__("syscall");
long AnySystemCall(long number, long a, long b, long c, long d, long e, long f) {
  timespec shifted{};
  if (number == SYS_futex && (b & FUTEX_CLOCK_REALTIME) != 0 && d != 0) {
    shifted = Shifted(*reinterpret_cast<const timespec*>(d), -values->clock_offset_nanos);
    d = reinterpret_cast<long>(&shifted);
  }
  return Answer(CallKernel(number, a, b, c, d, e, f));
}

}  // extern "C"
