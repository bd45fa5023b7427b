// Leases with fencing: one holder at a time runs a job, and a holder that slept past its lease cannot write.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/store/store.h"

namespace zhuxiao::store {

struct Lease {
  std::string name;
  std::string holder;
  int64_t fence = 0;  // grows by one with every change of holder
  absl::Time expires;
};

// Takes or renews the lease `name` for `holder` until now + ttl. FAILED_PRECONDITION / STATE_NOT_ALLOWED while
// another holds it. `holder` is not empty and no two processes share one. Blocking.
absl::StatusOr<Lease> AcquireLease(Store& store, const std::string& name, const std::string& holder, absl::Time now,
                                   absl::Duration ttl);

// Joins the lease row to the transaction's reads and answers ABORTED where it is not `lease` any more: a
// transaction that calls it commits only while the lease is held.
absl::Status CheckLease(Transaction& transaction, const Lease& lease);

// Gives the lease back early; no error where it is not held any more. Blocking.
absl::Status ReleaseLease(Store& store, const Lease& lease);

}  // namespace zhuxiao::store
