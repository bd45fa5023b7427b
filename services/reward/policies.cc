// Reward policies over the store.
#include "services/reward/policies.h"

#include <openssl/sha.h>

#include <optional>

#include "absl/strings/escaping.h"
#include "services/base/clock.h"
#include "services/base/ids.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/ledger/posting.h"
#include "services/reward/engine/explain.h"
#include "services/reward/engine/policy_file.h"
#include "services/reward/policy_checks.h"
#include "services/reward/records.h"
#include "services/reward/reward.h"

namespace zhuxiao::reward {
namespace {

using base::ErrorReason;
using base::FieldErrors;
using store::Key;

constexpr std::string_view kWholeCountry = "00";

std::string NameOf(const std::string& policy_id, int version) { return base::StrCat(policy_id, "/", version); }

std::string DigestOf(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

// An operator acts everywhere; an officer inside the own region.
bool IsOfficerFor(const base::Caller& caller, const std::string& jurisdiction) {
  return caller.IsOfficerOf(jurisdiction);
}

bool MaySee(const base::Caller& caller, const v1::RewardPolicy& policy) {
  return policy.state() == v1::POLICY_STATE_PUBLISHED || caller.ReadsEverything() ||
         IsOfficerFor(caller, policy.jurisdiction());
}

absl::StatusOr<v1::RewardPolicy> ParsePolicy(std::string_view key, const std::string& value) {
  v1::RewardPolicy policy;
  if (!policy.ParseFromString(value)) return base::DataLoss(base::StrCat(key, " cannot be read"));
  return policy;
}

absl::StatusOr<ReadyPolicy> MakeReady(v1::RewardPolicy record) {
  engine::PolicyReading reading = engine::ReadPolicy(record.toml());
  // What is stored was read without a fault before.
  if (!reading.faults.empty()) {
    return base::DataLoss(base::StrCat("policy ", NameOf(record.policy_id(), record.version()), " cannot be read"));
  }
  return ReadyPolicy{std::move(record), std::move(reading.policy)};
}

// The version, or nullopt.
absl::StatusOr<std::optional<v1::RewardPolicy>> FindRecord(store::Reader& reader, const std::string& policy_id,
                                                           int version) {
  if (!base::IsValidId(policy_id) || version < 1) return std::optional<v1::RewardPolicy>();
  const std::string key = Key(kPolicyTable, PolicyVersion(policy_id, version));
  auto row = reader.Get(key);
  if (!row.ok()) return row.status();
  if (!*row) return std::optional<v1::RewardPolicy>();
  auto policy = ParsePolicy(key, **row);
  if (!policy.ok()) return policy.status();
  return std::optional<v1::RewardPolicy>(*std::move(policy));
}

// The newest published version, or nullopt.
absl::StatusOr<std::optional<v1::RewardPolicy>> NewestPublished(store::Reader& reader, const std::string& policy_id) {
  std::optional<v1::RewardPolicy> newest;
  if (!base::IsValidId(policy_id)) return newest;
  absl::Status walked =
      store::WalkAll(reader, Key(kPolicyTable, policy_id, ""), [&](const store::KeyValue& row) -> absl::Status {
        auto policy = ParsePolicy(row.key, row.value);
        if (!policy.ok()) return policy.status();
        if (policy->state() == v1::POLICY_STATE_PUBLISHED) newest = *std::move(policy);
        return absl::OkStatus();
      });
  if (!walked.ok()) return walked;
  return newest;
}

void Save(ledger::Operation& operation, const v1::RewardPolicy& policy) {
  operation.transaction().Put(Key(kPolicyTable, PolicyVersion(policy.policy_id(), policy.version())),
                              policy.SerializeAsString());
  *operation.event().mutable_policy() = policy;
}

v1::RewardPolicy RecordOf(const engine::Policy& rule, const std::string& text) {
  v1::RewardPolicy policy;
  policy.set_policy_id(rule.id);
  policy.set_version(static_cast<int32_t>(rule.version));
  policy.set_jurisdiction(rule.jurisdiction);
  policy.set_title_zh(rule.title_zh);
  policy.set_title_en(rule.title_en);
  policy.set_first_day(base::FormatDay(rule.period.first_day));
  policy.set_last_day(base::FormatDay(rule.period.last_day));
  policy.set_toml(text);
  policy.set_digest(DigestOf(text));
  return policy;
}

// OK where this version may be proposed, now or again.
absl::Status CheckVersion(store::Reader& reader, const v1::RewardPolicy& policy) {
  auto known = FindRecord(reader, policy.policy_id(), policy.version());
  if (!known.ok()) return known.status();
  const bool is_open =
      !*known || (*known)->state() == v1::POLICY_STATE_PROPOSED || (*known)->state() == v1::POLICY_STATE_REJECTED;
  if (!is_open || (*known && (*known)->jurisdiction() != policy.jurisdiction())) {
    return base::AlreadyExists("reward policy", NameOf(policy.policy_id(), policy.version()));
  }
  return CheckSuccession(reader, policy);
}

// The record, where the caller is an officer of its jurisdiction and did not propose it.
absl::StatusOr<v1::RewardPolicy> OfAnotherOfficer(ledger::Operation& operation, const std::string& policy_id,
                                                  int version, v1::PolicyState wanted) {
  auto found = FindRecord(operation.transaction(), policy_id, version);
  if (!found.ok()) return found.status();
  if (!*found || !IsOfficerFor(operation.caller(), (*found)->jurisdiction())) {
    return base::NotFound("reward policy", NameOf(policy_id, version));
  }
  const v1::RewardPolicy& policy = **found;
  if (policy.state() != wanted) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, NameOf(policy_id, version),
                        base::StrCat("the policy is in ", v1::PolicyState_Name(policy.state())));
  }
  if (policy.proposed_by() == operation.caller().token_id) {
    return base::Refuse(ErrorReason::ERROR_REASON_FOUR_EYES, NameOf(policy_id, version),
                        "who proposed a policy may neither review nor publish it");
  }
  return policy;
}

int64_t FundOf(const engine::Policy& rule) {
  if (!rule.pool) return 0;
  return rule.pool->amount_fen * static_cast<int64_t>(engine::WindowCount(rule.period));
}

// Moves money between the public fund and the pool, so that the pool has been given what this version says.
absl::Status FundPool(ledger::Operation& operation, const ReadyPolicy& policy,
                      const std::optional<v1::RewardPolicy>& former) {
  int64_t given_fen = 0;
  if (former) {
    auto ready = MakeReady(*former);
    if (!ready.ok()) return ready.status();
    given_fen = FundOf(ready->rule);
  }
  const int64_t change_fen = FundOf(policy.rule) - given_fen;
  if (change_fen == 0) return absl::OkStatus();
  return ledger::Post(operation, audit::v1::POSTING_CAUSE_POOL_FUNDED,
                      NameOf(policy.record.policy_id(), policy.record.version()),
                      {{ledger::RewardPool(policy.record.policy_id()), change_fen, /*may_go_below_zero=*/false},
                       {ledger::RewardFund(policy.record.jurisdiction()), -change_fen}});
}

}  // namespace

