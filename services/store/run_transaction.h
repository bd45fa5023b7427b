// The only retry loop of the product: runs a body over a transaction until it commits or a refusal is final.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "services/store/store.h"

namespace zhuxiao::store {

struct RetryPolicy {
  // Attempts before ABORTED / CONFLICT reaches the caller. With escrow counters a conflict is rare; sixteen in a
  // row mean that the body reads something hot and is better told so.
  int max_attempts = 16;
};

// A body reads and writes through the transaction and returns OK to commit, or an error to give up. It may run
// several times and must have no effect but on the transaction and on variables it sets afresh in each run. Later runs
// are on a thread of the store: a body must not wait for another commit.
using TransactionBody = std::function<absl::Status(Transaction&)>;

// How it ended: the commit's status and position, or the body's own error.
// An error of the body commits nothing, but its reads are validated first, so that a refusal is never
// decided on an outdated read: where they are outdated the body runs again.
using TransactionDone = std::function<void(absl::Status, Position)>;

// Runs the first attempt on the calling thread, later ones on the store's; calls `done` exactly once. Where a bound
// broke, the next attempt distrusts that counter (Transaction::Distrust), so the body's Add answers OUT_OF_RANGE
// itself.
void RunTransaction(Store& store, TransactionBody body, TransactionDone done, RetryPolicy policy = {});

// The same, blocking until it ended. Never call it on a thread of the server's event loop.
absl::Status RunTransaction(Store& store, const TransactionBody& body, RetryPolicy policy = {});

}  // namespace zhuxiao::store
