// Why a listing or an order got what it got in a round: its prices, what bound it, the next best counterpart, and what
// would have changed it; and what settling made of that. Recomputed from the round's files; nothing is decided here.
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/base/caller.h"
#include "services/round/cleared_round.h"
#include "services/round/round.h"
#include "services/store/store.h"

namespace zhuxiao::round {

// Keeps the round asked for last, since people ask about one round many times. Thread-safe.
class ClearedRounds {
 public:
  // Loads the round where it is not the one kept: as long as its files take to read.
  absl::StatusOr<std::shared_ptr<const ClearedRound>> Get(store::Reader& reader, const v1::Round& round);

 private:
  absl::Mutex mutex_;
  std::string round_id_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const ClearedRound> last_ ABSL_GUARDED_BY(mutex_);
};

// What ExplainRound answers (zhuxiao/matching/v1/matching.proto). Looks at every counterpart of the commodity.
absl::StatusOr<v1::ExplainRoundResponse> Explain(store::Reader& reader, const base::Caller& caller,
                                                 ClearedRounds& rounds, const v1::ExplainRoundRequest& request);

}  // namespace zhuxiao::round
