// The rules of taking a sale or refund.
#include "services/reward/intake.h"

#include <algorithm>

#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/uscc.h"
#include "services/directory/directory.h"
#include "services/reward/claim_input.h"
#include "services/reward/entry_checks.h"
#include "services/reward/records.h"
#include "services/reward/sales.h"
#include "services/reward/sending.h"

namespace zhuxiao::reward {
namespace {

using base::ErrorReason;
using base::FieldErrors;
using store::Key;

int64_t LeftOf(const v1::OnlineSale& sale) { return sale.amount().amount_fen() - sale.refunded().amount_fen(); }

void AddRefunded(v1::OnlineSale& sale, int64_t amount_fen) {
  sale.mutable_refunded()->set_amount_fen(sale.refunded().amount_fen() + amount_fen);
}

// What the platform says of a sale, without what the server adds.
std::string ContentOf(v1::OnlineSale sale) {
  sale.clear_platform_uscc();
  sale.clear_designations();
  sale.clear_refunded();
  sale.clear_epoch();
  ClearSending(sale);
  sale.DiscardUnknownFields();
  return sale.SerializeAsString();
}

std::string ContentOf(v1::SaleRefund refund) {
  refund.clear_epoch();
  refund.DiscardUnknownFields();
  return refund.SerializeAsString();
}

std::string ContentOf(v1::SaleWaybill waybill) {
  waybill.clear_epoch();
  waybill.DiscardUnknownFields();
  return waybill.SerializeAsString();
}

absl::Status Changed(std::string_view kind, std::string_view number) {
  return base::Refuse(ErrorReason::ERROR_REASON_SALE_CHANGED, number,
                      base::StrCat(kind, " ", number, " was reported before with other content"));
}

absl::Status RefundTooLarge(const v1::SaleRefund& refund, int64_t left_fen) {
  return base::Refuse(ErrorReason::ERROR_REASON_REFUND_TOO_LARGE, refund.refund_no(),
                      base::StrCat("refund ", refund.refund_no(), " of ",
                                   base::FormatYuan(refund.amount().amount_fen()), " yuan is larger than the ",
                                   base::FormatYuan(left_fen), " yuan left of order ", refund.platform_order_no()),
                      {{"left_fen", base::StrCat(left_fen)}});
}

absl::Status DroppedRefund(const v1::SaleRefund& refund) {
  return base::Refuse(ErrorReason::ERROR_REASON_REFUND_TOO_LARGE, refund.refund_no(),
                      base::StrCat("refund ", refund.refund_no(), " waited for order ", refund.platform_order_no(),
                                   ", is larger than what is left of it and was dropped"));
}

absl::Status WaybillNotTaken(const v1::SaleWaybill& waybill, std::string_view why) {
  FieldErrors errors;
  errors.Add("waybill.platform_order_no",
             base::StrCat("waybill ", waybill.waybill_no(), " of order ", waybill.platform_order_no(), ": ", why));
  return errors.ToStatus();
}

std::string WaybillKey(const std::string& platform, const v1::SaleWaybill& waybill) {
  return Key(kWaybillTable, waybill.waybill_no(), platform, waybill.platform_order_no());
}

// The message behind `key`, or nullopt where there is no row.
template <typename Message>
absl::StatusOr<std::optional<Message>> FindMessage(store::Reader& reader, const std::string& key) {
  auto row = reader.Get(key);
  if (!row.ok()) return row.status();
  if (!*row) return std::optional<Message>();
  Message message;
  if (!message.ParseFromString(**row)) return base::DataLoss(base::StrCat(key, " cannot be read"));
  return std::optional<Message>(std::move(message));
}

}  // namespace

bool IsRejection(const absl::Status& status) {
  switch (base::ReasonOf(status)) {
    case ErrorReason::ERROR_REASON_INVALID_FIELDS:
    case ErrorReason::ERROR_REASON_SALE_CHANGED:
    case ErrorReason::ERROR_REASON_REFUND_TOO_LARGE:
      return true;
    default:
      return false;
  }
}

Intake::Intake(store::Transaction& transaction, std::string platform, absl::Time now)
    : transaction_(transaction), platform_(std::move(platform)), now_(now), counting_(transaction) {}

absl::StatusOr<v1::EntryOutcome> Intake::Take(const v1::SaleEntry& entry) {
  dropped_.clear();
  if (entry.has_sale()) return TakeSale(entry.sale());
  if (entry.has_refund()) return TakeRefund(entry.refund());
  if (entry.has_waybill()) return TakeWaybill(entry.waybill());
  FieldErrors errors;
  errors.Add("entry", "must hold a sale, a refund or a waybill");
  return errors.ToStatus();
}

absl::StatusOr<v1::EntryOutcome> Intake::TakeSale(const v1::OnlineSale& reported) {
  auto known = FindSale(reported.platform_order_no());
  if (!known.ok()) return known.status();
  if (*known && ContentOf(**known) == ContentOf(reported)) return v1::ENTRY_OUTCOME_DUPLICATE;

  FieldErrors errors;
  CheckSale(reported, now_, errors);
  if (absl::Status status = CheckClaimant(reported.claimant_uscc(), errors); !status.ok()) return status;
  if (!errors.empty()) return errors.ToStatus();
  if (*known) return Changed("sale", reported.platform_order_no());

  v1::OnlineSale sale = reported;
  sale.DiscardUnknownFields();
  sale.set_platform_uscc(platform_);
  sale.mutable_refunded()->set_amount_fen(0);
  sale.clear_waybills();
  auto epoch = EpochOfFirm(sale.claimant_uscc());
  if (!epoch.ok()) return epoch.status();
  sale.set_epoch(*epoch);
  auto designations = DesignationsOf(sale.origin_code(), base::DayOf(base::FromProto(sale.order_time())));
  if (!designations.ok()) return designations.status();
  *sale.mutable_designations() = *std::move(designations);
  auto seat = SeatOf(sale.claimant_uscc());
  if (!seat.ok()) return seat.status();

  // Counted first with nothing refunded: where the year's sum is full, nothing of the sale may have been written.
  if (absl::Status status = counting_.Add(sale, *seat); absl::IsOutOfRange(status)) {
    errors.Add("sale.amount", base::StrCat("would take the firm's year beyond ", kMaxYearFen, " fen"));
    return errors.ToStatus();
  } else if (!status.ok()) {
    return status;
  }
  const std::string own_waybill_no = sale.waybill_no();
  if (absl::Status status = ApplyPending(sale); !status.ok()) return status;
  PutSale(sale);
  if (!own_waybill_no.empty()) {
    transaction_.Put(Key(kWaybillTable, own_waybill_no, platform_, sale.platform_order_no()), "");
  }
  transaction_.Put(Key(kSaleYearTable, platform_, sale.platform_order_no()),
                   ClaimantYear(sale.claimant_uscc(), OrderYear(sale)));
  return v1::ENTRY_OUTCOME_TAKEN;
}

absl::Status Intake::ApplyPending(v1::OnlineSale& sale) {
  const v1::OnlineSale before = sale;
  if (absl::Status status = ApplyPendingRefunds(sale); !status.ok()) return status;
  if (absl::Status status = ApplyPendingWaybills(sale); !status.ok()) return status;
  const bool has_changed = sale.refunded().amount_fen() > 0 || HasWaybills(sale);
  if (!has_changed) return absl::OkStatus();
  auto seat = SeatOf(sale.claimant_uscc());
  return seat.ok() ? counting_.Move(before, sale, *seat) : seat.status();
}

absl::Status Intake::ApplyPendingRefunds(v1::OnlineSale& sale) {
  auto pending = FindPending(sale.platform_order_no());
  if (!pending.ok()) return pending.status();
  if (pending->refunds().empty()) return absl::OkStatus();
  for (const v1::SaleRefund& refund : pending->refunds()) {
    if (refund.amount().amount_fen() <= LeftOf(sale)) {
      AddRefunded(sale, refund.amount().amount_fen());
      transaction_.Put(Key(kRefundOfTable, platform_, sale.platform_order_no(), refund.refund_no()), "");
    } else {
      transaction_.Delete(Key(kRefundTable, platform_, refund.refund_no()));
      dropped_.push_back({refund.refund_no(), DroppedRefund(refund)});
    }
  }
  transaction_.Delete(Key(kPendingTable, platform_, sale.platform_order_no()));
  return absl::OkStatus();
}

absl::Status Intake::ApplyPendingWaybills(v1::OnlineSale& sale) {
  auto pending = FindPendingWaybills(sale.platform_order_no());
  if (!pending.ok()) return pending.status();
  if (pending->waybills().empty()) return absl::OkStatus();
  for (const v1::SaleWaybill& waybill : pending->waybills()) {
    const auto why = AddWaybill(waybill, sale);
    if (!why) continue;
    transaction_.Delete(WaybillKey(platform_, waybill));
    dropped_.push_back({waybill.waybill_no(), WaybillNotTaken(waybill, *why)});
  }
  transaction_.Delete(Key(kPendingWaybillTable, platform_, sale.platform_order_no()));
  return absl::OkStatus();
}

absl::StatusOr<v1::EntryOutcome> Intake::TakeRefund(const v1::SaleRefund& reported) {
  auto known = FindRefund(reported.refund_no());
  if (!known.ok()) return known.status();
  if (*known && ContentOf(**known) == ContentOf(reported)) return v1::ENTRY_OUTCOME_DUPLICATE;

  FieldErrors errors;
  CheckRefund(reported, now_, errors);
  if (!errors.empty()) return errors.ToStatus();
  if (*known) return Changed("refund", reported.refund_no());
  auto sale = FindSale(reported.platform_order_no());
  if (!sale.ok()) return sale.status();
  return *sale ? Apply(reported, **sale) : Wait(reported);
}

absl::StatusOr<v1::EntryOutcome> Intake::Apply(const v1::SaleRefund& refund, const v1::OnlineSale& sale) {
  if (refund.amount().amount_fen() > LeftOf(sale)) return RefundTooLarge(refund, LeftOf(sale));
  v1::OnlineSale after = sale;
  AddRefunded(after, refund.amount().amount_fen());
  if (absl::Status status = Replace(sale, after); !status.ok()) return status;
  auto epoch = EpochOfFirm(sale.claimant_uscc());
  if (!epoch.ok()) return epoch.status();
  PutRefund(refund, *epoch);
  transaction_.Put(Key(kRefundOfTable, platform_, after.platform_order_no(), refund.refund_no()), "");
  return v1::ENTRY_OUTCOME_TAKEN;
}

absl::Status Intake::Replace(const v1::OnlineSale& before, const v1::OnlineSale& after) {
  auto seat = SeatOf(after.claimant_uscc());
  if (!seat.ok()) return seat.status();
  if (absl::Status status = counting_.Move(before, after, *seat); !status.ok()) return status;
  PutSale(after);
  return absl::OkStatus();
}

absl::StatusOr<v1::EntryOutcome> Intake::TakeWaybill(const v1::SaleWaybill& reported) {
  FieldErrors errors;
  CheckWaybill(reported, now_, errors);
  if (!errors.empty()) return errors.ToStatus();
  auto known = transaction_.Get(WaybillKey(platform_, reported));
  if (!known.ok()) return known.status();
  // An empty row was told by the sale itself, which then takes no waybills.
  if (*known && !(*known)->empty()) {
    v1::SaleWaybill former;
    if (!former.ParseFromString(**known)) return base::DataLoss("a waybill cannot be read");
    if (ContentOf(former) == ContentOf(reported)) return v1::ENTRY_OUTCOME_DUPLICATE;
    return Changed("waybill", reported.waybill_no());
  }
  auto sale = FindSale(reported.platform_order_no());
  if (!sale.ok()) return sale.status();
  return *sale ? Apply(reported, **sale) : Wait(reported);
}

absl::StatusOr<v1::EntryOutcome> Intake::Apply(const v1::SaleWaybill& reported, const v1::OnlineSale& sale) {
  auto epoch = EpochOfFirm(sale.claimant_uscc());
  if (!epoch.ok()) return epoch.status();
  v1::SaleWaybill waybill = reported;
  waybill.DiscardUnknownFields();
  waybill.set_epoch(*epoch);
  v1::OnlineSale after = sale;
  if (const auto why = AddWaybill(waybill, after)) return WaybillNotTaken(waybill, *why);
  if (absl::Status status = Replace(sale, after); !status.ok()) return status;
  transaction_.Put(WaybillKey(platform_, waybill), waybill.SerializeAsString());
  return v1::ENTRY_OUTCOME_TAKEN;
}

absl::StatusOr<v1::EntryOutcome> Intake::Wait(const v1::SaleWaybill& reported) {
  auto pending = FindPendingWaybills(reported.platform_order_no());
  if (!pending.ok()) return pending.status();
  if (pending->waybills_size() >= kMaxPendingWaybills) {
    return WaybillNotTaken(
        reported, base::StrCat(kMaxPendingWaybills, " waybills wait for this sale already; report the sale first"));
  }
  v1::SaleWaybill waybill = reported;
  waybill.DiscardUnknownFields();
  // What waits becomes known to statements with its sale, whose epoch decides.
  waybill.clear_epoch();
  *pending->add_waybills() = waybill;
  transaction_.Put(Key(kPendingWaybillTable, platform_, waybill.platform_order_no()), pending->SerializeAsString());
  transaction_.Put(WaybillKey(platform_, waybill), waybill.SerializeAsString());
  return v1::ENTRY_OUTCOME_PENDING;
}

absl::StatusOr<v1::EntryOutcome> Intake::Wait(const v1::SaleRefund& refund) {
  auto pending = FindPending(refund.platform_order_no());
  if (!pending.ok()) return pending.status();
  if (pending->refunds_size() >= kMaxPendingRefunds) {
    FieldErrors errors;
    errors.Add("refund.platform_order_no",
               base::StrCat(kMaxPendingRefunds, " refunds wait for this sale already; report the sale first"));
    return errors.ToStatus();
  }
  *pending->add_refunds() = refund;
  transaction_.Put(Key(kPendingTable, platform_, refund.platform_order_no()), pending->SerializeAsString());
  // What waits becomes known to statements with its sale, whose epoch decides.
  PutRefund(refund, /*epoch=*/0);
  return v1::ENTRY_OUTCOME_PENDING;
}

absl::StatusOr<std::optional<v1::OnlineSale>> Intake::FindSale(const std::string& platform_order_no) {
  if (!base::IsValidId(platform_order_no)) return std::optional<v1::OnlineSale>();
  auto place = transaction_.Get(Key(kSaleYearTable, platform_, platform_order_no));
  if (!place.ok()) return place.status();
  if (!*place) return std::optional<v1::OnlineSale>();
  const std::string key = Key(kSaleTable, **place, platform_, platform_order_no);
  auto sale = FindMessage<v1::OnlineSale>(transaction_, key);
  if (sale.ok() && !*sale) return base::DataLoss(base::StrCat(key, " is missing"));
  return sale;
}

absl::StatusOr<std::optional<v1::SaleRefund>> Intake::FindRefund(const std::string& refund_no) {
  if (!base::IsValidId(refund_no)) return std::optional<v1::SaleRefund>();
  return FindMessage<v1::SaleRefund>(transaction_, Key(kRefundTable, platform_, refund_no));
}

absl::StatusOr<storage::v1::PendingRefunds> Intake::FindPending(const std::string& platform_order_no) {
  auto pending =
      FindMessage<storage::v1::PendingRefunds>(transaction_, Key(kPendingTable, platform_, platform_order_no));
  if (!pending.ok()) return pending.status();
  return (*std::move(pending)).value_or(storage::v1::PendingRefunds());
}

absl::StatusOr<storage::v1::PendingWaybills> Intake::FindPendingWaybills(const std::string& platform_order_no) {
  auto pending =
      FindMessage<storage::v1::PendingWaybills>(transaction_, Key(kPendingWaybillTable, platform_, platform_order_no));
  if (!pending.ok()) return pending.status();
  return (*std::move(pending)).value_or(storage::v1::PendingWaybills());
}

absl::StatusOr<int64_t> Intake::EpochOfFirm(const std::string& claimant_uscc) {
  const auto known = epochs_.find(claimant_uscc);
  if (known != epochs_.end()) return known->second;
  auto epoch = EpochOf(transaction_, claimant_uscc);
  if (epoch.ok()) epochs_.emplace(claimant_uscc, *epoch);
  return epoch;
}

absl::StatusOr<std::string> Intake::SeatOf(const std::string& claimant_uscc) {
  auto [known, is_new] = seats_.try_emplace(claimant_uscc);
  if (is_new) {
    auto found = directory::GetOrganisation(transaction_, claimant_uscc);
    if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
    if (found.ok()) known->second = found->region_code();
  }
  return known->second;
}

absl::Status Intake::CheckClaimant(const std::string& claimant_uscc, FieldErrors& errors) {
  if (!base::IsValidUscc(claimant_uscc)) return absl::OkStatus();  // named by CheckSale
  auto seat = SeatOf(claimant_uscc);
  if (!seat.ok()) return seat.status();
  errors.Require(!seat->empty(), "sale.claimant_uscc", "is no known organisation");
  return absl::OkStatus();
}

absl::StatusOr<Intake::Designations> Intake::DesignationsOf(const std::string& origin_code, base::Day day) {
  auto [cached, is_new] = designations_.try_emplace({origin_code, day});
  if (is_new) {
    auto found = directory::DesignationsOf(transaction_, origin_code, day);
    if (!found.ok()) return found.status();
    for (const auto& designation : *found) {
      v1::SaleDesignation& list = *cached->second.Add();
      list.set_programme(designation.programme());
      list.set_list_version(designation.list_version());
      list.set_region_code(designation.region_code());
    }
  }
  return cached->second;
}

void Intake::PutSale(const v1::OnlineSale& sale) {
  const int year = OrderYear(sale);
  transaction_.Put(Key(kSaleTable, ClaimantYear(sale.claimant_uscc(), year), platform_, sale.platform_order_no()),
                   sale.SerializeAsString());
  touched_.insert(sale.claimant_uscc());
}

void Intake::PutRefund(const v1::SaleRefund& refund, int64_t epoch) {
  v1::SaleRefund row = refund;
  row.DiscardUnknownFields();
  row.set_epoch(epoch);
  transaction_.Put(Key(kRefundTable, platform_, row.refund_no()), row.SerializeAsString());
}

}  // namespace zhuxiao::reward
