// How the goods of a sale were sent: told by the sale itself, or by waybills reported after or before it. Pure. Private
// to the module.
#pragma once

#include <optional>
#include <string>

#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::reward {

// Waybills of one order: a truckload sent to one buyer.
inline constexpr int kMaxWaybills = 100;

// True where the sale, as a platform reported it, says itself how it was sent: by parcels, parcel_fee, waybill_no,
// waybill_time or shipper_uscc. Such a sale takes no waybills, so that nothing counts twice.
bool TellsSending(const v1::OnlineSale& reported);

// True where the sale took waybills.
inline bool HasWaybills(const v1::OnlineSale& sale) { return !sale.waybills().empty(); }

// Takes out of a sale what its waybills have put in: the sale as it was reported.
void ClearSending(v1::OnlineSale& sale);

// Sets parcels, parcel_fee, waybill_no, waybill_time and shipper_uscc to what the sale's waybills come to, whatever
// their order: sums; the earliest time and its number; another shipper than the claimant where one is told.
void SumWaybills(v1::OnlineSale& sale);

// Adds the waybill to the sale, or says why it cannot be taken: the sale tells of its sending itself, or would have too
// many waybills, parcels or fees.
std::optional<std::string> AddWaybill(const v1::SaleWaybill& waybill, v1::OnlineSale& sale);

}  // namespace zhuxiao::reward
