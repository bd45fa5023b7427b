// The check from outside of sales that took waybills: parcels, fees and time are what the waybills come to.
#include <gtest/gtest.h>

#include <functional>

#include "clients/cli/verify.h"

namespace zhuxiao::cli {
namespace {

using reward::v1::OnlineSale;

OnlineSale Sent() {
  OnlineSale sale;
  sale.set_platform_uscc("P");
  sale.set_platform_order_no("1");
  sale.mutable_amount()->set_amount_fen(500);
  sale.set_parcels(3);
  sale.mutable_parcel_fee()->set_amount_fen(250);
  sale.mutable_waybill_time()->set_seconds(1'000);
  for (int i = 0; i < 2; ++i) {
    reward::v1::SaleWaybill& waybill = *sale.add_waybills();
    waybill.set_parcels(1 + i);
    waybill.mutable_parcel_fee()->set_amount_fen(100 + 50 * i);
    waybill.mutable_waybill_time()->set_seconds(1'001 - i);
  }
  return sale;
}

bool IsFound(const OnlineSale& sale) {
  BookCheck check;
  audit::v1::ExportBooksResponse row;
  *row.mutable_online_sale() = sale;
  check.AddRow(row);
  for (const Finding& finding : check.Finish()) {
    if (finding.rule == Rule::kOnlineSale) return true;
  }
  return false;
}

TEST(VerifyWaybills, ASaleIsWhatItsWaybillsComeTo) {
  EXPECT_FALSE(IsFound(Sent()));
  const std::pair<const char*, std::function<void(OnlineSale&)>> broken[] = {
      {"parcels no waybill has", [](OnlineSale& sale) { sale.set_parcels(4); }},
      {"a fee no waybill has", [](OnlineSale& sale) { sale.mutable_parcel_fee()->set_amount_fen(251); }},
      {"sent before its first waybill", [](OnlineSale& sale) { sale.mutable_waybill_time()->set_seconds(999); }},
      {"sent at a later waybill", [](OnlineSale& sale) { sale.mutable_waybill_time()->set_seconds(1'001); }}};
  for (const auto& [what, break_it] : broken) {
    OnlineSale sale = Sent();
    break_it(sale);
    EXPECT_TRUE(IsFound(sale)) << what;
  }
}

}  // namespace
}  // namespace zhuxiao::cli
