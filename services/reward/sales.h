// Online sales, refunds and waybills as platforms report them: each counts once by (platform, number), a waybill once
// for each order it is of, for ever.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/caller.h"
#include "services/ledger/operation.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// Entries of one batch. An entry makes at most 17 writes of its own (a sale with a waybill, eight waiting refunds and
// four waiting waybills), and those to counters are shared by the entries of a firm, so a batch stays inside
// store::kMaxWrites. Only where nearly all its sales have all that waiting, or hundreds of its firms have open
// claw-backs with a county, a city and a province at once, is it refused with TRANSACTION_TOO_LARGE, and goes through
// in smaller batches.
inline constexpr int kMaxBatchEntries = 500;
// Refunds that may wait for one sale; an order is refunded in a few parts at most.
inline constexpr int kMaxPendingRefunds = 8;
// Waybills that may wait for one sale.
inline constexpr int kMaxPendingWaybills = 4;
// How far a platform's clock may run ahead of ours.
inline constexpr absl::Duration kClockTolerance = absl::Minutes(5);
// Rejected entries returned by one report; the client has a bug to look for, not a list to store.
inline constexpr int kMaxRejectedReturned = 1'000;
// Bad fields told one by one of a rejected entry: as many as people mend at once, and a thousand entries of them fit
// into an answer beside their messages.
inline constexpr int kMaxViolationsReturned = 10;

// OK, or INVALID_FIELDS where the batch is empty or too large, or names a feed without a place in it.
absl::Status CheckBatch(const v1::ReportSalesRequest& batch);

// How far the platform's feed of that name was taken. INVALID_FIELDS where it is no name.
absl::StatusOr<v1::GetSalesFeedResponse> GetSalesFeed(store::Reader& reader, const base::Caller& caller,
                                                      const v1::GetSalesFeedRequest& request);

// Takes every entry of a batch of the calling platform that can be taken and sets `tally` to what became of each;
// `first_index` is the place of the first entry in the whole stream. A batch that goes on where its feed was
// acknowledged moves that place to its last entry in the same commit, and never back; one that leaves a gap is taken
// and moves nothing, so that it comes once more after what is missing. Claims paid to the firms concerned are
// reassessed in the same transaction, each with an event of its own. An error means that the whole batch failed:
// INVALID_FIELDS (CheckBatch), or one of the store.
// A refund that waited for its sale and proves larger than what is left of it is dropped when the sale comes, and told
// of as rejected at the sale's index: reported again, it gets that same answer. So is a waybill that waited for a sale
// that tells itself how it was sent.
absl::Status TakeBatch(store::Transaction& transaction, const ledger::Intent& intent,
                       const v1::ReportSalesRequest& batch, int64_t first_index, v1::ReportSalesResponse& tally);

// Adds the counts, rejected entries and acknowledged place of `part` to `whole`, keeping at most kMaxRejectedReturned
// of the latter.
void AddTally(const v1::ReportSalesResponse& part, v1::ReportSalesResponse& whole);

// A page of sales. INVALID_FIELDS; NOT_FOUND where the claimant is
// unknown or not the caller's to see.
absl::StatusOr<store::Page<v1::ListSalesResponse>> ListSales(store::Reader& reader, const base::Caller& caller,
                                                             const v1::ListSalesRequest& request,
                                                             const store::PageRequest& page);

}  // namespace zhuxiao::reward
