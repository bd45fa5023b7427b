// Batches of reported sales, and lists of them.
#include "services/reward/sales.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/numbers.h"
#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/base/strings.h"
#include "services/reward/access.h"
#include "services/reward/claims.h"
#include "services/reward/intake.h"
#include "services/reward/policies.h"
#include "services/reward/records.h"
#include "services/reward/reward.h"
#include "services/reward/sale_walk.h"
#include "services/reward/totals.h"

namespace zhuxiao::reward {
namespace {

using store::Key;

std::string NumberOf(const v1::SaleEntry& entry) {
  const std::string& number = entry.has_sale()     ? entry.sale().platform_order_no()
                              : entry.has_refund() ? entry.refund().refund_no()
                                                   : entry.waybill().waybill_no();
  // Only what may be a number is sent back: anything else could be a megabyte long.
  return base::IsValidId(number) ? number : "";
}

void Reject(int64_t index, const std::string& number, const absl::Status& why, v1::ReportSalesResponse& tally) {
  tally.set_rejected_count(tally.rejected_count() + 1);
  v1::RejectedEntry& rejected = *tally.add_rejected();
  rejected.set_index(index);
  rejected.set_number(number);
  constexpr std::string_view kReasonPrefix = "ERROR_REASON_";
  rejected.set_reason(common::v1::ErrorReason_Name(base::ReasonOf(why)).substr(kReasonPrefix.size()));
  rejected.set_message(std::string(why.message()));
  base::FieldErrors fields;
  fields.Absorb(why);
  for (const auto& [field, description] : fields.violations()) {
    if (rejected.violations_size() == kMaxViolationsReturned) break;
    v1::EntryViolation& violation = *rejected.add_violations();
    violation.set_field(field);
    violation.set_description(description);
  }
}

void Count(v1::EntryOutcome outcome, v1::ReportSalesResponse& tally) {
  switch (outcome) {
    case v1::ENTRY_OUTCOME_TAKEN:
      return tally.set_taken_count(tally.taken_count() + 1);
    case v1::ENTRY_OUTCOME_DUPLICATE:
      return tally.set_duplicate_count(tally.duplicate_count() + 1);
    default:
      return tally.set_pending_count(tally.pending_count() + 1);
  }
}

// Entries one feed may ever have: a thousand a second for thirty thousand years.
constexpr int64_t kMaxSequence = 1'000'000'000'000'000;

void CheckFeed(const std::string& feed, base::FieldErrors& errors) {
  errors.Require(base::IsValidId(feed), "feed", "must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
}

absl::StatusOr<int64_t> AcknowledgedOf(store::Reader& reader, const std::string& key) {
  auto row = reader.Get(key);
  if (!row.ok()) return row.status();
  int64_t sequence = 0;
  if (*row && !absl::SimpleAtoi(base::View(**row), &sequence)) return base::DataLoss(key + " cannot be read");
  return sequence;
}

// What lies beyond a gap is not acknowledged: who resumed after it would never send what is missing.
absl::Status Acknowledge(store::Transaction& transaction, const std::string& platform,
                         const v1::ReportSalesRequest& batch, v1::ReportSalesResponse& tally) {
  if (batch.feed().empty()) return absl::OkStatus();
  const std::string key = Key(kFeedTable, platform, batch.feed());
  auto acknowledged = AcknowledgedOf(transaction, key);
  if (!acknowledged.ok()) return acknowledged.status();
  const int64_t last = batch.first_sequence() + batch.entries_size() - 1;
  const bool moves = batch.first_sequence() <= *acknowledged + 1 && last > *acknowledged;
  if (moves) transaction.Put(key, base::StrCat(last));
  tally.set_acknowledged_sequence(moves ? last : *acknowledged);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckBatch(const v1::ReportSalesRequest& batch) {
  base::FieldErrors errors;
  errors.Require(batch.entries_size() >= 1 && batch.entries_size() <= kMaxBatchEntries, "entries",
                 base::StrCat("must be 1 to ", kMaxBatchEntries, " entries, not ", batch.entries_size()));
  if (!batch.feed().empty()) {
    CheckFeed(batch.feed(), errors);
    errors.Require(batch.first_sequence() >= 1 && batch.first_sequence() <= kMaxSequence, "first_sequence",
                   base::StrCat("must be 1 to ", kMaxSequence));
  } else {
    errors.Require(batch.first_sequence() == 0, "first_sequence", "must be 0 without a feed");
  }
  return errors.ToStatus();
}

absl::Status TakeBatch(store::Transaction& transaction, const ledger::Intent& intent,
                       const v1::ReportSalesRequest& batch, int64_t first_index, v1::ReportSalesResponse& tally) {
  tally.Clear();
  if (absl::Status status = CheckBatch(batch); !status.ok()) return status;
  Intake intake(transaction, intent.caller.organisation, intent.now);
  int64_t index = first_index;
  for (const v1::SaleEntry& entry : batch.entries()) {
    auto outcome = intake.Take(entry);
    if (outcome.ok()) {
      Count(*outcome, tally);
    } else if (IsRejection(outcome.status())) {
      Reject(index, NumberOf(entry), outcome.status(), tally);
    } else {
      return outcome.status();
    }
    for (const Intake::Dropped& dropped : intake.dropped()) Reject(index, dropped.number, dropped.why, tally);
    ++index;
  }
  for (const std::string& claimant_uscc : intake.touched()) {
    if (absl::Status status = ReassessClaims(transaction, intent, claimant_uscc); !status.ok()) return status;
  }
  return Acknowledge(transaction, intent.caller.organisation, batch, tally);
}

absl::StatusOr<v1::GetSalesFeedResponse> GetSalesFeed(store::Reader& reader, const base::Caller& caller,
                                                      const v1::GetSalesFeedRequest& request) {
  base::FieldErrors errors;
  CheckFeed(request.feed(), errors);
  if (!errors.empty()) return errors.ToStatus();
  auto acknowledged = AcknowledgedOf(reader, Key(kFeedTable, caller.organisation, request.feed()));
  if (!acknowledged.ok()) return acknowledged.status();
  v1::GetSalesFeedResponse response;
  response.set_acknowledged_sequence(*acknowledged);
  return response;
}

void AddTally(const v1::ReportSalesResponse& part, v1::ReportSalesResponse& whole) {
  whole.set_taken_count(whole.taken_count() + part.taken_count());
  whole.set_duplicate_count(whole.duplicate_count() + part.duplicate_count());
  whole.set_pending_count(whole.pending_count() + part.pending_count());
  whole.set_rejected_count(whole.rejected_count() + part.rejected_count());
  if (part.acknowledged_sequence() > 0) whole.set_acknowledged_sequence(part.acknowledged_sequence());
  const int room = kMaxRejectedReturned - whole.rejected_size();
  for (int i = 0; i < std::min(room, part.rejected_size()); ++i) *whole.add_rejected() = part.rejected(i);
}

absl::StatusOr<store::Page<v1::ListSalesResponse>> ListSales(store::Reader& reader, const base::Caller& caller,
                                                             const v1::ListSalesRequest& request,
                                                             const store::PageRequest& page) {
  base::FieldErrors errors;
  const std::string claimant = ClaimantOf(caller, request.claimant_uscc(), errors);
  CheckYear(request.year(), "year", errors);
  if (!errors.empty()) return errors.ToStatus();
  auto organisation = VisibleClaimant(reader, caller, claimant);
  if (!organisation.ok()) return organisation.status();

  const bool sees_buyers = caller.ReadsEverything() || caller.IsOfficerOf(organisation->region_code());
  store::Page<v1::ListSalesResponse> result;
  auto last = store::WalkPage(reader, Key(kSaleTable, ClaimantYear(claimant, request.year()), ""), page,
                              [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
                                auto sale = ParseSale(row);
                                if (!sale.ok()) return sale.status();
                                if (!sees_buyers) sale->clear_buyer_digests();
                                *result.response.add_sales() = *std::move(sale);
                                return true;
                              });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::Status ForEachSale(store::Reader& reader, const std::function<absl::Status(const v1::OnlineSale&)>& visit) {
  return store::WalkAll(reader, Key(kSaleTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    auto sale = ParseSale(row);
    return sale.ok() ? visit(*sale) : sale.status();
  });
}

}  // namespace zhuxiao::reward
