// Checks the books from outside: money and rewards.
#include "clients/cli/verify.h"
#include "clients/cli/verify_rules.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {

using base::StrCat;

void BookCheck::CheckMoney() {
  int64_t sum = 0;
  for (const auto& [name, balance_fen] : accounts_) {
    sum += balance_fen;
    Require(balance_fen == posted_[name], Rule::kMoneyBalance, name,
            StrCat("book: ", balance_fen, " fen; entries: ", posted_[name]));
  }
  Require(sum == 0, Rule::kMoneyBalance, "*", StrCat("all accounts sum to ", sum, " fen"));
  for (const auto& [name, posted_fen] : posted_) {
    Require(posted_fen == 0 || accounts_.contains(name), Rule::kMoneyBalance, name, "is in no book");
  }
  for (const auto& [id, contract] : contracts_) {
    const int64_t amount_fen = contract.accepted_amount().amount_fen();
    const bool is_settled = contract.state() == order::v1::CONTRACT_STATE_SETTLED;
    const bool is_accepted = is_settled || contract.state() == order::v1::CONTRACT_STATE_ACCEPTED;
    CheckBooked(audit::v1::POSTING_CAUSE_CONTRACT_ACCEPTED, id, is_accepted, amount_fen);
    CheckBooked(audit::v1::POSTING_CAUSE_CONTRACT_SETTLED, id, is_settled, amount_fen);
  }
  for (const auto& [id, sale] : sales_) {
    CheckBooked(audit::v1::POSTING_CAUSE_PLATFORM_SALE, id, true, sale.amount().amount_fen());
  }
  for (const auto& [id, claim] : claims_) {
    CheckBooked(audit::v1::POSTING_CAUSE_CLAIM_PAID, id, claim.has_pay_time(), claim.paid().amount_fen());
  }
  for (const auto& [key, booked] : booked_) {
    const std::string& id = key.second;
    Require(contracts_.contains(id) || sales_.contains(id) || claims_.contains(id), Rule::kMoneyCause, id,
            StrCat("an entry for ", audit::v1::PostingCause_Name(static_cast<audit::v1::PostingCause>(key.first)),
                   " names nothing in the books"));
  }
}

// What is due for a thing was booked exactly once, with its amount; what is not due was not booked.
void BookCheck::CheckBooked(audit::v1::PostingCause cause, const std::string& id, bool is_due, int64_t amount_fen) {
  const auto it = booked_.find({cause, id});
  const Booked booked = it == booked_.end() ? Booked{} : it->second;
  const bool holds = is_due && amount_fen > 0 ? booked.count == 1 && booked.largest_leg_fen == amount_fen
                                              : booked.largest_leg_fen == 0;
  Require(holds, Rule::kMoneyCause, id,
          StrCat(audit::v1::PostingCause_Name(cause), ": ", booked.count, " entries of ", booked.largest_leg_fen,
                 " fen, due ", is_due ? amount_fen : 0));
}

int64_t BookCheck::NetOf(const reward::v1::Claim& claim) const {
  const reward::v1::RewardPolicy& policy = claim.statement().policy();
  const auto year = online_sales_.find({claim.claimant_uscc(), policy.year()});
  if (year == online_sales_.end()) return 0;
  int64_t net_fen = 0;
  for (const auto& [name, scope] : year->second) {
    bool is_counted = false;
    for (const std::string& programme : policy.programmes()) is_counted |= scope.programmes.contains(programme);
    if (is_counted) net_fen += scope.net_fen;
  }
  return net_fen;
}

void BookCheck::CheckClaims() {
  for (const auto& [id, claim] : claims_) {
    const reward::v1::Statement& statement = claim.statement();
    const int64_t stated_fen = RewardOf(statement.policy(), statement.net().amount_fen());
    Require(statement.reward().amount_fen() == stated_fen &&
                statement.net().amount_fen() == statement.gross().amount_fen() - statement.refunded().amount_fen(),
            Rule::kClaimReward, id,
            StrCat("statement: net ", statement.net().amount_fen(), ", reward ", statement.reward().amount_fen(),
                   " fen, recomputed ", stated_fen));
    if (!claim.has_pay_time()) continue;
    const int64_t earned_fen = RewardOf(statement.policy(), NetOf(claim));
    Require(claim.earned().amount_fen() == earned_fen, Rule::kClaimReward, id,
            StrCat("earned ", claim.earned().amount_fen(), " fen, recomputed from sales ", earned_fen));
    const int64_t over_fen = claim.paid().amount_fen() - claim.returned().amount_fen() - earned_fen;
    const int64_t due_fen = over_fen > 0 ? over_fen : 0;
    Require(claim.claw_back_due().amount_fen() == due_fen &&
                (claim.state() == reward::v1::CLAIM_STATE_CLAW_BACK_OPEN) == (due_fen > 0),
            Rule::kClaimReward, id,
            StrCat("claw-back due ", claim.claw_back_due().amount_fen(), " fen, recomputed ", due_fen));
  }
}

}  // namespace zhuxiao::cli
