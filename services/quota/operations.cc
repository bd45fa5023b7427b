#include "services/quota/operations.h"

#include <algorithm>

#include "services/base/errors.h"
#include "services/base/etag.h"
#include "services/base/money.h"
#include "services/base/uscc.h"
#include "services/directory/directory.h"
#include "services/directory/filters.h"
#include "services/quota/canteens.h"
#include "services/quota/declaration_record.h"
#include "services/quota/quota.h"
#include "services/quota/records.h"
#include "services/quota/rule_book.h"
#include "services/quota/rules.h"

namespace zhuxiao::quota {
namespace {

using base::Caller;
using base::ErrorReason;

std::string OwnIfEmpty(const std::string& uscc, const Caller& caller) {
  return uscc.empty() ? caller.organisation : uscc;
}

absl::Status RefuseDeclared(const v1::Quota& quota) {
  return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, quota.institution_uscc(),
                      "a declaration is in force; base and target follow from it and its corrections");
}

void Put(ledger::Operation& operation, const v1::Quota& quota) {
  operation.transaction().Put(QuotaKey(quota.year(), quota.institution_uscc()), quota.SerializeAsString());
  *operation.event().mutable_quota() = quota;
}

// Progress and comparison with `rule`, as of `now`. UNKNOWN where the base is missing or no rule holds.
v1::QuotaProgress ProgressOf(const v1::Quota& quota, const std::optional<v1::QuotaRule>& rule, absl::Time now) {
  v1::QuotaProgress progress;
  const int64_t settled = quota.settled().amount_fen();
  const int64_t target = quota.target().amount_fen();
  if (target > 0) {
    progress.set_settled_basis_points(base::MulDivFloor(settled, base::kBasisPoints, target).value_or(INT64_MAX));
  }
  progress.mutable_gap()->set_amount_fen(std::max<int64_t>(0, target - settled));
  const base::Day year_end = base::DayOf(base::StartOfYear(quota.year() + 1));
  const base::Day year_start = base::DayOf(base::StartOfYear(quota.year()));
  progress.set_days_left(std::clamp(year_end - base::DayOf(now), 0, year_end - year_start));

  if (rule) *progress.mutable_rule() = *rule;
  progress.set_rule_status(v1::RULE_STATUS_UNKNOWN);
  if (!quota.has_declared_base()) return progress;
  const int64_t base_fen = quota.declared_base().amount_fen();
  if (base_fen > 0) {
    progress.set_share_basis_points(base::MulDivFloor(settled, base::kBasisPoints, base_fen).value_or(INT64_MAX));
  }
  if (!rule) return progress;
  if (const auto required = RequiredFen(*rule, base_fen)) {
    progress.mutable_required()->set_amount_fen(*required);
    progress.set_rule_status(target >= *required ? v1::RULE_STATUS_SATISFIED : v1::RULE_STATUS_BELOW);
  }
  return progress;
}

// The rule a quota is judged by: that of its declaration, else what holds now where the institution is.
absl::StatusOr<std::optional<v1::QuotaRule>> RuleOf(store::Reader& reader, const v1::Quota& quota) {
  if (quota.has_declared_rule()) return std::optional(quota.declared_rule());
  return FindRule(reader, quota.year(), quota.region_code());
}

// A stored quota as it is answered. `region` is where the institution is now: the row knows only where it was when it
// was written.
absl::StatusOr<v1::Quota> Complete(store::Reader& reader, const std::string& row, const std::string& region,
                                   absl::Time now) {
  auto quota = WithSpending(reader, row);
  if (!quota.ok()) return quota.status();
  quota->set_region_code(region);
  auto rule = RuleOf(reader, *quota);
  if (!rule.ok()) return rule.status();
  *quota->mutable_progress() = ProgressOf(*quota, *rule, now);
  return quota;
}

template <typename Response>
absl::StatusOr<Response> Respond(store::Reader& reader, absl::Time now, const std::string& region,
                                 const v1::Quota& stored) {
  auto quota = Complete(reader, stored.SerializeAsString(), region, now);
  if (!quota.ok()) return quota.status();
  Response response;
  *response.mutable_quota() = *std::move(quota);
  return response;
}

}  // namespace

absl::StatusOr<std::optional<v1::Quota>> Find(store::Reader& reader, std::string_view institution_uscc, int year) {
  auto row = reader.Get(QuotaKey(year, institution_uscc));
  if (!row.ok()) return row.status();
  if (!*row) return std::optional<v1::Quota>();
  v1::Quota quota;
  if (!quota.ParseFromString(**row)) return base::DataLoss("a quota cannot be read");
  return std::optional(std::move(quota));
}

absl::StatusOr<v1::Quota> WithSpending(store::Reader& reader, const std::string& row) {
  v1::Quota quota;
  if (!quota.ParseFromString(row)) return base::DataLoss("a quota cannot be read");
  auto counter = reader.Get(SpendingKey(quota.year(), quota.institution_uscc()));
  if (!counter.ok()) return counter.status();
  auto fields = store::DecodeCounter(counter->value_or(""));
  if (!fields.ok()) return fields.status();
  quota.mutable_settled()->set_amount_fen((*fields)[kSettledField]);
  quota.mutable_held()->set_amount_fen((*fields)[kUsedField] - (*fields)[kSettledField]);
  return quota;
}

