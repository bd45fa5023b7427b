// Field checks of reported entries.
#include "services/reward/entry_checks.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "services/base/clock.h"
#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/uscc.h"
#include "services/directory/directory.h"
#include "services/reward/sales.h"

namespace zhuxiao::reward {
namespace {

using base::FieldErrors;

void CheckNumber(const std::string& number, std::string_view field, FieldErrors& errors) {
  errors.Require(base::IsValidId(number), field, "must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
}

void CheckAmount(const common::v1::Money& money, std::string_view field, FieldErrors& errors) {
  errors.Require(money.amount_fen() > 0 && money.amount_fen() <= base::kMaxAmountFen, field,
                 base::StrCat("must be 1 to ", base::kMaxAmountFen, " fen"));
}

void CheckTime(const google::protobuf::Timestamp& time, absl::Time now, std::string_view field, FieldErrors& errors) {
  errors.Require(base::IsUsable(time) && base::FromProto(time) <= now + kClockTolerance, field,
                 "is required, from 2000 on and not in the future");
}

bool IsOrigin(std::string_view code) {
  const auto level = base::LevelOf(code);
  return level && *level >= base::RegionLevel::kCounty && directory::Counties().Exists(code);
}

bool IsRegion(std::string_view code) { return base::LevelOf(code) && directory::Counties().Exists(code); }

void CheckParcelFee(const common::v1::Money& fee, std::string_view field, FieldErrors& errors) {
  errors.Require(fee.amount_fen() >= 0 && fee.amount_fen() <= base::kMaxAmountFen, field,
                 base::StrCat("must be 0 to ", base::kMaxAmountFen, " fen"));
}

void CheckShipper(const std::string& shipper_uscc, std::string_view field, FieldErrors& errors) {
  errors.Require(shipper_uscc.empty() || base::IsValidUscc(shipper_uscc), field,
                 "must be a unified social credit code of 18 characters, or empty");
}

// What a sale may leave out about its delivery.
void CheckDelivery(const v1::OnlineSale& sale, absl::Time now, FieldErrors& errors) {
  errors.Require(sale.destination_code().empty() || IsRegion(sale.destination_code()), "sale.destination_code",
                 "must be the code of a known region, or empty");
  errors.Require(sale.parcels() >= 0 && sale.parcels() <= kMaxParcels, "sale.parcels",
                 base::StrCat("must be 0 to ", kMaxParcels));
  if (!sale.waybill_no().empty()) CheckNumber(sale.waybill_no(), "sale.waybill_no", errors);
  CheckParcelFee(sale.parcel_fee(), "sale.parcel_fee", errors);
  CheckShipper(sale.shipper_uscc(), "sale.shipper_uscc", errors);
  if (sale.has_payment_time()) CheckTime(sale.payment_time(), now, "sale.payment_time", errors);
  if (sale.has_waybill_time()) CheckTime(sale.waybill_time(), now, "sale.waybill_time", errors);
  if (sale.has_accept_time()) CheckTime(sale.accept_time(), now, "sale.accept_time", errors);
}

// What only the signals of a policy look at.
void CheckEvidence(const v1::OnlineSale& sale, FieldErrors& errors) {
  errors.Require(sale.quantity_base() >= 0 && sale.quantity_base() <= base::kMaxQuantityBase, "sale.quantity_base",
                 base::StrCat("must be 0 to ", base::kMaxQuantityBase));
  errors.Require(sale.buyer_digests_size() <= kMaxBuyerDigests, "sale.buyer_digests",
                 base::StrCat("must be at most ", kMaxBuyerDigests));
  for (int i = 0; i < std::min(sale.buyer_digests_size(), kMaxBuyerDigests); ++i) {
    errors.Require(directory::IsDigest(sale.buyer_digests(i)), base::StrCat("sale.buyer_digests[", i, "]"),
                   "must be 64 digits of 0-9 a-f");
  }
}

}  // namespace

void CheckSale(const v1::OnlineSale& sale, absl::Time now, FieldErrors& errors) {
  CheckNumber(sale.platform_order_no(), "sale.platform_order_no", errors);
  errors.Require(base::IsValidUscc(sale.claimant_uscc()), "sale.claimant_uscc",
                 "must be a unified social credit code of 18 characters");
  errors.Require(directory::FindCommodity(sale.commodity_code()) != nullptr, "sale.commodity_code",
                 "is not in the catalogue");
  errors.Require(IsOrigin(sale.origin_code()), "sale.origin_code",
                 "must be a county, township or village code of a known county");
  CheckAmount(sale.amount(), "sale.amount", errors);
  CheckTime(sale.order_time(), now, "sale.order_time", errors);
  CheckDelivery(sale, now, errors);
  CheckEvidence(sale, errors);
}

void CheckWaybill(const v1::SaleWaybill& waybill, absl::Time now, FieldErrors& errors) {
  CheckNumber(waybill.waybill_no(), "waybill.waybill_no", errors);
  CheckNumber(waybill.platform_order_no(), "waybill.platform_order_no", errors);
  errors.Require(waybill.parcels() >= 1 && waybill.parcels() <= kMaxParcels, "waybill.parcels",
                 base::StrCat("must be 1 to ", kMaxParcels));
  CheckParcelFee(waybill.parcel_fee(), "waybill.parcel_fee", errors);
  CheckTime(waybill.waybill_time(), now, "waybill.waybill_time", errors);
  CheckShipper(waybill.shipper_uscc(), "waybill.shipper_uscc", errors);
}

void CheckRefund(const v1::SaleRefund& refund, absl::Time now, FieldErrors& errors) {
  CheckNumber(refund.refund_no(), "refund.refund_no", errors);
  CheckNumber(refund.platform_order_no(), "refund.platform_order_no", errors);
  CheckAmount(refund.amount(), "refund.amount", errors);
  CheckTime(refund.refund_time(), now, "refund.refund_time", errors);
}

}  // namespace zhuxiao::reward
