// Running totals of a claimant's year, kept as escrow counters so that a statement costs the same for ten sales and for
// ten million, and reports of one claimant's sales never abort one another. Private to the module.
//
// A policy names programmes and a sale may be designated by several, so totals by programme would count a sale twice.
// Totals are kept by scope instead: the exact set of programmes that designated a sale. Each sale is in one scope,
// and a policy counts the scopes that share a programme with it.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// The most one scope of a claimant's year may sum to: a thousand times the largest turnover any amount may carry, and
// ninety such scopes still sum inside int64.
inline constexpr int64_t kMaxScopeFen = 100'000'000'000'000'000;

// True where the sale was refunded in full, so that nothing of it counts.
bool IsRefundedInFull(const v1::OnlineSale& sale);

// Counts a sale not counted before. Requires year and programmes to be final. OUT_OF_RANGE, with nothing added, where
// its scope would pass kMaxScopeFen.
absl::Status AddToTotals(store::Transaction& transaction, const v1::OnlineSale& sale);

// Counts the difference between a sale as it was counted and as it is now, which differ in `refunded` alone.
absl::Status MoveTotals(store::Transaction& transaction, const v1::OnlineSale& before, const v1::OnlineSale& after);

// Sums over the sales of a claimant's year under a policy.
struct Totals {
  int64_t gross_fen = 0;     // of the sales counted
  int64_t refunded_fen = 0;  // of the sales counted
  int64_t counted_count = 0;
  int64_t excluded_count = 0;

  int64_t net_fen() const { return gross_fen - refunded_fen; }
};

// The totals of the sales that one of `programmes` designates. INVALID_FIELDS where they sum beyond int64.
absl::StatusOr<Totals> TotalsOf(store::Reader& reader, std::string_view claimant_uscc, int year,
                                const google::protobuf::RepeatedPtrField<std::string>& programmes);

}  // namespace zhuxiao::reward
