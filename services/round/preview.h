// What a round would give if it were held now: frozen, cleared and checked in memory, without any effect.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/caller.h"
#include "services/order/market.h"
#include "services/round/round.h"
#include "services/store/store.h"

namespace zhuxiao::round {

// A person waits for the answer.
inline constexpr int32_t kMaxPreviewSeconds = 60;
inline constexpr int32_t kPreviewSeconds = 10;
inline constexpr int32_t kMaxPreviewLines = 1'000;
inline constexpr int32_t kPreviewLines = 50;

// INVALID_FIELDS naming every bad field; NOT_FOUND for a region that is not the caller's. Takes up to its time limit,
// on two threads.
absl::StatusOr<v1::PreviewRoundResponse> Preview(const std::shared_ptr<store::Snapshot>& snapshot,
                                                 order::Market& market, const base::Caller& caller, absl::Time now,
                                                 const v1::PreviewRoundRequest& request);

}  // namespace zhuxiao::round
