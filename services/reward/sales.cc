// Batches of reported sales, and lists of them.
#include "services/reward/sales.h"

#include <algorithm>
#include <string_view>

#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/base/strings.h"
#include "services/reward/access.h"
#include "services/reward/claims.h"
#include "services/reward/intake.h"
#include "services/reward/policies.h"
#include "services/reward/records.h"
#include "services/reward/reward.h"
#include "services/reward/totals.h"

namespace zhuxiao::reward {
namespace {

using store::Key;

absl::StatusOr<v1::OnlineSale> ParseSale(const store::KeyValue& row) {
  v1::OnlineSale sale;
  if (!sale.ParseFromString(row.value)) return base::DataLoss(base::StrCat(row.key, " cannot be read"));
  return sale;
}

std::string NumberOf(const v1::SaleEntry& entry) {
  const std::string& number = entry.has_sale() ? entry.sale().platform_order_no() : entry.refund().refund_no();
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

}  // namespace

absl::Status CheckBatch(const v1::ReportSalesRequest& batch) {
  base::FieldErrors errors;
  errors.Require(batch.entries_size() >= 1 && batch.entries_size() <= kMaxBatchEntries, "entries",
                 base::StrCat("must be 1 to ", kMaxBatchEntries, " entries, not ", batch.entries_size()));
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
    for (const v1::SaleRefund& refund : intake.dropped()) {
      Reject(index, refund.refund_no(), DroppedRefund(refund), tally);
    }
    ++index;
  }
  for (const auto& [claimant_uscc, year] : intake.touched()) {
    if (absl::Status status = ReassessClaims(transaction, intent, claimant_uscc, year); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void AddTally(const v1::ReportSalesResponse& part, v1::ReportSalesResponse& whole) {
  whole.set_taken_count(whole.taken_count() + part.taken_count());
  whole.set_duplicate_count(whole.duplicate_count() + part.duplicate_count());
  whole.set_pending_count(whole.pending_count() + part.pending_count());
  whole.set_rejected_count(whole.rejected_count() + part.rejected_count());
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

  store::Page<v1::ListSalesResponse> result;
  auto last = store::WalkPage(reader, Key(kSaleTable, ClaimantYear(claimant, request.year()), ""), page,
                              [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
                                auto sale = ParseSale(row);
                                if (!sale.ok()) return sale.status();
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
