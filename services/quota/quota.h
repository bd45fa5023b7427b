// Quotas of institutions, as other modules use them: functions over a transaction.
// The methods of QuotaService stand in operations.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ledger/operation.h"
#include "services/store/store.h"
#include "zhuxiao/quota/v1/quota.pb.h"

namespace zhuxiao::quota {

// How much of a year's limit is used. used = held + settled.
struct Spending {
  int64_t used_fen = 0;
  int64_t settled_fen = 0;
};

// What matching needs to know of a quota: a hint, its truth is enforced by Hold. Where the institution shares a
// canteen, of the quota of its representative.
struct Room {
  int64_t remaining_fen = 0;  // limit - used, at least 0
  int64_t gap_ppm = 0;        // part of the target not yet used, 0 .. 10^6
};

// QUOTA_MISSING where no quota is set for the year.
absl::StatusOr<Room> PeekRoom(store::Transaction& transaction, std::string_view institution_uscc, int year);

// Sets `amount_fen` (0 or more) aside for a contract of the institution. The first hold of a contract binds it to the
// quota of who declares for the institution then; what follows goes where the contract is bound (bindings.h).
// QUOTA_EXCEEDED where used would pass the limit: never, under
// any concurrency, by a fen. QUOTA_MISSING where no quota is set. Holds of one institution do not abort one another.
absl::Status Hold(ledger::Operation& operation, std::string_view institution_uscc, int year, int64_t amount_fen,
                  std::string_view contract_id);

// The same for a contract that gets its id in this operation: nothing can be bound to it yet, so nothing is looked for.
absl::Status HoldFirst(ledger::Operation& operation, std::string_view institution_uscc, int year, int64_t amount_fen,
                       std::string_view contract_id);

// Gives `amount_fen` that was held back.
absl::Status Release(ledger::Operation& operation, std::string_view institution_uscc, int year, int64_t amount_fen,
                     std::string_view contract_id);

// Turns `amount_fen` from held into settled.
absl::Status Settle(ledger::Operation& operation, std::string_view institution_uscc, int year, int64_t amount_fen,
                    std::string_view contract_id);

// Takes `amount_fen` that was settled out of the year's spending: goods that were paid for went back.
absl::Status Refund(ledger::Operation& operation, std::string_view institution_uscc, int year, int64_t amount_fen,
                    std::string_view contract_id);

// Takes what a contract holds and has settled from one quota to another, as two moves. QUOTA_EXCEEDED and QUOTA_MISSING
// as in Hold; the binding is the caller's.
absl::Status MoveSpending(ledger::Operation& operation, std::string_view contract_id, int year,
                          std::string_view from_uscc, std::string_view to_uscc, int64_t held_fen, int64_t settled_fen);

// True where `status` is the refusal of Hold for want of room.
bool IsQuotaExceeded(const absl::Status& status);

// Calls `visit` with every quota and its spending, without progress.
absl::Status ForEach(store::Reader& reader, const std::function<absl::Status(const v1::Quota&)>& visit);

}  // namespace zhuxiao::quota
