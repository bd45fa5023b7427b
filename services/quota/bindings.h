// Which quota a contract counts for: one at every moment. The binding of a contract is made with its first hold,
// follows its holds, releases and settlement, and changes by approval alone. The methods of QuotaService about it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/store/store.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::quota {

// A contract is re-bound once or twice at most; this bounds its row.
inline constexpr int kMaxRebindings = 20;

// The binding, or nullopt where nothing was ever held for the contract.
absl::StatusOr<std::optional<v1::QuotaBinding>> FindBinding(store::Reader& reader, std::string_view contract_id);

// Adds to what the binding holds and has settled and stores it. DATA_LOSS where that would fall below 0.
absl::Status AddToBinding(ledger::Operation& operation, v1::QuotaBinding& binding, int64_t held_fen,
                          int64_t settled_fen);

absl::StatusOr<v1::ProposeRebindingResponse> ProposeRebinding(ledger::Operation& operation,
                                                              const v1::ProposeRebindingRequest& request);
absl::StatusOr<v1::DecideRebindingResponse> DecideRebinding(ledger::Operation& operation,
                                                            const v1::DecideRebindingRequest& request);
absl::StatusOr<v1::GetBindingResponse> GetBinding(store::Reader& reader, const base::Caller& caller,
                                                  const v1::GetBindingRequest& request);

// Calls `visit` with every binding, by contract.
absl::Status ForEachBinding(store::Reader& reader, const std::function<absl::Status(const v1::QuotaBinding&)>& visit);

}  // namespace zhuxiao::quota
