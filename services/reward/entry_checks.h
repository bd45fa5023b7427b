// What reported sales and refunds must be like, whatever was reported before. Private to the module.
#pragma once

#include "absl/time/time.h"
#include "services/base/errors.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// Parcels of one order: a truck of the smallest.
inline constexpr int64_t kMaxParcels = 100'000;
// What one buyer is known by: code, phones, accounts, address.
inline constexpr int kMaxBuyerDigests = 8;

// Adds a violation for every field of a sale, by its path "sale.…", that is wrong in any state. Whether the claimant
// is known is not among them. A sale without violations has a four-digit year and ids that may stand in keys.
void CheckSale(const v1::OnlineSale& sale, absl::Time now, base::FieldErrors& errors);

// The same for a refund, by its path "refund.…".
void CheckRefund(const v1::SaleRefund& refund, absl::Time now, base::FieldErrors& errors);

// The same for a waybill, by its path "waybill.…".
void CheckWaybill(const v1::SaleWaybill& waybill, absl::Time now, base::FieldErrors& errors);

}  // namespace zhuxiao::reward
