#include "services/rpc/workers.h"

#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "services/base/errors.h"
#include "services/base/strings.h"

namespace zhuxiao::rpc {

Workers::~Workers() {
  std::vector<std::shared_ptr<Worker>> workers;
  {
    absl::MutexLock lock(&mutex_);
    workers.swap(workers_);
  }
  for (const auto& worker : workers) worker->thread.join();
}

absl::Status Workers::Run(std::function<void()> task) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(workers_, [](const std::shared_ptr<Worker>& worker) {
    if (worker->is_done) worker->thread.join();
    return worker->is_done;
  });
  if (workers_.size() >= most_) {
    return base::Overloaded(base::StrCat("too many ", kind_, " run"), absl::Seconds(5));
  }
  auto worker = std::make_shared<Worker>();
  worker->thread = std::thread([this, worker = worker.get(), task = std::move(task)] {
    task();
    absl::MutexLock done(&mutex_);
    worker->is_done = true;
  });
  workers_.push_back(std::move(worker));
  return absl::OkStatus();
}

}  // namespace zhuxiao::rpc
