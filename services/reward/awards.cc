// Awards of claimants by the rules of the engine.
#include "services/reward/awards.h"

#include <algorithm>
#include <tuple>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/reward/records.h"
#include "services/store/page.h"

namespace zhuxiao::reward {
namespace {

bool IsFirstCome(const engine::Policy& policy) {
  return policy.pool && policy.pool->mode == engine::PoolMode::kFirstCome;
}

absl::StatusOr<std::vector<std::vector<engine::Award>>> AwardWindows(const engine::Policy& policy,
                                                                     const std::vector<engine::WindowSales>& windows) {
  auto awards = engine::AwardAll(policy, windows);
  if (absl::IsOutOfRange(awards.status())) {
    base::FieldErrors errors;
    errors.Add("policy_id", "pays more than can be counted");
    return errors.ToStatus();
  }
  return awards;
}

}  // namespace

const google::protobuf::Timestamp& TimeOf(const engine::Policy& policy, const v1::OnlineSale& sale) {
  switch (policy.period.clock) {
    case engine::SaleClock::kOrder:
      return sale.order_time();
    case engine::SaleClock::kPayment:
      return sale.payment_time();
    case engine::SaleClock::kWaybill:
      return sale.waybill_time();
    case engine::SaleClock::kAcceptance:
      return sale.accept_time();
  }
  return sale.order_time();
}

void AddDraw(const engine::Policy& policy, const v1::OnlineSale& sale, std::vector<SaleDraw>& draws) {
  if (!IsFirstCome(policy) || IsRefundedInFull(sale)) return;
  const engine::Verdict verdict = JudgeSale(policy, sale);
  if (verdict.reason != engine::LineReason::kInScope) return;
  const int64_t units = engine::CountedUnit(policy) == engine::Unit::kOrder ? 1 : sale.parcels();
  draws.push_back({.time_ns = absl::ToUnixNanos(base::FromProto(TimeOf(policy, sale))),
                   .place = base::StrCat(sale.platform_uscc(), "/", sale.platform_order_no()),
                   .window = verdict.window,
                   .value_fen = *engine::UnitValue(policy.grant, units, sale.parcel_fee().amount_fen())});
}

absl::StatusOr<Sharer> SharerOf(store::Reader& reader, const std::string& claimant_uscc, const ReadyPolicy& policy) {
  auto totals = TotalsOf(reader, claimant_uscc, policy);
  if (!totals.ok()) return totals.status();
  Sharer sharer{.claimant_uscc = claimant_uscc, .totals = *std::move(totals)};
  if (!IsFirstCome(policy.rule)) return sharer;
  absl::Status walked = store::WalkAll(reader, store::Key(kSaleTable, claimant_uscc, ""),
                                       [&](const store::KeyValue& row) -> absl::Status {
                                         v1::OnlineSale sale;
                                         if (!sale.ParseFromString(row.value))
                                           return base::DataLoss(base::StrCat(row.key, " cannot be read"));
                                         AddDraw(policy.rule, sale, sharer.draws);
                                         return absl::OkStatus();
                                       });
  if (!walked.ok()) return walked;
  return sharer;
}

absl::StatusOr<std::vector<engine::Award>> AwardAlone(const engine::Policy& policy, const Totals& totals) {
  engine::Policy alone = policy;
  alone.pool.reset();
  std::vector<engine::WindowSales> windows;
  for (const engine::Totals& window : totals.windows) windows.push_back({.totals = {window}});
  auto awards = AwardWindows(alone, windows);
  if (!awards.ok()) return awards.status();
  std::vector<engine::Award> by_window;
  for (const std::vector<engine::Award>& window : *awards) by_window.push_back(window.front());
  return by_window;
}

absl::StatusOr<std::vector<std::vector<engine::Award>>> AwardTogether(const engine::Policy& policy,
                                                                      const std::vector<Sharer>& sharers) {
  const size_t window_count = engine::WindowCount(policy.period);
  std::vector<engine::WindowSales> windows(window_count);
  std::vector<std::pair<const SaleDraw*, size_t>> draws;
  for (size_t i = 0; i < sharers.size(); ++i) {
    for (size_t window = 0; window < window_count; ++window) {
      windows[window].totals.push_back(sharers[i].totals.windows[window]);
    }
    for (const SaleDraw& draw : sharers[i].draws) draws.emplace_back(&draw, i);
  }
  std::sort(draws.begin(), draws.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first->time_ns, a.first->place) < std::tie(b.first->time_ns, b.first->place);
  });
  for (const auto& [draw, sharer] : draws) windows[draw->window].draws.push_back({sharer, draw->value_fen});
  auto awards = AwardWindows(policy, windows);
  if (!awards.ok()) return awards.status();
  std::vector<std::vector<engine::Award>> by_claimant(sharers.size());
  for (size_t i = 0; i < sharers.size(); ++i) {
    for (const std::vector<engine::Award>& window : *awards) by_claimant[i].push_back(window[i]);
  }
  return by_claimant;
}

}  // namespace zhuxiao::reward
