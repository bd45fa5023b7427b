#include "services/quota/rule_book.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <tuple>

#include "services/base/errors.h"
#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/directory/filters.h"
#include "services/quota/records.h"
#include "services/quota/rules.h"
#include "services/store/page.h"

namespace zhuxiao::quota {
namespace {

using base::ErrorReason;

auto OrderOf(const v1::QuotaRule& rule) {
  return std::tuple(rule.year(), std::string_view(rule.region_code()), static_cast<int>(rule.kind()), rule.version());
}

std::string NameOf(const v1::QuotaRule& rule) {
  return base::StrCat(rule.year(), "/", rule.region_code(), "/", v1::QuotaKind_Name(rule.kind()), "/", rule.version());
}

absl::StatusOr<v1::QuotaRule> Parse(const store::KeyValue& row) {
  v1::QuotaRule rule;
  if (!rule.ParseFromString(row.value)) return base::DataLoss("a rule of quotas cannot be read");
  return rule;
}

// All versions of one year, region and kind, lowest first.
absl::StatusOr<std::vector<v1::QuotaRule>> Versions(store::Reader& reader, int year, std::string_view region_code,
                                                    v1::QuotaKind kind) {
  std::vector<v1::QuotaRule> versions;
  for (const v1::QuotaRule& rule : Rules()) {
    if (rule.year() == year && rule.region_code() == region_code && rule.kind() == kind) versions.push_back(rule);
  }
  const absl::Status walked =
      store::WalkAll(reader, RulePrefix(year, region_code, kind), [&](const store::KeyValue& row) -> absl::Status {
        auto rule = Parse(row);
        if (!rule.ok()) return rule.status();
        versions.push_back(*std::move(rule));
        return absl::OkStatus();
      });
  if (!walked.ok()) return walked;
  return versions;
}

// The rule that holds nearest to the region; in one region that of the first of `kinds` that has any.
absl::StatusOr<std::optional<v1::QuotaRule>> Nearest(store::Reader& reader, int year, std::string_view region_code,
                                                     std::initializer_list<v1::QuotaKind> kinds) {
  // Village, township, county, city, province, country.
  for (const size_t digits : {12, 9, 6, 4, 2, 0}) {
    if (digits > region_code.size()) continue;
    for (const v1::QuotaKind kind : kinds) {
      auto versions = Versions(reader, year, region_code.substr(0, digits), kind);
      if (!versions.ok()) return versions.status();
      for (auto it = versions->rbegin(); it != versions->rend(); ++it) {
        if (it->state() == v1::QUOTA_RULE_STATE_APPROVED) return std::optional(*it);
      }
    }
  }
  return std::optional<v1::QuotaRule>();
}

absl::Status CheckAccess(const base::Caller& caller, const std::string& region_code) {
  const bool is_whole_country = caller.role == base::Role::ROLE_OPERATOR || caller.region.empty();
  if (region_code.empty() ? is_whole_country : caller.IsOfficerOf(region_code)) return absl::OkStatus();
  return base::NotFound("region", region_code);
}

void Put(ledger::Operation& operation, const v1::QuotaRule& rule) {
  operation.transaction().Put(RuleKey(rule), rule.SerializeAsString());
  *operation.event().mutable_quota_rule() = rule;
}

}  // namespace

absl::StatusOr<v1::QuotaRule> RuleFor(store::Reader& reader, int year, std::string_view region_code, v1::QuotaKind kind,
                                      std::string_view subject) {
  auto rule = Nearest(reader, year, region_code, {kind});
  if (!rule.ok()) return rule.status();
  if (*rule) return **std::move(rule);
  return base::Refuse(ErrorReason::ERROR_REASON_POLICY_MISSING, subject,
                      base::StrCat("no rule of this kind holds for ", region_code, " in ", year));
}

absl::StatusOr<std::optional<v1::QuotaRule>> FindRule(store::Reader& reader, int year, std::string_view region_code) {
  return Nearest(reader, year, region_code, {v1::QUOTA_KIND_SHARE, v1::QUOTA_KIND_GROWTH});
}

absl::StatusOr<std::vector<v1::QuotaRule>> AllRules(store::Reader& reader, int year) {
  std::vector<v1::QuotaRule> rules;
  const auto take = [&](const v1::QuotaRule& rule) {
    if (year == 0 || rule.year() == year) rules.push_back(rule);
  };
  for (const v1::QuotaRule& rule : Rules()) take(rule);
  const absl::Status walked = store::WalkAll(reader, store::Key(kRuleTable, ""), [&](const store::KeyValue& row) {
    auto rule = Parse(row);
    if (rule.ok()) take(*rule);
    return rule.status();
  });
  if (!walked.ok()) return walked;
  std::sort(rules.begin(), rules.end(),
            [](const v1::QuotaRule& a, const v1::QuotaRule& b) { return OrderOf(a) < OrderOf(b); });
  return rules;
}

absl::StatusOr<v1::ProposeQuotaRuleResponse> ProposeRule(ledger::Operation& operation,
                                                         const v1::ProposeQuotaRuleRequest& request) {
  base::FieldErrors errors;
  CheckRule(request.rule(), "rule.", errors);
  directory::RequireRegionOrNone(errors, request.rule().region_code(), "rule.region_code");
  if (!errors.empty()) return errors.ToStatus();
  if (absl::Status allowed = CheckAccess(operation.caller(), request.rule().region_code()); !allowed.ok()) {
    return allowed;
  }
  auto versions =
      Versions(operation.transaction(), request.rule().year(), request.rule().region_code(), request.rule().kind());
  if (!versions.ok()) return versions.status();
  const v1::QuotaRule* last = versions->empty() ? nullptr : &versions->back();
  if (last != nullptr && last->state() == v1::QUOTA_RULE_STATE_PROPOSED) {
    return base::Refuse(ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, NameOf(*last),
                        "the version before waits for its approval");
  }
  v1::ProposeQuotaRuleResponse response;
  v1::QuotaRule& rule = *response.mutable_rule();
  rule = request.rule();
  rule.set_version(last == nullptr ? 1 : last->version() + 1);
  rule.set_state(v1::QUOTA_RULE_STATE_PROPOSED);
  rule.set_proposed_by(operation.caller().token_id);
  rule.clear_approved_by();
  Put(operation, rule);
  return response;
}

absl::StatusOr<v1::ApproveQuotaRuleResponse> ApproveRule(ledger::Operation& operation,
                                                         const v1::ApproveQuotaRuleRequest& request) {
  v1::QuotaRule asked;
  asked.set_year(request.year());
  asked.set_region_code(request.region_code());
  asked.set_kind(request.kind());
  asked.set_version(request.version());
  if (absl::Status allowed = CheckAccess(operation.caller(), asked.region_code()); !allowed.ok()) return allowed;
  auto versions = Versions(operation.transaction(), asked.year(), asked.region_code(), asked.kind());
  if (!versions.ok()) return versions.status();
  const auto found = std::find_if(versions->begin(), versions->end(), [&](const v1::QuotaRule& rule) {
    return rule.version() == asked.version() && rule.state() == v1::QUOTA_RULE_STATE_PROPOSED;
  });
  if (found == versions->end()) return base::NotFound("proposed quota rule", NameOf(asked));
  if (found->proposed_by() == operation.caller().token_id) {
    return base::Refuse(ErrorReason::ERROR_REASON_FOUR_EYES, NameOf(asked), "who proposed a rule may not approve it");
  }
  v1::ApproveQuotaRuleResponse response;
  *response.mutable_rule() = *found;
  response.mutable_rule()->set_state(v1::QUOTA_RULE_STATE_APPROVED);
  response.mutable_rule()->set_approved_by(operation.caller().token_id);
  Put(operation, response.rule());
  return response;
}

}  // namespace zhuxiao::quota
