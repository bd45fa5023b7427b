// Runs independent tasks on a few threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace zhuxiao::matching::clearing {

// Calls run(task, worker) once for each task in [0, count), tasks handed out in order, on `threads` threads of which
// the caller is worker 0. Returns when all are done. The tasks must not depend on one another: then the result does not
// depend on the number of threads.
template <typename Run>
void ForEach(size_t count, int threads, const Run& run) {
  std::atomic<size_t> next = 0;
  const auto work = [&](int worker) {
    for (size_t task = next++; task < count; task = next++) run(task, worker);
  };
  std::vector<std::thread> helpers;
  for (int worker = 1; worker < threads && static_cast<size_t>(worker) < count; ++worker) {
    helpers.emplace_back(work, worker);
  }
  work(0);
  for (std::thread& helper : helpers) helper.join();
}

}  // namespace zhuxiao::matching::clearing
