// Mistakes found in input files.
#include "services/reward/offline/faults.h"

#include <algorithm>
#include <tuple>

namespace zhuxiao::reward::offline {

void FaultList::Add(Fault fault) {
  const absl::MutexLock lock(&mutex_);
  ++count_;
  if (faults_.size() < kMaxFaults) faults_.push_back(std::move(fault));
}

bool FaultList::empty() const { return count() == 0; }

int64_t FaultList::count() const {
  const absl::MutexLock lock(&mutex_);
  return count_;
}

std::vector<Fault> FaultList::Sorted() const {
  const absl::MutexLock lock(&mutex_);
  std::vector<Fault> sorted = faults_;
  std::sort(sorted.begin(), sorted.end(), [](const Fault& a, const Fault& b) {
    return std::tie(a.file, a.line, a.what) < std::tie(b.file, b.line, b.what);
  });
  return sorted;
}

}  // namespace zhuxiao::reward::offline
