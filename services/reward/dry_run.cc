// Dry runs of policies.
#include "services/reward/dry_run.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/reward/awards.h"
#include "services/reward/sale_walk.h"
#include "services/reward/statements.h"

namespace zhuxiao::reward {
namespace {

// The same day so many years earlier; the 29th of February becomes the 1st of March where there is none.
base::Day YearsBefore(base::Day day, int years) {
  const absl::CivilDay civil = absl::CivilDay(1970, 1, 1) + day;
  return static_cast<base::Day>(absl::CivilDay(civil.year() - years, civil.month(), civil.day()) -
                                absl::CivilDay(1970, 1, 1));
}

// The firms of the policy's jurisdiction that sold anything in its period, each with what its sales come to.
absl::StatusOr<std::vector<Sharer>> Gather(store::Reader& reader, const ReadyPolicy& policy) {
  std::vector<Sharer> sharers;
  int64_t count = 0;
  absl::Status walked = ForEachSellerIn(reader, policy.record.jurisdiction(), [&](const std::string& claimant) {
    TotalsBySale totals(policy.rule);
    std::vector<SaleDraw> draws;
    absl::Status status = ForEachSaleOf(reader, claimant, [&](const v1::OnlineSale& sale) {
      if (++count > kMaxDryRunSales) {
        return base::Refuse(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, policy.record.policy_id(),
                            base::StrCat("there are more than ", kMaxDryRunSales,
                                         " sales: `zhuxiao reward sales` and `zhuxiao reward compute` take them"));
      }
      totals.Add(sale);
      AddDraw(policy.rule, sale, draws);
      return absl::OkStatus();
    });
    const bool has_lines = totals.totals().counted_count + totals.totals().excluded_count > 0;
    if (has_lines) sharers.push_back({claimant, totals.totals(), std::move(draws)});
    return status;
  });
  if (!walked.ok()) return walked;
  return sharers;
}

void SumUp(const ReadyPolicy& policy, const std::vector<Sharer>& sharers,
           const std::vector<std::vector<engine::Award>>& awards, v1::DryRunPolicyResponse& response) {
  std::vector<v1::Statement> statements;
  int64_t reward_fen = 0;
  for (size_t i = 0; i < sharers.size(); ++i) {
    statements.push_back(MakeStatement(sharers[i].claimant_uscc, policy, sharers[i].totals, awards[i]));
    reward_fen += statements.back().reward().amount_fen();
    if (statements.back().reward().amount_fen() > 0) response.set_paid_count(response.paid_count() + 1);
  }
  response.set_claimant_count(static_cast<int64_t>(sharers.size()));
  response.mutable_reward()->set_amount_fen(reward_fen);
  if (statements.size() > kMaxDryRunStatements) {
    std::stable_sort(statements.begin(), statements.end(), [](const v1::Statement& a, const v1::Statement& b) {
      return a.reward().amount_fen() > b.reward().amount_fen();
    });
    statements.resize(kMaxDryRunStatements);
    std::sort(statements.begin(), statements.end(),
              [](const v1::Statement& a, const v1::Statement& b) { return a.claimant_uscc() < b.claimant_uscc(); });
  }
  for (v1::Statement& statement : statements) *response.add_statements() = std::move(statement);
}

}  // namespace

absl::StatusOr<ReadyPolicy> EarlierPolicy(store::Reader& reader, const base::Caller& caller,
                                          const std::string& policy_id, int version, int years_back) {
  base::FieldErrors errors;
  errors.Require(years_back >= 0 && years_back <= kMaxYearsBack, "years_back",
                 base::StrCat("must be 0 to ", kMaxYearsBack));
  if (!errors.empty()) return errors.ToStatus();
  auto policy = FindPolicy(reader, caller, policy_id, version);
  if (!policy.ok()) return policy.status();
  if (!caller.IsOfficerOf(policy->record.jurisdiction())) return base::NotFound("reward policy", policy_id);
  policy->rule.period.first_day = YearsBefore(policy->rule.period.first_day, years_back);
  policy->rule.period.last_day = YearsBefore(policy->rule.period.last_day, years_back);
  return policy;
}

absl::StatusOr<v1::DryRunPolicyResponse> DryRunPolicy(store::Reader& reader, const base::Caller& caller,
                                                      const v1::DryRunPolicyRequest& request) {
  auto policy = EarlierPolicy(reader, caller, request.policy_id(), request.version(), request.years_back());
  if (!policy.ok()) return policy.status();
  auto sharers = Gather(reader, *policy);
  if (!sharers.ok()) return sharers.status();
  auto awards = AwardTogether(policy->rule, *sharers);
  if (!awards.ok()) return awards.status();
  v1::DryRunPolicyResponse response;
  response.set_first_day(base::FormatDay(policy->rule.period.first_day));
  response.set_last_day(base::FormatDay(policy->rule.period.last_day));
  SumUp(*policy, *sharers, *awards, response);
  return response;
}

}  // namespace zhuxiao::reward
