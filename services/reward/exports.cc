// Statements as files.
#include "services/reward/exports.h"

#include <vector>

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/reward/claim_record.h"
#include "services/reward/policies.h"
#include "services/reward/records.h"
#include "services/reward/statement_table.h"
#include "services/reward/statements.h"
#include "services/store/page.h"

namespace zhuxiao::reward {
namespace {

absl::StatusOr<std::vector<v1::StatementLine>> LinesOf(store::Reader& reader, const v1::Claim& claim,
                                                       const engine::Policy& policy) {
  std::vector<v1::StatementLine> lines;
  const std::string prefix = store::Key(kSaleTable, claim.claimant_uscc(), "");
  absl::Status walked = store::WalkAll(reader, prefix, [&](const store::KeyValue& row) -> absl::Status {
    v1::OnlineSale sale;
    if (!sale.ParseFromString(row.value)) return base::DataLoss(base::StrCat(row.key, " cannot be read"));
    if (!IsLine(policy, sale, JudgeSale(policy, sale))) return absl::OkStatus();
    if (lines.size() >= kMaxExportLines) {
      return base::Refuse(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, claim.claim_id(),
                          base::StrCat("has more than ", kMaxExportLines, " lines; page through GetStatement"));
    }
    lines.push_back(LineOf(sale, policy));
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  return lines;
}

}  // namespace

absl::StatusOr<std::string> ExportStatement(store::Reader& reader, const base::Caller& caller,
                                            const v1::ExportStatementRequest& request) {
  base::FieldErrors errors;
  errors.Require(request.format() != v1::STATEMENT_FORMAT_UNSPECIFIED, "format", "is required");
  if (!errors.empty()) return errors.ToStatus();
  auto claim = FindClaim(reader, request.claim_id());
  if (!claim.ok()) return claim.status();
  if (!MaySeeLines(caller, *claim)) return base::NotFound("claim", request.claim_id());
  auto policy = PublishedPolicy(reader, claim->statement().policy_id(), claim->statement().policy_version());
  if (!policy.ok()) return policy.status();
  auto now = StatementOf(reader, claim->claimant_uscc(), *policy);
  if (!now.ok()) return now.status();
  auto lines = LinesOf(reader, *claim, policy->rule);
  if (!lines.ok()) return lines.status();
  const StatementTable summary = SummaryTable(*claim, *now);
  const StatementTable table = LinesTable(*lines);
  if (request.format() == v1::STATEMENT_FORMAT_CSV) return WriteCsv(summary, table);
  return WriteXlsx(summary, table);
}

}  // namespace zhuxiao::reward
