#include "services/store/counted_store.h"

namespace zhuxiao::store {

void CountedStore::Count(const absl::Status& status) {
  std::atomic<uint64_t>* count = &refused_;
  if (status.ok()) count = &ok_;
  if (absl::IsAborted(status)) count = &conflict_;
  if (absl::IsOutOfRange(status)) count = &bound_;
  if (absl::IsUnavailable(status)) count = &unknown_;
  count->fetch_add(1, std::memory_order_relaxed);
}

void CountedStore::Commit(Transaction transaction, std::function<void(CommitResult)> done) {
  inner_->Commit(std::move(transaction), [this, done = std::move(done)](CommitResult result) {
    Count(result.status);
    done(std::move(result));
  });
}

CommitCounts CountedStore::Counts() const {
  return {.ok = ok_.load(std::memory_order_relaxed),
          .conflict = conflict_.load(std::memory_order_relaxed),
          .bound = bound_.load(std::memory_order_relaxed),
          .unknown = unknown_.load(std::memory_order_relaxed),
          .refused = refused_.load(std::memory_order_relaxed)};
}

}  // namespace zhuxiao::store