absl::StatusOr<v1::SetQuotaResponse> Set(ledger::Operation& operation, const v1::SetQuotaRequest& request) {
  const v1::Quota& asked = request.quota();
  base::FieldErrors errors;
  errors.Require(base::IsValidUscc(asked.institution_uscc()), "quota.institution_uscc",
                 "is no unified social credit code, or its check character is wrong");
  CheckYear(asked.year(), "quota.year", errors);
  errors.Require(asked.has_target(), "quota.target", "is required");
  errors.Require(asked.has_limit(), "quota.limit", "is required");
  CheckAmount(asked.target(), "quota.target", errors);
  CheckAmount(asked.limit(), "quota.limit", errors);
  if (!errors.empty()) return errors.ToStatus();

  store::Transaction& transaction = operation.transaction();
  auto region = RegionFor(transaction, operation.caller(), asked.institution_uscc());
  if (!region.ok()) return region.status();
  auto found = Find(transaction, asked.institution_uscc(), asked.year());
  if (!found.ok()) return found.status();
  v1::Quota quota = found->value_or(v1::Quota());
  if (quota.etag() != asked.etag()) return base::EtagMismatch("quota", asked.institution_uscc());
  if (quota.has_declared_rule() && quota.target().amount_fen() != asked.target().amount_fen()) {
    return RefuseDeclared(quota);
  }

  auto spending = transaction.GetCounter(SpendingKey(asked.year(), asked.institution_uscc()));
  if (!spending.ok()) return spending.status();
  if ((*spending)[kUsedField] > asked.limit().amount_fen()) {
    return base::Refuse(ErrorReason::ERROR_REASON_QUOTA_EXCEEDED, asked.institution_uscc(),
                        "more than the new limit is held or settled already",
                        {{"used_fen", std::to_string((*spending)[kUsedField])}});
  }
  quota.set_institution_uscc(asked.institution_uscc());
  quota.set_year(asked.year());
  *quota.mutable_target() = asked.target();
  *quota.mutable_limit() = asked.limit();
  quota.set_region_code(*region);
  quota.set_etag(base::NextEtag(quota.etag()));
  Put(operation, quota);
  return Respond<v1::SetQuotaResponse>(transaction, operation.now(), *region, quota);
}

absl::StatusOr<v1::DeclareBaseResponse> DeclareBase(ledger::Operation& operation,
                                                    const v1::DeclareBaseRequest& request) {
  base::FieldErrors errors;
  CheckYear(request.year(), "year", errors);
  errors.Require(request.has_base(), "base", "is required");
  CheckAmount(request.base(), "base", errors);
  if (!errors.empty()) return errors.ToStatus();

  store::Transaction& transaction = operation.transaction();
  const std::string uscc = OwnIfEmpty(request.institution_uscc(), operation.caller());
  auto region = RegionFor(transaction, operation.caller(), uscc);
  if (!region.ok()) return region.status();
  auto quota = Find(transaction, uscc, request.year());
  if (!quota.ok()) return quota.status();
  if (!*quota) {
    return base::Refuse(ErrorReason::ERROR_REASON_QUOTA_MISSING, uscc, "no quota is set for the year");
  }
  if ((*quota)->has_declared_rule()) return RefuseDeclared(**quota);
  *(*quota)->mutable_declared_base() = request.base();
  (*quota)->set_etag(base::NextEtag((*quota)->etag()));
  Put(operation, **quota);
  return Respond<v1::DeclareBaseResponse>(transaction, operation.now(), *region, **quota);
}

absl::StatusOr<v1::GetQuotaResponse> Read(store::Reader& reader, const Caller& caller, absl::Time now,
                                          const v1::GetQuotaRequest& request) {
  base::FieldErrors errors;
  CheckYear(request.year(), "year", errors);
  if (!errors.empty()) return errors.ToStatus();
  const std::string uscc = OwnIfEmpty(request.institution_uscc(), caller);
  auto region = RegionFor(reader, caller, uscc);
  if (!region.ok()) return base::NotFound("quota", uscc);
  auto quota = Find(reader, uscc, request.year());
  if (!quota.ok()) return quota.status();
  if (!*quota) return base::NotFound("quota", uscc);
  return Respond<v1::GetQuotaResponse>(reader, now, *region, **quota);
}

absl::StatusOr<store::Page<v1::ListQuotasResponse>> List(store::Reader& reader, const Caller& caller, absl::Time now,
                                                         const v1::ListQuotasRequest& request,
                                                         const store::PageRequest& page) {
  base::FieldErrors errors;
  CheckYear(request.year(), "year", errors);
  directory::RequireRegionOrNone(errors, request.region_prefix(), "region_prefix");
  if (!errors.empty()) return errors.ToStatus();
  store::Page<v1::ListQuotasResponse> result;
  auto last = store::WalkPage(reader, QuotaKey(request.year(), ""), page,
                              [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
                                const std::string uscc = row.key.substr(row.key.rfind('/') + 1);
                                auto region = SeatOf(reader, uscc);
                                if (!region.ok()) return region.status();
                                const bool is_visible = caller.ReadsEverything() || caller.IsOfficerOf(*region);
                                if (!is_visible || !base::IsInside(*region, request.region_prefix())) return false;
                                auto quota = Complete(reader, row.value, *region, now);
                                if (!quota.ok()) return quota.status();
                                *result.response.add_quotas() = *std::move(quota);
                                return true;
                              });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

}  // namespace zhuxiao::quota
