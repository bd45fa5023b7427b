// Mistakes found in input files, each with its line, gathered so that all are told together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"

namespace zhuxiao::reward::offline {

struct Fault {
  std::string file;
  int64_t line = 0;  // from 1; 0 where the whole file is meant
  std::string what;  // "amount_fen: must be a whole number of fen"
};

// Faults kept; of more only the number is told. Whoever sees so many mends the program that wrote the file.
inline constexpr size_t kMaxFaults = 10'000;

// Thread-safe.
class FaultList {
 public:
  void Add(Fault fault);

  bool empty() const;
  // All faults found, kept or not.
  int64_t count() const;
  // The kept ones by file and line.
  std::vector<Fault> Sorted() const;

 private:
  mutable absl::Mutex mutex_;
  std::vector<Fault> faults_ ABSL_GUARDED_BY(mutex_);
  int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace zhuxiao::reward::offline
