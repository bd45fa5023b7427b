// Takes the entries of one batch into one transaction. Private to the module; TakeBatch is the way in.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/reward/totals.h"
#include "services/store/store.h"
#include "zhuxiao/reward/v1/reward.pb.h"
#include "zhuxiao/storage/v1/reward.pb.h"

namespace zhuxiao::reward {

// Not thread-safe; lives as long as the attempt's transaction, which it does not own.
class Intake {
 public:
  // `platform` is the organisation that reports.
  Intake(store::Transaction& transaction, std::string platform, absl::Time now);

  // An entry that waited and could not be taken.
  struct Dropped {
    std::string number;
    absl::Status why;
  };

  // TAKEN, DUPLICATE or PENDING; a rejection (IsRejection) writes nothing; any other error fails the batch.
  absl::StatusOr<v1::EntryOutcome> Take(const v1::SaleEntry& entry);

  // What the last Take dropped of the refunds and waybills that had waited for its sale.
  const std::vector<Dropped>& dropped() const { return dropped_; }

  // Claimants whose totals changed.
  const std::set<std::string>& touched() const { return touched_; }

 private:
  absl::StatusOr<v1::EntryOutcome> TakeSale(const v1::OnlineSale& reported);
  absl::StatusOr<v1::EntryOutcome> TakeRefund(const v1::SaleRefund& reported);
  absl::StatusOr<v1::EntryOutcome> Apply(const v1::SaleRefund& refund, const v1::OnlineSale& sale);
  absl::StatusOr<v1::EntryOutcome> Wait(const v1::SaleRefund& refund);
  absl::StatusOr<v1::EntryOutcome> TakeWaybill(const v1::SaleWaybill& reported);
  absl::StatusOr<v1::EntryOutcome> Apply(const v1::SaleWaybill& waybill, const v1::OnlineSale& sale);
  absl::StatusOr<v1::EntryOutcome> Wait(const v1::SaleWaybill& waybill);

  // The sale of that number, or nullopt.
  absl::StatusOr<std::optional<v1::OnlineSale>> FindSale(const std::string& platform_order_no);
  absl::StatusOr<std::optional<v1::SaleRefund>> FindRefund(const std::string& refund_no);
  absl::StatusOr<storage::v1::PendingRefunds> FindPending(const std::string& platform_order_no);
  absl::StatusOr<storage::v1::PendingWaybills> FindPendingWaybills(const std::string& platform_order_no);
  // Counts the difference between a stored sale and what it becomes, and stores it.
  absl::Status Replace(const v1::OnlineSale& before, const v1::OnlineSale& after);
  // Adds a violation where the firm is not in the directory.
  absl::Status CheckClaimant(const std::string& claimant_uscc, base::FieldErrors& errors);
  // The seat of a firm that is known to be in the directory.
  absl::StatusOr<std::string> SeatOf(const std::string& claimant_uscc);
  // The lists that hold `origin_code` on `day`, by programme, region and version.
  using Designations = google::protobuf::RepeatedPtrField<v1::SaleDesignation>;
  absl::StatusOr<Designations> DesignationsOf(const std::string& origin_code, base::Day day);
  // The epoch of what is reported of the firm now.
  absl::StatusOr<int64_t> EpochOfFirm(const std::string& claimant_uscc);
  // Takes what fits of the refunds and waybills that waited for `sale`, in the order they came.
  absl::Status ApplyPending(v1::OnlineSale& sale);
  absl::Status ApplyPendingRefunds(v1::OnlineSale& sale);
  absl::Status ApplyPendingWaybills(v1::OnlineSale& sale);
  void PutSale(const v1::OnlineSale& sale);
  void PutRefund(const v1::SaleRefund& refund, int64_t epoch);

  store::Transaction& transaction_;
  const std::string platform_;
  const absl::Time now_;
  std::vector<Dropped> dropped_;
  std::set<std::string> touched_;
  // What a batch asks for again and again: a firm's sales come from few origins on few days.
  std::map<std::string, std::string, std::less<>> seats_;  // by firm; empty where it is unknown
  std::map<std::pair<std::string, base::Day>, Designations> designations_;
  std::map<std::string, int64_t, std::less<>> epochs_;  // by firm
  Counting counting_;
};

// True for the refusal of a single entry: INVALID_FIELDS, SALE_CHANGED, REFUND_TOO_LARGE.
bool IsRejection(const absl::Status& status);

}  // namespace zhuxiao::reward