bool IsJurisdiction(std::string_view code) {
  if (code == kWholeCountry) return true;
  const auto level = base::LevelOf(code);
  return level && *level <= base::RegionLevel::kCounty && directory::Counties().Exists(code);
}

bool Covers(std::string_view jurisdiction, std::string_view region_code) {
  return jurisdiction == kWholeCountry || base::IsInside(region_code, jurisdiction);
}

void CheckYear(int year, std::string_view field, FieldErrors& errors) {
  errors.Require(year >= kFirstYear && year <= kLastYear, field,
                 base::StrCat("must be ", kFirstYear, " to ", kLastYear));
}

absl::StatusOr<v1::ProposePolicyResponse> ProposePolicy(ledger::Operation& operation,
                                                        const v1::ProposePolicyRequest& request) {
  auto rule = ReadForService(request.toml());
  if (!rule.ok()) return rule.status();
  v1::RewardPolicy policy = RecordOf(*rule, request.toml());
  if (!IsOfficerFor(operation.caller(), policy.jurisdiction())) {
    return base::NotFound("jurisdiction", policy.jurisdiction());
  }
  if (absl::Status status = CheckVersion(operation.transaction(), policy); !status.ok()) return status;
  policy.set_state(v1::POLICY_STATE_PROPOSED);
  policy.set_proposed_by(operation.caller().token_id);
  *policy.mutable_propose_time() = base::ToProto(operation.now());
  Save(operation, policy);
  v1::ProposePolicyResponse response;
  *response.mutable_policy() = std::move(policy);
  return response;
}

