// Waybills of a sale.
#include "services/reward/sending.h"

#include <algorithm>
#include <tuple>

#include "services/base/clock.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/reward/entry_checks.h"

namespace zhuxiao::reward {

bool TellsSending(const v1::OnlineSale& reported) {
  return reported.parcels() != 0 || reported.has_parcel_fee() || !reported.waybill_no().empty() ||
         reported.has_waybill_time() || !reported.shipper_uscc().empty();
}

void ClearSending(v1::OnlineSale& sale) {
  if (!HasWaybills(sale)) return;
  sale.clear_waybills();
  sale.clear_parcels();
  sale.clear_parcel_fee();
  sale.clear_waybill_no();
  sale.clear_waybill_time();
  sale.clear_shipper_uscc();
}

void SumWaybills(v1::OnlineSale& sale) {
  int64_t parcels = 0;
  int64_t fee_fen = 0;
  std::string shipper;
  const v1::SaleWaybill* first = nullptr;
  const auto when = [](const v1::SaleWaybill& waybill) {
    return std::tuple(waybill.waybill_time().seconds(), waybill.waybill_time().nanos(), waybill.waybill_no());
  };
  for (const v1::SaleWaybill& waybill : sale.waybills()) {
    parcels += waybill.parcels();
    fee_fen += waybill.parcel_fee().amount_fen();
    if (first == nullptr || when(waybill) < when(*first)) first = &waybill;
    // Of several others the least code, so that the order of the waybills does not matter.
    const std::string& told = waybill.shipper_uscc();
    const bool is_other = !told.empty() && told != sale.claimant_uscc();
    const bool has_other = !shipper.empty() && shipper != sale.claimant_uscc();
    if (is_other ? !has_other || told < shipper : shipper.empty()) shipper = told;
  }
  if (first == nullptr) return;
  sale.set_parcels(parcels);
  sale.mutable_parcel_fee()->set_amount_fen(fee_fen);
  sale.set_waybill_no(first->waybill_no());
  *sale.mutable_waybill_time() = first->waybill_time();
  sale.set_shipper_uscc(shipper);
}

std::optional<std::string> AddWaybill(const v1::SaleWaybill& waybill, v1::OnlineSale& sale) {
  if (!HasWaybills(sale) && TellsSending(sale)) return "the sale told of its parcels, waybill or shipper itself";
  if (sale.waybills_size() >= kMaxWaybills) return base::StrCat("the sale has ", kMaxWaybills, " waybills already");
  if (sale.parcels() + waybill.parcels() > kMaxParcels) {
    return base::StrCat("would take the sale beyond ", kMaxParcels, " parcels");
  }
  if (sale.parcel_fee().amount_fen() + waybill.parcel_fee().amount_fen() > base::kMaxAmountFen) {
    return base::StrCat("would take the fees of the sale beyond ", base::kMaxAmountFen, " fen");
  }
  *sale.add_waybills() = waybill;
  std::sort(sale.mutable_waybills()->begin(), sale.mutable_waybills()->end(),
            [](const v1::SaleWaybill& a, const v1::SaleWaybill& b) { return a.waybill_no() < b.waybill_no(); });
  SumWaybills(sale);
  return std::nullopt;
}

}  // namespace zhuxiao::reward
