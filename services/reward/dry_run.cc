// Dry runs of policies.
#include "services/reward/dry_run.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/time/civil_time.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/reward/awards.h"
#include "services/reward/policies.h"
#include "services/reward/reward.h"
#include "services/reward/statements.h"

namespace zhuxiao::reward {
namespace {

// The same day so many years earlier; the 29th of February becomes the 1st of March where there is none.
base::Day YearsBefore(base::Day day, int years) {
  const absl::CivilDay civil = absl::CivilDay(1970, 1, 1) + day;
  return static_cast<base::Day>(absl::CivilDay(civil.year() - years, civil.month(), civil.day()) -
                                absl::CivilDay(1970, 1, 1));
}

// Gathers the sales of firms seated in the policy's jurisdiction, which come firm by firm.
class Gathering {
 public:
  Gathering(store::Reader& reader, const ReadyPolicy& policy) : reader_(reader), policy_(policy) {}

  absl::Status Add(const v1::OnlineSale& sale) {
    if (++count_ > kMaxDryRunSales) {
      return base::Refuse(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, policy_.record.policy_id(),
                          base::StrCat("there are more than ", kMaxDryRunSales,
                                       " sales; export them and use `zhuxiao reward compute`"));
    }
    if (sale.claimant_uscc() != claimant_) {
      Close();
      claimant_ = sale.claimant_uscc();
      auto firm = directory::GetOrganisation(reader_, claimant_);
      if (!firm.ok()) return firm.status();
      is_inside_ = Covers(policy_.record.jurisdiction(), firm->region_code());
    }
    if (!is_inside_) return absl::OkStatus();
    if (!totals_) totals_.emplace(policy_.rule);
    totals_->Add(sale);
    AddDraw(policy_.rule, sale, draws_);
    return absl::OkStatus();
  }

  // Ends the firm at hand.
  void Close() {
    const bool has_lines = totals_ && totals_->totals().counted_count + totals_->totals().excluded_count > 0;
    if (has_lines) sharers_.push_back({claimant_, totals_->totals(), std::move(draws_)});
    totals_.reset();
    draws_.clear();
  }

  const std::vector<Sharer>& sharers() const { return sharers_; }

 private:
  store::Reader& reader_;
  const ReadyPolicy& policy_;
  int64_t count_ = 0;
  std::string claimant_;
  bool is_inside_ = false;
  std::optional<TotalsBySale> totals_;
  std::vector<SaleDraw> draws_;
  std::vector<Sharer> sharers_;
};

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

absl::StatusOr<v1::DryRunPolicyResponse> DryRunPolicy(store::Reader& reader, const base::Caller& caller,
                                                      const v1::DryRunPolicyRequest& request) {
  base::FieldErrors errors;
  errors.Require(request.years_back() >= 0 && request.years_back() <= kMaxYearsBack, "years_back",
                 base::StrCat("must be 0 to ", kMaxYearsBack));
  if (!errors.empty()) return errors.ToStatus();
  auto policy = FindPolicy(reader, caller, request.policy_id(), request.version());
  if (!policy.ok()) return policy.status();
  if (!caller.IsOfficerOf(policy->record.jurisdiction())) {
    return base::NotFound("reward policy", request.policy_id());
  }
  policy->rule.period.first_day = YearsBefore(policy->rule.period.first_day, request.years_back());
  policy->rule.period.last_day = YearsBefore(policy->rule.period.last_day, request.years_back());

  Gathering gathering(reader, *policy);
  absl::Status walked = ForEachSale(reader, [&](const v1::OnlineSale& sale) { return gathering.Add(sale); });
  if (!walked.ok()) return walked;
  gathering.Close();
  auto awards = AwardTogether(policy->rule, gathering.sharers());
  if (!awards.ok()) return awards.status();
  v1::DryRunPolicyResponse response;
  response.set_first_day(base::FormatDay(policy->rule.period.first_day));
  response.set_last_day(base::FormatDay(policy->rule.period.last_day));
  SumUp(*policy, gathering.sharers(), *awards, response);
  return response;
}

}  // namespace zhuxiao::reward
