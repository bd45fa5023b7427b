// Statements over the running totals and the sales.
#include "services/reward/statements.h"

#include <algorithm>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/reward/access.h"
#include "services/reward/policies.h"
#include "services/reward/records.h"
#include "services/reward/rule.h"
#include "services/reward/totals.h"

namespace zhuxiao::reward {
namespace {

bool IsDesignated(const v1::OnlineSale& sale, const v1::RewardPolicy& policy) {
  const auto& programmes = sale.eligible_programmes();
  return std::any_of(policy.programmes().begin(), policy.programmes().end(), [&](const std::string& programme) {
    return std::find(programmes.begin(), programmes.end(), programme) != programmes.end();
  });
}

v1::LineReason ReasonOf(const v1::OnlineSale& sale, const v1::RewardPolicy& policy) {
  if (base::YearOf(base::FromProto(sale.order_time())) != policy.year()) return v1::LINE_REASON_OTHER_YEAR;
  if (!IsDesignated(sale, policy)) return v1::LINE_REASON_NOT_DESIGNATED;
  return IsRefundedInFull(sale) ? v1::LINE_REASON_REFUNDED : v1::LINE_REASON_COUNTED;
}

}  // namespace

absl::StatusOr<v1::Statement> StatementOf(store::Reader& reader, std::string_view claimant_uscc,
                                          const v1::RewardPolicy& policy) {
  auto totals = TotalsOf(reader, claimant_uscc, policy.year(), policy.programmes());
  if (!totals.ok()) return totals.status();
  const Reward reward = ComputeReward(policy, totals->net_fen());
  v1::Statement statement;
  statement.set_claimant_uscc(std::string(claimant_uscc));
  *statement.mutable_policy() = policy;
  statement.mutable_gross()->set_amount_fen(totals->gross_fen);
  statement.mutable_refunded()->set_amount_fen(totals->refunded_fen);
  statement.mutable_net()->set_amount_fen(totals->net_fen());
  statement.mutable_reward()->set_amount_fen(reward.reward_fen);
  statement.set_reason(reward.reason);
  statement.set_counted_count(totals->counted_count);
  statement.set_excluded_count(totals->excluded_count);
  return statement;
}

v1::StatementLine LineOf(const v1::OnlineSale& sale, const v1::RewardPolicy& policy) {
  v1::StatementLine line;
  *line.mutable_sale() = sale;
  line.set_reason(ReasonOf(sale, policy));
  const bool is_counted = line.reason() == v1::LINE_REASON_COUNTED;
  line.mutable_counted()->set_amount_fen(is_counted ? sale.amount().amount_fen() - sale.refunded().amount_fen() : 0);
  return line;
}

absl::Status CheckSeat(const directory::v1::Organisation& claimant, std::string_view jurisdiction) {
  base::FieldErrors errors;
  errors.Require(base::IsInside(claimant.region_code(), jurisdiction), "jurisdiction",
                 base::StrCat("does not contain the claimant's seat, ", claimant.region_code()));
  return errors.ToStatus();
}

absl::StatusOr<store::Page<v1::GetStatementResponse>> GetStatement(store::Reader& reader, const base::Caller& caller,
                                                                   const v1::GetStatementRequest& request,
                                                                   const store::PageRequest& page) {
  base::FieldErrors errors;
  const std::string claimant_uscc = ClaimantOf(caller, request.claimant_uscc(), errors);
  errors.Require(IsJurisdiction(request.jurisdiction()), "jurisdiction",
                 "must be the code of a known province, city or county");
  CheckYear(request.year(), "year", errors);
  if (!errors.empty()) return errors.ToStatus();
  auto claimant = VisibleClaimant(reader, caller, claimant_uscc);
  if (!claimant.ok()) return claimant.status();
  if (absl::Status status = CheckSeat(*claimant, request.jurisdiction()); !status.ok()) return status;
  auto policy = PolicyInForce(reader, request.jurisdiction(), request.year());
  if (!policy.ok()) return policy.status();
  auto statement = StatementOf(reader, claimant_uscc, *policy);
  if (!statement.ok()) return statement.status();

  store::Page<v1::GetStatementResponse> result;
  *result.response.mutable_statement() = *std::move(statement);
  if (page.size == 0) return result;
  const std::string prefix = store::Key(kSaleTable, ClaimantYear(claimant_uscc, request.year()), "");
  auto last = store::WalkPage(reader, prefix, page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
    v1::OnlineSale sale;
    if (!sale.ParseFromString(row.value)) return base::DataLoss(base::StrCat(row.key, " cannot be read"));
    *result.response.add_lines() = LineOf(sale, *policy);
    return true;
  });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

}  // namespace zhuxiao::reward