absl::StatusOr<v1::ReviewPolicyResponse> ReviewPolicy(ledger::Operation& operation,
                                                      const v1::ReviewPolicyRequest& request) {
  FieldErrors errors;
  CheckCause(request.is_approved(), request.cause(), errors);
  if (!errors.empty()) return errors.ToStatus();
  auto policy = OfAnotherOfficer(operation, request.policy_id(), request.version(), v1::POLICY_STATE_PROPOSED);
  if (!policy.ok()) return policy.status();
  policy->set_state(request.is_approved() ? v1::POLICY_STATE_REVIEWED : v1::POLICY_STATE_REJECTED);
  policy->set_reviewed_by(operation.caller().token_id);
  policy->set_cause(request.cause());
  Save(operation, *policy);
  v1::ReviewPolicyResponse response;
  *response.mutable_policy() = *std::move(policy);
  return response;
}

absl::StatusOr<v1::PublishPolicyResponse> PublishPolicy(ledger::Operation& operation,
                                                        const v1::PublishPolicyRequest& request) {
  auto policy = OfAnotherOfficer(operation, request.policy_id(), request.version(), v1::POLICY_STATE_REVIEWED);
  if (!policy.ok()) return policy.status();
  if (absl::Status status = CheckSuccession(operation.transaction(), *policy); !status.ok()) return status;
  auto former = NewestPublished(operation.transaction(), policy->policy_id());
  if (!former.ok()) return former.status();
  auto ready = MakeReady(*policy);
  if (!ready.ok()) return ready.status();
  if (absl::Status status = FundPool(operation, *ready, *former); !status.ok()) return status;
  policy->set_state(v1::POLICY_STATE_PUBLISHED);
  *policy->mutable_publish_time() = base::ToProto(operation.now());
  operation.transaction().Put(
      Key(kPolicyInTable, policy->jurisdiction(), PolicyVersion(policy->policy_id(), policy->version())), "");
  Save(operation, *policy);
  v1::PublishPolicyResponse response;
  *response.mutable_policy() = *std::move(policy);
  return response;
}

absl::StatusOr<ReadyPolicy> FindPolicy(store::Reader& reader, const base::Caller& caller, const std::string& policy_id,
                                       int version) {
  auto found = version == 0 ? NewestPublished(reader, policy_id) : FindRecord(reader, policy_id, version);
  if (!found.ok()) return found.status();
  if (!*found || !MaySee(caller, **found)) return base::NotFound("reward policy", NameOf(policy_id, version));
  return MakeReady(**std::move(found));
}

absl::StatusOr<v1::GetPolicyResponse> GetPolicy(store::Reader& reader, const base::Caller& caller,
                                                const v1::GetPolicyRequest& request) {
  auto policy = FindPolicy(reader, caller, request.policy_id(), request.version());
  if (!policy.ok()) return policy.status();
  v1::GetPolicyResponse response;
  *response.mutable_policy() = std::move(policy->record);
  response.set_explanation_zh(engine::ExplainInChinese(policy->rule));
  response.set_explanation_en(engine::ExplainInEnglish(policy->rule));
  return response;
}

