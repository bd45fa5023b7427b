// Rows of sales.
#include "services/reward/sale_rows.h"

#include <string_view>
#include <utility>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/reward/offline/csv_cells.h"

namespace zhuxiao::reward {
namespace {

constexpr char kHeader[] =
    "platform,order_no,line_no,kind,claimant_uscc,origin_region,destination_region,commodity,amount_fen,parcels,"
    "waybill_no,parcel_fee_fen,order_time,payment_time,waybill_time,accept_time,refund_of,shipper_uscc,designations\n";
// Here an order is one sale, and so one line.
constexpr char kOneLine[] = "1";

std::string ListsText(const v1::OnlineSale& sale) {
  std::string text;
  for (const v1::SaleDesignation& list : sale.designations()) {
    base::StrAppend(&text, text.empty() ? "" : ";", list.programme(), "/", list.list_version(), "/",
                    list.region_code());
  }
  return text;
}

}  // namespace

std::string TimeText(bool is_set, const google::protobuf::Timestamp& time) {
  if (!is_set) return "";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*S+08:00", base::FromProto(time), absl::FixedTimeZone(8 * 3600));
}

SaleRows::SaleRows(const std::string& path, std::string subject)
    : file_(path, std::ios::binary), subject_(std::move(subject)) {
  file_ << kHeader;
}

absl::Status SaleRows::Add(const FrozenSale& frozen) {
  if (++sale_count_ > kMaxSaleRows) {
    return base::Refuse(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, subject_,
                        base::StrCat("rests on more than ", kMaxSaleRows, " sales"));
  }
  const v1::OnlineSale& sale = frozen.sale;
  AddRow({sale.platform_uscc(), sale.platform_order_no(), kOneLine, "sale", sale.claimant_uscc(), sale.origin_code(),
          sale.destination_code(), sale.commodity_code(), base::StrCat(sale.amount().amount_fen()),
          base::StrCat(sale.parcels()), sale.waybill_no(), base::StrCat(sale.parcel_fee().amount_fen()),
          TimeText(true, sale.order_time()), TimeText(sale.has_payment_time(), sale.payment_time()),
          TimeText(sale.has_waybill_time(), sale.waybill_time()), TimeText(sale.has_accept_time(), sale.accept_time()),
          "", sale.shipper_uscc(), ListsText(sale)});
  for (const v1::SaleRefund& refund : frozen.refunds) {
    AddRow({sale.platform_uscc(), refund.refund_no(), kOneLine, "refund", sale.claimant_uscc(), "", "", "",
            base::StrCat(refund.amount().amount_fen()), "", "", "", TimeText(true, refund.refund_time()), "", "", "",
            sale.platform_order_no(), "", ""});
  }
  return absl::OkStatus();
}

absl::Status SaleRows::Close() {
  file_.close();
  return file_ ? absl::OkStatus() : absl::InternalError("there is no room for temporary files");
}

void SaleRows::AddRow(std::initializer_list<std::string> cells) {
  row_.clear();
  std::string_view between = "";
  for (const std::string& cell : cells) {
    row_.append(between);
    offline::AppendCell(cell, row_);
    between = ",";
  }
  row_.push_back('\n');
  file_ << row_;
}

}  // namespace zhuxiao::reward
