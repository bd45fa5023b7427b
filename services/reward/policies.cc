// Reward policies over the store.
#include "services/reward/policies.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/directory/directory.h"
#include "services/reward/records.h"

namespace zhuxiao::reward {
namespace {

using base::FieldErrors;
using store::Key;

std::string PolicyPrefix(std::string_view jurisdiction, int year) {
  return Key(kPolicyTable, jurisdiction, store::OrderedNumber(year), "");
}

absl::StatusOr<v1::RewardPolicy> ParsePolicy(const store::KeyValue& row) {
  v1::RewardPolicy policy;
  if (!policy.ParseFromString(row.value)) return base::DataLoss(base::StrCat(row.key, " cannot be read"));
  return policy;
}

absl::StatusOr<std::optional<v1::RewardPolicy>> NewestPolicy(store::Reader& reader, std::string_view jurisdiction,
                                                             int year) {
  std::optional<v1::RewardPolicy> newest;
  absl::Status walked = store::WalkAll(reader, PolicyPrefix(jurisdiction, year), [&](const store::KeyValue& row) {
    auto policy = ParsePolicy(row);
    if (!policy.ok()) return policy.status();
    newest = *std::move(policy);
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  return newest;
}

void CheckAmount(const common::v1::Money& money, std::string_view field, FieldErrors& errors) {
  errors.Require(money.amount_fen() >= 0 && money.amount_fen() <= base::kMaxAmountFen, field,
                 base::StrCat("must be 0 to ", base::kMaxAmountFen, " fen"));
}

void CheckProgrammes(const v1::RewardPolicy& policy, FieldErrors& errors) {
  errors.Require(policy.programmes_size() >= 1 && policy.programmes_size() <= kMaxPolicyProgrammes, "policy.programmes",
                 base::StrCat("must name 1 to ", kMaxPolicyProgrammes, " programmes"));
  std::set<std::string> seen;
  for (int i = 0; i < policy.programmes_size(); ++i) {
    const std::string field = base::StrCat("policy.programmes[", i, "]");
    errors.Require(base::IsValidId(policy.programmes(i)), field, "must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
    errors.Require(seen.insert(policy.programmes(i)).second, field, "is named twice");
  }
}

void CheckPolicy(const v1::RewardPolicy& policy, FieldErrors& errors) {
  errors.Require(IsJurisdiction(policy.jurisdiction()), "policy.jurisdiction",
                 "must be the code of a known province, city or county");
  CheckYear(policy.year(), "policy.year", errors);
  errors.Require(policy.version() >= 1, "policy.version", "must be 1 or more");
  const size_t title_length = base::CodePointCount(policy.title());
  errors.Require(title_length >= 1 && title_length <= base::kMaxNameCodePoints, "policy.title",
                 base::StrCat("must be 1 to ", base::kMaxNameCodePoints, " characters"));
  CheckAmount(policy.threshold(), "policy.threshold", errors);
  errors.Require(policy.rate_basis_points() >= 0 && policy.rate_basis_points() <= base::kBasisPoints,
                 "policy.rate_basis_points", base::StrCat("must be 0 to ", base::kBasisPoints));
  CheckAmount(policy.cap(), "policy.cap", errors);
  CheckProgrammes(policy, errors);
  errors.Require(base::CodePointCount(policy.source()) <= base::kMaxRemarkCodePoints, "policy.source",
                 base::StrCat("must be at most ", base::kMaxRemarkCodePoints, " characters"));
}

// OK where `policy` may follow the versions published so far.
absl::Status CheckVersion(store::Reader& reader, const v1::RewardPolicy& policy) {
  const std::string name = base::StrCat(policy.jurisdiction(), "/", policy.year(), "/", policy.version());
  auto row = reader.Get(
      base::StrCat(PolicyPrefix(policy.jurisdiction(), policy.year()), store::OrderedNumber(policy.version())));
  if (!row.ok()) return row.status();
  if (*row) return base::AlreadyExists("reward policy", name);
  auto newest = NewestPolicy(reader, policy.jurisdiction(), policy.year());
  if (!newest.ok()) return newest.status();
  FieldErrors errors;
  if (*newest) {
    errors.Require(policy.version() > (*newest)->version(), "policy.version",
                   base::StrCat("must be more than the newest, ", (*newest)->version()));
  }
  return errors.ToStatus();
}

}  // namespace

bool IsJurisdiction(std::string_view code) {
  const auto level = base::LevelOf(code);
  return level && *level <= base::RegionLevel::kCounty && directory::Counties().Exists(code);
}

void CheckYear(int year, std::string_view field, FieldErrors& errors) {
  errors.Require(year >= kFirstYear && year <= kLastYear, field,
                 base::StrCat("must be ", kFirstYear, " to ", kLastYear));
}

absl::StatusOr<v1::PublishPolicyResponse> PublishPolicy(ledger::Operation& operation,
                                                        const v1::PublishPolicyRequest& request) {
  FieldErrors errors;
  CheckPolicy(request.policy(), errors);
  if (!errors.empty()) return errors.ToStatus();
  v1::RewardPolicy policy = request.policy();
  if (!operation.caller().IsOfficerOf(policy.jurisdiction())) {
    return base::NotFound("jurisdiction", policy.jurisdiction());
  }
  if (absl::Status status = CheckVersion(operation.transaction(), policy); !status.ok()) return status;
  *policy.mutable_publish_time() = base::ToProto(operation.now());
  operation.transaction().Put(
      base::StrCat(PolicyPrefix(policy.jurisdiction(), policy.year()), store::OrderedNumber(policy.version())),
      policy.SerializeAsString());
  v1::PublishPolicyResponse response;
  *response.mutable_policy() = std::move(policy);
  return response;
}

absl::StatusOr<v1::GetPolicyResponse> GetPolicy(store::Reader& reader, const v1::GetPolicyRequest& request) {
  const std::string name = base::StrCat(request.jurisdiction(), "/", request.year(), "/", request.version());
  const bool is_possible = IsJurisdiction(request.jurisdiction()) && request.year() >= kFirstYear &&
                           request.year() <= kLastYear && request.version() >= 0;
  if (!is_possible) return base::NotFound("reward policy", name);
  v1::GetPolicyResponse response;
  if (request.version() == 0) {
    auto newest = NewestPolicy(reader, request.jurisdiction(), request.year());
    if (!newest.ok()) return newest.status();
    if (!*newest) return base::NotFound("reward policy", name);
    *response.mutable_policy() = **std::move(newest);
    return response;
  }
  const std::string key =
      base::StrCat(PolicyPrefix(request.jurisdiction(), request.year()), store::OrderedNumber(request.version()));
  auto row = reader.Get(key);
  if (!row.ok()) return row.status();
  if (!*row) return base::NotFound("reward policy", name);
  auto policy = ParsePolicy({key, **row});
  if (!policy.ok()) return policy.status();
  *response.mutable_policy() = *std::move(policy);
  return response;
}

absl::StatusOr<store::Page<v1::ListPoliciesResponse>> ListPolicies(store::Reader& reader,
                                                                   const store::PageRequest& page) {
  store::Page<v1::ListPoliciesResponse> result;
  auto last =
      store::WalkPage(reader, Key(kPolicyTable, ""), page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
        auto policy = ParsePolicy(row);
        if (!policy.ok()) return policy.status();
        *result.response.add_policies() = *std::move(policy);
        return true;
      });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::StatusOr<v1::RewardPolicy> PolicyInForce(store::Reader& reader, std::string_view jurisdiction, int year) {
  auto newest = NewestPolicy(reader, jurisdiction, year);
  if (!newest.ok()) return newest.status();
  if (!*newest) {
    return base::Refuse(base::ErrorReason::ERROR_REASON_POLICY_MISSING, base::StrCat(jurisdiction, "/", year),
                        "no reward policy is in force for the jurisdiction and year");
  }
  return **std::move(newest);
}

}  // namespace zhuxiao::reward
