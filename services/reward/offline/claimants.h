// Claimants by number, so that a line carries four bytes instead of a code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "services/base/strings.h"

namespace zhuxiao::reward::offline {

// Thread-safe. Numbers are given in the order of asking, which differs from run to run: results are put in order by
// code, never by number.
class Claimants {
 public:
  uint32_t IdOf(std::string_view code) {
    const absl::MutexLock lock(&mutex_);
    const auto [it, is_new] = ids_.try_emplace(base::View(code), static_cast<uint32_t>(codes_.size()));
    if (is_new) codes_.emplace_back(code);
    return it->second;
  }

  // All codes by number. Not to be called while others add.
  const std::vector<std::string>& codes() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return codes_; }

 private:
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, uint32_t> ids_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> codes_ ABSL_GUARDED_BY(mutex_);
};

// One thread's memory of the numbers it has asked for. Not thread-safe.
class ClaimantCache {
 public:
  explicit ClaimantCache(Claimants& claimants) : claimants_(claimants) {}

  uint32_t IdOf(std::string_view code) {
    const auto it = known_.find(base::View(code));
    if (it != known_.end()) return it->second;
    const uint32_t id = claimants_.IdOf(code);
    known_.emplace(code, id);
    return id;
  }

 private:
  Claimants& claimants_;
  absl::flat_hash_map<std::string, uint32_t> known_;
};

}  // namespace zhuxiao::reward::offline
