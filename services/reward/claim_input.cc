// Inputs of claims.
#include "services/reward/claim_input.h"

#include "absl/strings/numbers.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/reward/records.h"
#include "services/reward/sale_walk.h"
#include "services/reward/sending.h"
#include "services/store/page.h"

namespace zhuxiao::reward {
namespace {

using store::Key;

absl::StatusOr<std::vector<v1::SaleRefund>> RefundsOf(store::Reader& reader, const v1::OnlineSale& sale,
                                                      int64_t epoch) {
  std::vector<v1::SaleRefund> refunds;
  if (sale.refunded().amount_fen() == 0) return refunds;
  const std::string prefix = Key(kRefundOfTable, sale.platform_uscc(), sale.platform_order_no(), "");
  absl::Status walked = store::WalkAll(reader, prefix, [&](const store::KeyValue& row) -> absl::Status {
    const std::string key = Key(kRefundTable, sale.platform_uscc(), row.key.substr(prefix.size()));
    auto value = reader.Get(key);
    if (!value.ok()) return value.status();
    v1::SaleRefund refund;
    if (!*value || !refund.ParseFromString(**value)) return base::DataLoss(base::StrCat(key, " cannot be read"));
    if (refund.epoch() < epoch) refunds.push_back(std::move(refund));
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  return refunds;
}

absl::StatusOr<FrozenSale> FreezeSale(store::Reader& reader, v1::OnlineSale sale, int64_t epoch) {
  auto refunds = RefundsOf(reader, sale, epoch);
  if (!refunds.ok()) return refunds.status();
  int64_t refunded_fen = 0;
  for (const v1::SaleRefund& refund : *refunds) refunded_fen += refund.amount().amount_fen();
  sale.mutable_refunded()->set_amount_fen(refunded_fen);
  const google::protobuf::RepeatedPtrField<v1::SaleWaybill> waybills = sale.waybills();
  ClearSending(sale);
  for (const v1::SaleWaybill& waybill : waybills) {
    if (waybill.epoch() < epoch) *sale.add_waybills() = waybill;
  }
  SumWaybills(sale);
  return FrozenSale{std::move(sale), *std::move(refunds)};
}

}  // namespace

absl::StatusOr<int64_t> EpochOf(store::Reader& reader, std::string_view claimant_uscc) {
  const std::string key = Key(kEpochTable, claimant_uscc);
  auto row = reader.Get(key);
  if (!row.ok()) return row.status();
  int64_t epoch = 0;
  if (*row && !absl::SimpleAtoi(base::View(**row), &epoch)) return base::DataLoss(key + " cannot be read");
  return epoch;
}

absl::StatusOr<int64_t> Freeze(store::Transaction& transaction, std::string_view claimant_uscc) {
  auto epoch = EpochOf(transaction, claimant_uscc);
  if (!epoch.ok()) return epoch;
  transaction.Put(Key(kEpochTable, claimant_uscc), base::StrCat(*epoch + 1));
  return *epoch + 1;
}

absl::Status ForEachFrozenSale(store::Reader& reader, std::string_view claimant_uscc, int64_t epoch,
                               const std::function<absl::Status(const FrozenSale&)>& visit) {
  return ForEachSaleOf(reader, claimant_uscc, [&](v1::OnlineSale& sale) -> absl::Status {
    if (sale.epoch() >= epoch) return absl::OkStatus();
    auto frozen = FreezeSale(reader, std::move(sale), epoch);
    return frozen.ok() ? visit(*frozen) : frozen.status();
  });
}

}  // namespace zhuxiao::reward
