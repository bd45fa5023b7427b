// Suspicions from the store.
#include "services/reward/risk.h"

#include <algorithm>
#include <set>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/reward/awards.h"
#include "services/reward/engine/policy_file.h"
#include "services/reward/engine/signals.h"
#include "services/reward/records.h"
#include "services/reward/sale_walk.h"
#include "services/reward/totals.h"

namespace zhuxiao::reward {
namespace {

using store::Key;

// True where two orders or more have the waybill.
absl::StatusOr<bool> IsShared(store::Reader& reader, const std::string& waybill_no) {
  if (waybill_no.empty()) return false;
  const std::string prefix = Key(kWaybillTable, waybill_no, "");
  auto rows = reader.Scan(prefix, store::PrefixEnd(prefix), 2);
  if (!rows.ok()) return rows.status();
  return rows->size() > 1;
}

absl::StatusOr<std::vector<engine::SuspectRefund>> RefundsOf(store::Reader& reader, const v1::OnlineSale& sale) {
  std::vector<engine::SuspectRefund> refunds;
  if (sale.refunded().amount_fen() == 0) return refunds;
  const std::string prefix = Key(kRefundOfTable, sale.platform_uscc(), sale.platform_order_no(), "");
  absl::Status walked = store::WalkAll(reader, prefix, [&](const store::KeyValue& row) -> absl::Status {
    const std::string key = Key(kRefundTable, sale.platform_uscc(), row.key.substr(prefix.size()));
    auto value = reader.Get(key);
    if (!value.ok()) return value.status();
    v1::SaleRefund refund;
    if (!*value || !refund.ParseFromString(**value)) return base::DataLoss(base::StrCat(key, " cannot be read"));
    refunds.push_back({base::DayOf(base::FromProto(refund.refund_time())), refund.amount().amount_fen()});
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  return refunds;
}

// What the claimant is registered with.
struct Firm {
  engine::SuspectFirm suspect;
  std::set<std::string> identifiers;
};

absl::StatusOr<Firm> FirmOf(store::Reader& reader, const std::string& claimant_uscc) {
  Firm firm;
  auto registration = directory::FindRegistration(reader, claimant_uscc);
  if (!registration.ok()) return registration.status();
  if (!*registration) return firm;
  const directory::v1::Registration& known = **registration;
  firm.identifiers.insert(known.identifier_digests().begin(), known.identifier_digests().end());
  for (const auto& capacity : known.capacities()) {
    firm.suspect.capacity_base[capacity.commodity_code()] = capacity.yearly_base();
  }
  if (known.representative_digest().empty()) return firm;
  firm.identifiers.insert(known.representative_digest());
  auto shops = directory::RegisteredBy(reader, known.representative_digest(), engine::kMaxShops);
  if (!shops.ok()) return shops.status();
  firm.suspect.shops = *std::move(shops);
  return firm;
}

bool SharesIdentifier(const v1::OnlineSale& sale, const Firm& firm) {
  return std::any_of(sale.buyer_digests().begin(), sale.buyer_digests().end(),
                     [&](const std::string& digest) { return firm.identifiers.contains(digest); });
}

// The first of the sale's waybills that another order has too; empty where none is.
absl::StatusOr<std::string> SharedWaybill(store::Reader& reader, const v1::OnlineSale& sale) {
  std::vector<std::string> numbers = {sale.waybill_no()};
  for (const v1::SaleWaybill& waybill : sale.waybills()) numbers.push_back(waybill.waybill_no());
  for (const std::string& number : numbers) {
    auto is_shared = IsShared(reader, number);
    if (!is_shared.ok()) return is_shared.status();
    if (*is_shared) return number;
  }
  return std::string();
}

absl::StatusOr<engine::SuspectLine> SuspectLineOf(store::Reader& reader, const engine::Policy& policy,
                                                  const v1::OnlineSale& sale, const engine::Verdict& verdict,
                                                  const Firm& firm) {
  auto shared_waybill = SharedWaybill(reader, sale);
  if (!shared_waybill.ok()) return shared_waybill.status();
  auto refunds = RefundsOf(reader, sale);
  if (!refunds.ok()) return refunds.status();
  const bool has_time = verdict.reason != engine::LineReason::kNoTime;
  return engine::SuspectLine{.place = sale.platform_order_no(),
                             .commodity = sale.commodity_code(),
                             .day = base::DayOf(base::FromProto(has_time ? TimeOf(policy, sale) : sale.order_time())),
                             .amount_fen = sale.amount().amount_fen(),
                             .refunded_fen = sale.refunded().amount_fen(),
                             .is_counted = verdict.reason == engine::LineReason::kInScope,
                             .waybill_no = shared_waybill->empty() ? sale.waybill_no() : *shared_waybill,
                             .shares_waybill = !shared_waybill->empty(),
                             .refunds = *std::move(refunds),
                             .quantity_base = sale.quantity_base(),
                             .shares_identifier = SharesIdentifier(sale, firm)};
}

v1::RiskFlag FlagOf(const engine::Suspicion& suspicion) {
  v1::RiskFlag flag;
  flag.set_signal(std::string(engine::SignalName(suspicion.kind)));
  flag.set_evidence(suspicion.evidence);
  for (const std::string& place : suspicion.places) flag.add_platform_order_nos(place);
  return flag;
}

v1::RiskFlag TooManyLines() {
  v1::RiskFlag flag;
  flag.set_signal("not_looked_at");
  flag.set_evidence(base::StrCat("the claimant has more than ", kMaxSuspectedLines,
                                 " lines; the policy's signals were not looked for"));
  return flag;
}

}  // namespace

absl::StatusOr<std::vector<v1::RiskFlag>> RiskFlagsOf(store::Reader& reader, const std::string& claimant_uscc,
                                                      const ReadyPolicy& policy) {
  if (policy.rule.signals.empty()) return std::vector<v1::RiskFlag>();
  auto totals = TotalsOf(reader, claimant_uscc, policy);
  if (!totals.ok()) return totals.status();
  if (totals->counted_count + totals->excluded_count > kMaxSuspectedLines) return std::vector{TooManyLines()};
  auto firm = FirmOf(reader, claimant_uscc);
  if (!firm.ok()) return firm.status();
  std::vector<engine::SuspectLine> lines;
  absl::Status walked = ForEachSaleOf(reader, claimant_uscc, [&](const v1::OnlineSale& sale) -> absl::Status {
    const engine::Verdict verdict = JudgeSale(policy.rule, sale);
    if (!IsLine(policy.rule, sale, verdict)) return absl::OkStatus();
    auto line = SuspectLineOf(reader, policy.rule, sale, verdict, *firm);
    if (!line.ok()) return line.status();
    lines.push_back(*std::move(line));
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  std::vector<v1::RiskFlag> flags;
  for (const engine::Suspicion& suspicion : engine::Suspect(policy.rule, totals->windows, lines, firm->suspect)) {
    flags.push_back(FlagOf(suspicion));
  }
  return flags;
}

}  // namespace zhuxiao::reward
