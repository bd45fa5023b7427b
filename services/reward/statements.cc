// Statements over the running totals and the sales.
#include "services/reward/statements.h"

#include <algorithm>
#include <map>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/reward/access.h"
#include "services/reward/awards.h"
#include "services/reward/records.h"
#include "services/reward/risk.h"

namespace zhuxiao::reward {
namespace {

v1::WindowStatement WindowOf(const std::string& name, const engine::Totals& totals, const engine::Award& award) {
  v1::WindowStatement window;
  window.set_window(name);
  window.mutable_gross()->set_amount_fen(totals.counted_fen);
  window.mutable_refunded()->set_amount_fen(totals.refunded_fen);
  window.set_units(totals.units);
  window.mutable_unit_value()->set_amount_fen(totals.unit_value_fen);
  window.mutable_reward()->set_amount_fen(award.reward_fen);
  window.set_reason(std::string(engine::AwardReasonName(award.reason)));
  return window;
}

// What net sales still lack to the threshold of a policy with one window.
int64_t MissingFen(const engine::Policy& policy, const Totals& totals) {
  if (!policy.least_amount || totals.windows.size() != 1) return 0;
  const int64_t needed_fen = policy.least_amount->value + (policy.least_amount->is_inclusive ? 0 : 1);
  return std::max<int64_t>(0, needed_fen - totals.windows.front().net_fen());
}

// Whoever reviews sees suspicions; the firm itself does not.
bool MaySeeFlags(const base::Caller& caller, const v1::RewardPolicy& policy) {
  return caller.ReadsEverything() || caller.IsOfficerOf(policy.jurisdiction());
}

std::map<std::string, std::vector<std::string>> SignalsByLine(const std::vector<v1::RiskFlag>& flags) {
  std::map<std::string, std::vector<std::string>> signals;
  for (const v1::RiskFlag& flag : flags) {
    for (const std::string& order_no : flag.platform_order_nos()) signals[order_no].push_back(flag.signal());
  }
  return signals;
}

}  // namespace

v1::Statement MakeStatement(const std::string& claimant_uscc, const ReadyPolicy& policy, const Totals& totals,
                            const std::vector<engine::Award>& awards) {
  v1::Statement statement;
  statement.set_claimant_uscc(claimant_uscc);
  statement.set_policy_id(policy.record.policy_id());
  statement.set_policy_version(policy.record.version());
  statement.set_policy_digest(policy.record.digest());
  engine::Totals sum;
  int64_t reward_fen = 0;
  std::vector<engine::AwardReason> reasons;
  for (size_t i = 0; i < awards.size(); ++i) {
    // Within int64: a year's sales are bounded (totals.h), and so are the years of a period.
    sum.counted_fen += totals.windows[i].counted_fen;
    sum.refunded_fen += totals.windows[i].refunded_fen;
    reward_fen += awards[i].reward_fen;
    reasons.push_back(awards[i].reason);
    *statement.add_windows() = WindowOf(engine::WindowName(policy.rule.period, i), totals.windows[i], awards[i]);
  }
  statement.mutable_gross()->set_amount_fen(sum.counted_fen);
  statement.mutable_refunded()->set_amount_fen(sum.refunded_fen);
  statement.mutable_net()->set_amount_fen(sum.net_fen());
  statement.mutable_reward()->set_amount_fen(reward_fen);
  statement.set_reason(engine::JoinReasons(policy.rule.period, reasons));
  statement.set_counted_count(totals.counted_count);
  statement.set_excluded_count(totals.excluded_count);
  statement.mutable_to_threshold()->set_amount_fen(MissingFen(policy.rule, totals));
  return statement;
}

absl::StatusOr<v1::Statement> StatementOf(store::Reader& reader, const std::string& claimant_uscc,
                                          const ReadyPolicy& policy) {
  auto totals = TotalsOf(reader, claimant_uscc, policy);
  if (!totals.ok()) return totals.status();
  auto awards = AwardAlone(policy.rule, *totals);
  if (!awards.ok()) return awards.status();
  v1::Statement statement = MakeStatement(claimant_uscc, policy, *totals, *awards);
  statement.set_is_provisional(engine::LooksAtOthers(policy.rule));
  return statement;
}

v1::StatementLine LineOf(const v1::OnlineSale& sale, const engine::Policy& policy) {
  v1::StatementLine line;
  *line.mutable_sale() = sale;
  const engine::Verdict verdict = JudgeSale(policy, sale);
  line.set_reason(std::string(engine::LineReasonName(verdict.reason)));
  const bool is_counted = verdict.reason == engine::LineReason::kInScope;
  line.mutable_counted()->set_amount_fen(is_counted ? sale.amount().amount_fen() - sale.refunded().amount_fen() : 0);
  return line;
}

absl::Status CheckSeat(const directory::v1::Organisation& claimant, const v1::RewardPolicy& policy) {
  base::FieldErrors errors;
  errors.Require(Covers(policy.jurisdiction(), claimant.region_code()), "policy_id",
                 base::StrCat("is a policy of ", policy.jurisdiction(),
                              ", which does not contain the claimant's seat, ", claimant.region_code()));
  return errors.ToStatus();
}

absl::StatusOr<store::Page<v1::GetStatementResponse>> GetStatement(store::Reader& reader, const base::Caller& caller,
                                                                   const v1::GetStatementRequest& request,
                                                                   const store::PageRequest& page) {
  base::FieldErrors errors;
  const std::string claimant_uscc = ClaimantOf(caller, request.claimant_uscc(), errors);
  errors.Require(!request.policy_id().empty(), "policy_id", "is required");
  errors.Require(request.policy_version() >= 0, "policy_version", "must be 0 or more");
  if (!errors.empty()) return errors.ToStatus();
  auto claimant = VisibleClaimant(reader, caller, claimant_uscc);
  if (!claimant.ok()) return claimant.status();
  auto policy = PublishedPolicy(reader, request.policy_id(), request.policy_version());
  if (!policy.ok()) return policy.status();
  if (absl::Status status = CheckSeat(*claimant, policy->record); !status.ok()) return status;
  auto statement = StatementOf(reader, claimant_uscc, *policy);
  if (!statement.ok()) return statement.status();

  store::Page<v1::GetStatementResponse> result;
  *result.response.mutable_statement() = *std::move(statement);
  std::map<std::string, std::vector<std::string>> signals;
  if (MaySeeFlags(caller, policy->record)) {
    auto flags = RiskFlagsOf(reader, claimant_uscc, *policy);
    if (!flags.ok()) return flags.status();
    signals = SignalsByLine(*flags);
    result.response.mutable_flags()->Assign(flags->begin(), flags->end());
  }
  if (page.size == 0) return result;
  const bool sees_buyers = caller.ReadsEverything() || caller.IsOfficerOf(claimant->region_code());
  const std::string prefix = store::Key(kSaleTable, claimant_uscc, "");
  auto last = store::WalkPage(reader, prefix, page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
    v1::OnlineSale sale;
    if (!sale.ParseFromString(row.value)) return base::DataLoss(base::StrCat(row.key, " cannot be read"));
    if (!IsLine(policy->rule, sale, JudgeSale(policy->rule, sale))) return false;
    v1::StatementLine& line = *result.response.add_lines();
    line = LineOf(sale, policy->rule);
    if (!sees_buyers) line.mutable_sale()->clear_buyer_digests();
    if (const auto found = signals.find(sale.platform_order_no()); found != signals.end()) {
      line.mutable_signals()->Assign(found->second.begin(), found->second.end());
    }
    return true;
  });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

}  // namespace zhuxiao::reward
