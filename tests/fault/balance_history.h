// What the clients of a crash test saw of balances, and whether one order of everything that happened explains it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/fault/book_checks.h"
#include "tests/support/linearizability.h"
#include "zhuxiao/listing/v1/listing.pb.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::testing {

// Nanoseconds of a clock that never jumps.
int64_t SteadyNanos();

// Thread-safe. Every span begins before a request is first sent and ends after its answer came, however often it had to
// be sent again.
class BalanceHistory {
 public:
  struct Span {
    int64_t begin = 0;
    int64_t end = BalanceOperation::kNever;
  };

  // A write, by its request_id; what it moved is in the feed.
  void AddWrite(const std::string& request_id, Span span);

  // What was read of a listing and of a quota.
  void AddRead(const listing::v1::Listing& listing, Span span);
  void AddRead(const quota::v1::Quota& quota, Span span);

  // A refusal because fewer than `units` were available.
  void AddExhausted(const std::string& listing_id, int64_t units, Span span);

  // A line for each listing and each quota whose operations no order explains. An event of the server's own happened,
  // the feed says, after all events before it began and before any event after it ended.
  std::vector<std::string> Unexplained(const Books& books) const;

  size_t read_count() const;

 private:
  void Add(const std::string& key, BalanceOperation operation);

  mutable std::mutex mutex_;
  std::map<std::string, Span> writes_;                             // by request_id
  std::map<std::string, std::vector<BalanceOperation>> observed_;  // reads and refusals, by listing or quota
};

}  // namespace zhuxiao::testing
