// Running totals by policy.
#include "services/reward/totals.h"

#include <algorithm>
#include <array>
#include <optional>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/reward/records.h"
#include "services/reward/sale_walk.h"
#include "services/store/page.h"

namespace zhuxiao::reward {
namespace {

using store::Key;

// Fields of a total's row, one row a window. Lines that are excluded are counted in the row of the first window.
enum Field : size_t { kCounted, kRefunded, kUnits, kUnitValue, kCountedLines, kExcludedLines, kFieldCount };
using Fields = std::array<int64_t, kFieldCount>;

// What one sale adds to the totals of a policy.
struct Part {
  size_t window = 0;
  Fields fields = {};
};

std::optional<int64_t> NanosOf(bool is_set, const google::protobuf::Timestamp& time) {
  if (!is_set) return std::nullopt;
  return absl::ToUnixNanos(base::FromProto(time));
}

Part PartOf(const engine::Policy& policy, const v1::OnlineSale& sale) {
  const engine::Verdict verdict = JudgeSale(policy, sale);
  if (!IsLine(policy, sale, verdict)) return {};
  Part part;
  if (verdict.reason != engine::LineReason::kInScope) {
    part.fields[kExcludedLines] = 1;
    return part;
  }
  part.window = verdict.window;
  part.fields[kCounted] = sale.amount().amount_fen();
  part.fields[kRefunded] = sale.refunded().amount_fen();
  part.fields[kCountedLines] = 1;
  if (IsRefundedInFull(sale)) return part;
  const int64_t units = engine::CountedUnit(policy) == engine::Unit::kOrder ? 1 : sale.parcels();
  part.fields[kUnits] = units;
  if (policy.grant.kind == engine::GrantKind::kPerUnit) {
    // Within int64: units and what one pays are bounded (entry_checks.h, policies.h).
    part.fields[kUnitValue] = *engine::UnitValue(policy.grant, units, sale.parcel_fee().amount_fen());
  }
  return part;
}

void AddTo(const Part& part, Totals& totals) {
  engine::Totals& window = totals.windows[part.window];
  window.counted_fen += part.fields[kCounted];
  window.refunded_fen += part.fields[kRefunded];
  window.units += part.fields[kUnits];
  window.unit_value_fen += part.fields[kUnitValue];
  totals.counted_count += part.fields[kCountedLines];
  totals.excluded_count += part.fields[kExcludedLines];
}

std::string TotalKey(std::string_view claimant_uscc, const v1::RewardPolicy& policy, size_t window) {
  return Key(kPolicyTotalTable, claimant_uscc, PolicyVersion(policy.policy_id(), policy.version()),
             store::OrderedNumber(static_cast<int64_t>(window)));
}

std::string CountedKey(std::string_view claimant_uscc, const v1::RewardPolicy& policy) {
  return Key(kCountedTable, claimant_uscc, PolicyVersion(policy.policy_id(), policy.version()));
}

absl::Status AddPart(store::Transaction& transaction, std::string_view claimant_uscc, const v1::RewardPolicy& policy,
                     const Part& part, int64_t sign) {
  for (size_t field = 0; field < kFieldCount; ++field) {
    if (part.fields[field] == 0) continue;
    absl::Status status = transaction.Add(TotalKey(claimant_uscc, policy, part.window), field,
                                          sign * part.fields[field], {.min = 0, .max = INT64_MAX});
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

int OrderYear(const v1::OnlineSale& sale) { return base::YearOf(base::FromProto(sale.order_time())); }

bool IsRefundedInFull(const v1::OnlineSale& sale) { return sale.refunded().amount_fen() >= sale.amount().amount_fen(); }

engine::Verdict JudgeSale(const engine::Policy& policy, const v1::OnlineSale& sale) {
  const engine::SaleFacts facts{
      .platform = sale.platform_uscc(),
      .origin = sale.origin_code(),
      .destination = sale.destination_code(),
      .commodity = sale.commodity_code(),
      .times_ns = {NanosOf(true, sale.order_time()), NanosOf(sale.has_payment_time(), sale.payment_time()),
                   NanosOf(sale.has_waybill_time(), sale.waybill_time()),
                   NanosOf(sale.has_accept_time(), sale.accept_time())},
      .is_shipper =
          sale.shipper_uscc().empty() ? std::nullopt : std::optional(sale.shipper_uscc() == sale.claimant_uscc())};
  return engine::JudgeSale(policy, facts, [&] {
    const auto& lists = sale.designations();
    return std::any_of(lists.begin(), lists.end(), [&](const v1::SaleDesignation& list) {
      return engine::CountsBy(policy.scope, list.programme(), list.list_version(), list.region_code());
    });
  });
}

bool IsLine(const engine::Policy& policy, const v1::OnlineSale& sale, const engine::Verdict& verdict) {
  if (verdict.reason == engine::LineReason::kOutsidePeriod) return false;
  return verdict.reason != engine::LineReason::kNoTime ||
         engine::WindowOf(policy.period, base::DayOf(base::FromProto(sale.order_time()))).has_value();
}

TotalsBySale::TotalsBySale(const engine::Policy& policy) : policy_(policy) {
  totals_.windows.resize(engine::WindowCount(policy.period));
}

void TotalsBySale::Add(const v1::OnlineSale& sale) { AddTo(PartOf(policy_, sale), totals_); }

absl::StatusOr<Totals> RecomputedTotals(store::Reader& reader, std::string_view claimant_uscc,
                                        const engine::Policy& policy) {
  TotalsBySale totals(policy);
  absl::Status walked = ForEachSaleOf(reader, claimant_uscc, [&](const v1::OnlineSale& sale) {
    totals.Add(sale);
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  return totals.totals();
}

absl::StatusOr<Totals> TotalsOf(store::Reader& reader, std::string_view claimant_uscc, const ReadyPolicy& policy) {
  auto is_counted = reader.Get(CountedKey(claimant_uscc, policy.record));
  if (!is_counted.ok()) return is_counted.status();
  if (!*is_counted) return RecomputedTotals(reader, claimant_uscc, policy.rule);
  Totals totals;
  totals.windows.resize(engine::WindowCount(policy.rule.period));
  for (size_t window = 0; window < totals.windows.size(); ++window) {
    auto row = reader.Get(TotalKey(claimant_uscc, policy.record, window));
    if (!row.ok()) return row.status();
    auto values = store::DecodeCounter(row->value_or(""));
    if (!values.ok()) return values.status();
    Part part{.window = window};
    std::copy_n(values->begin(), kFieldCount, part.fields.begin());
    AddTo(part, totals);
  }
  return totals;
}

absl::Status Counting::Add(const v1::OnlineSale& sale, std::string_view region_code) {
  auto policies = PoliciesOf(sale.claimant_uscc(), region_code);
  if (!policies.ok()) return policies.status();
  // The year's sum comes first: it alone can pass its bound, and then nothing has been added yet.
  absl::Status status = transaction_.Add(Key(kYearTotalTable, ClaimantYear(sale.claimant_uscc(), OrderYear(sale))), 0,
                                         sale.amount().amount_fen(), {.min = 0, .max = kMaxYearFen});
  for (const auto& policy : **policies) {
    if (!status.ok()) return status;
    status = AddPart(transaction_, sale.claimant_uscc(), policy->record, PartOf(policy->rule, sale), 1);
  }
  return status;
}

absl::Status Counting::Move(const v1::OnlineSale& before, const v1::OnlineSale& after, std::string_view region_code) {
  auto policies = PoliciesOf(after.claimant_uscc(), region_code);
  if (!policies.ok()) return policies.status();
  for (const auto& policy : **policies) {
    const Part from = PartOf(policy->rule, before);
    Part to = PartOf(policy->rule, after);
    absl::Status status;
    if (from.window == to.window) {
      for (size_t field = 0; field < kFieldCount; ++field) to.fields[field] -= from.fields[field];
    } else {
      status = AddPart(transaction_, after.claimant_uscc(), policy->record, from, -1);
    }
    if (status.ok()) status = AddPart(transaction_, after.claimant_uscc(), policy->record, to, 1);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<const Counting::Policies*> Counting::PoliciesIn(std::string_view region_code) {
  const auto known = by_region_.find(region_code);
  if (known != by_region_.end()) return &known->second;
  auto found = PoliciesFor(transaction_, region_code);
  if (!found.ok()) return found.status();
  Policies policies;
  for (ReadyPolicy& policy : *found) policies.push_back(std::make_shared<const ReadyPolicy>(std::move(policy)));
  return &by_region_.emplace(region_code, std::move(policies)).first->second;
}

absl::StatusOr<const Counting::Policies*> Counting::PoliciesOf(const std::string& claimant_uscc,
                                                               std::string_view region_code) {
  const auto known = by_claimant_.find(claimant_uscc);
  if (known != by_claimant_.end()) return &known->second;
  auto here = PoliciesIn(region_code);
  if (!here.ok()) return here.status();
  Policies policies = **here;
  for (const auto& policy : policies) {
    if (absl::Status status = StartCounting(claimant_uscc, *policy); !status.ok()) return status;
  }
  // A firm that moved its seat is still counted where it was, so that paid claims there stay true.
  const std::string prefix = Key(kCountedTable, claimant_uscc, "");
  absl::Status walked = store::WalkAll(transaction_, prefix, [&](const store::KeyValue& row) -> absl::Status {
    const std::string_view name = std::string_view(row.key).substr(prefix.size());
    const std::string policy_id(name.substr(0, name.find('/')));
    const auto version = static_cast<int>(store::ParseOrderedNumber(name.substr(policy_id.size() + 1)));
    const bool is_here = std::any_of(policies.begin(), policies.end(), [&](const auto& policy) {
      return policy->record.policy_id() == policy_id && policy->record.version() == version;
    });
    if (is_here) return absl::OkStatus();
    auto elsewhere = PublishedPolicy(transaction_, policy_id, version);
    if (!elsewhere.ok()) return elsewhere.status();
    policies.push_back(std::make_shared<const ReadyPolicy>(*std::move(elsewhere)));
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  return &by_claimant_.emplace(claimant_uscc, std::move(policies)).first->second;
}

absl::Status Counting::StartCounting(const std::string& claimant_uscc, const ReadyPolicy& policy) {
  const std::string key = CountedKey(claimant_uscc, policy.record);
  auto is_counted = transaction_.Get(key);
  if (!is_counted.ok()) return is_counted.status();
  if (*is_counted) return absl::OkStatus();
  std::vector<Part> parts(engine::WindowCount(policy.rule.period));
  absl::Status walked = ForEachSaleOf(transaction_, claimant_uscc, [&](const v1::OnlineSale& sale) {
    const Part part = PartOf(policy.rule, sale);
    for (size_t field = 0; field < kFieldCount; ++field) parts[part.window].fields[field] += part.fields[field];
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  for (size_t window = 0; window < parts.size(); ++window) {
    parts[window].window = window;
    absl::Status status = AddPart(transaction_, claimant_uscc, policy.record, parts[window], 1);
    if (!status.ok()) return status;
  }
  transaction_.Put(key, "");
  return absl::OkStatus();
}

}  // namespace zhuxiao::reward
