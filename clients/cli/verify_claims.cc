// Checks the books from outside: rewards, pools and waived fees.
#include "clients/cli/verify.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {

using base::StrCat;
using reward::v1::ClaimState;

namespace {

std::string PolicyNameOf(const reward::v1::Statement& statement) {
  return StrCat(statement.policy_id(), "/", statement.policy_version());
}

bool IsPublic(ClaimState state) {
  return state != reward::v1::CLAIM_STATE_SUBMITTED && state != reward::v1::CLAIM_STATE_REVIEWED &&
         state != reward::v1::CLAIM_STATE_RECHECKED && state != reward::v1::CLAIM_STATE_REJECTED;
}

}  // namespace

void BookCheck::CheckWaivers() {
  for (const auto& [id, waiver] : waivers_) {
    CheckBooked(audit::v1::POSTING_CAUSE_FEE_WAIVED, id, true, waiver.amount().amount_fen());
  }
}

void BookCheck::CheckClaims() {
  for (const auto& [id, claim] : claims_) {
    const auto policy = policies_.find(PolicyNameOf(claim.statement()));
    if (policy == policies_.end()) {
      Break(Rule::kClaimReward, id, StrCat("no policy ", PolicyNameOf(claim.statement())));
      continue;
    }
    CheckStatement(id, claim.statement(), policy->second, IsPublic(claim.state()));
    if (claim.has_pay_time()) CheckPaid(id, claim, policy->second);
  }
}

void BookCheck::CheckStatement(const std::string& id, const reward::v1::Statement& statement,
                               const reward::engine::Policy& policy, bool is_published) {
  RewardSums sums;
  for (const reward::v1::WindowStatement& window : statement.windows()) {
    WindowSums& part = sums[window.window()];
    part.counted_fen = window.gross().amount_fen();
    part.refunded_fen = window.refunded().amount_fen();
    part.units = window.units();
    part.unit_value_fen = window.unit_value().amount_fen();
  }
  const int64_t alone_fen = RewardOf(policy, sums);
  const int64_t stated_fen = statement.reward().amount_fen();
  // Who shares may get less; what it is together with the others CheckPools tells.
  const bool is_shared = is_published && IsShared(policy);
  Require(is_shared ? stated_fen >= 0 && stated_fen <= alone_fen : stated_fen == alone_fen, Rule::kClaimReward, id,
          StrCat("statement: reward ", stated_fen, " fen, recomputed ", alone_fen));
  Require(statement.net().amount_fen() == NetOf(sums) &&
              statement.net().amount_fen() == statement.gross().amount_fen() - statement.refunded().amount_fen(),
          Rule::kClaimReward, id, StrCat("statement: net ", statement.net().amount_fen(), ", windows ", NetOf(sums)));
}

void BookCheck::CheckPaid(const std::string& id, const reward::v1::Claim& claim, const reward::engine::Policy& policy) {
  int64_t earned_fen = RewardOf(policy, sold_under_[PolicyNameOf(claim.statement())][claim.claimant_uscc()]);
  const int64_t share_fen = claim.statement().reward().amount_fen();
  if (IsShared(policy) && share_fen < earned_fen) earned_fen = share_fen;
  Require(claim.earned().amount_fen() == earned_fen, Rule::kClaimReward, id,
          StrCat("earned ", claim.earned().amount_fen(), " fen, recomputed from sales ", earned_fen));
  Require(claim.paid().amount_fen() <= share_fen, Rule::kClaimReward, id,
          StrCat("paid ", claim.paid().amount_fen(), " fen of a published ", share_fen));
  const int64_t over_fen = claim.paid().amount_fen() - claim.returned().amount_fen() - earned_fen;
  const int64_t due_fen = over_fen > 0 ? over_fen : 0;
  Require(claim.claw_back_due().amount_fen() == due_fen &&
              (claim.state() == reward::v1::CLAIM_STATE_CLAW_BACK_OPEN) == (due_fen > 0),
          Rule::kClaimReward, id,
          StrCat("claw-back due ", claim.claw_back_due().amount_fen(), " fen, recomputed ", due_fen));
}

void BookCheck::CheckPools() {
  std::map<std::string, int64_t> shared;
  for (const auto& [id, claim] : claims_) {
    if (IsPublic(claim.state())) shared[PolicyNameOf(claim.statement())] += claim.statement().reward().amount_fen();
  }
  for (const auto& [name, policy] : policies_) {
    const int64_t fund_fen = FundOf(policy);
    Require(!policy.pool || shared[name] <= fund_fen, Rule::kRewardPool, name,
            StrCat("published ", shared[name], " fen out of a pool of ", fund_fen));
  }
  for (const auto& [name, balance_fen] : accounts_) {
    if (name.starts_with("pool:")) Require(balance_fen >= 0, Rule::kRewardPool, name, StrCat(balance_fen, " fen"));
  }
}

}  // namespace zhuxiao::cli