absl::StatusOr<store::Page<v1::ListPoliciesResponse>> ListPolicies(store::Reader& reader, const base::Caller& caller,
                                                                   const v1::ListPoliciesRequest& request,
                                                                   const store::PageRequest& page) {
  const std::string& jurisdiction = request.jurisdiction();
  FieldErrors errors;
  errors.Require(jurisdiction.empty() || IsJurisdiction(jurisdiction), "jurisdiction", "is no known region");
  if (!errors.empty()) return errors.ToStatus();
  store::Page<v1::ListPoliciesResponse> result;
  auto last =
      store::WalkPage(reader, Key(kPolicyTable, ""), page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
        auto policy = ParsePolicy(row.key, row.value);
        if (!policy.ok()) return policy.status();
        const bool is_wanted = jurisdiction.empty() || policy->jurisdiction() == jurisdiction;
        if (!is_wanted || !MaySee(caller, *policy)) return false;
        policy->clear_toml();
        *result.response.add_policies() = *std::move(policy);
        return true;
      });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::StatusOr<ReadyPolicy> PublishedPolicy(store::Reader& reader, const std::string& policy_id, int version) {
  auto found = version == 0 ? NewestPublished(reader, policy_id) : FindRecord(reader, policy_id, version);
  if (!found.ok()) return found.status();
  if (!*found || (*found)->state() != v1::POLICY_STATE_PUBLISHED) {
    return base::Refuse(ErrorReason::ERROR_REASON_POLICY_MISSING, NameOf(policy_id, version),
                        "no policy of this id and version is published");
  }
  return MakeReady(**std::move(found));
}

absl::StatusOr<std::vector<ReadyPolicy>> PoliciesFor(store::Reader& reader, std::string_view region_code) {
  std::vector<ReadyPolicy> policies;
  const auto add = [&](std::string_view jurisdiction) -> absl::Status {
    const std::string prefix = Key(kPolicyInTable, jurisdiction, "");
    return store::WalkAll(reader, prefix, [&](const store::KeyValue& row) -> absl::Status {
      const std::string key = Key(kPolicyTable, row.key.substr(prefix.size()));
      auto value = reader.Get(key);
      if (!value.ok()) return value.status();
      if (!*value) return base::DataLoss(base::StrCat(row.key, " names no policy"));
      auto record = ParsePolicy(key, **value);
      if (!record.ok()) return record.status();
      auto ready = MakeReady(*std::move(record));
      if (!ready.ok()) return ready.status();
      policies.push_back(*std::move(ready));
      return absl::OkStatus();
    });
  };
  if (absl::Status status = add(kWholeCountry); !status.ok()) return status;
  for (const size_t digits : {2, 4, 6}) {
    if (region_code.size() < digits) break;
    if (absl::Status status = add(region_code.substr(0, digits)); !status.ok()) return status;
  }
  return policies;
}

absl::Status CheckSuccession(store::Reader& reader, const v1::RewardPolicy& policy) {
  auto newest = NewestPublished(reader, policy.policy_id());
  if (!newest.ok()) return newest.status();
  if (!*newest) return absl::OkStatus();
  FieldErrors errors;
  errors.Require(policy.version() > (*newest)->version(), PlaceOf(policy.toml(), "policy.version"),
                 base::StrCat("must be more than the newest published, ", (*newest)->version()));
  errors.Require(policy.jurisdiction() == (*newest)->jurisdiction(), PlaceOf(policy.toml(), "policy.jurisdiction"),
                 base::StrCat("must stay what it was, ", (*newest)->jurisdiction()));
  return errors.ToStatus();
}

absl::Status ForEachPolicy(store::Reader& reader, const std::function<absl::Status(const v1::RewardPolicy&)>& visit) {
  return store::WalkAll(reader, Key(kPolicyTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    auto policy = ParsePolicy(row.key, row.value);
    return policy.ok() ? visit(*policy) : policy.status();
  });
}

}  // namespace zhuxiao::reward
