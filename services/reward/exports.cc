// Statements as files.
#include "services/reward/exports.h"

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/reward/claim_record.h"
#include "services/reward/policies.h"
#include "services/reward/sale_rows.h"
#include "services/reward/sale_walk.h"
#include "services/reward/statement_table.h"
#include "services/reward/statements.h"

namespace zhuxiao::reward {
namespace {

// The least of what the format and kMaxSaleRows hold.
int64_t MostLines(v1::StatementFormat format) {
  return format == v1::STATEMENT_FORMAT_XLSX ? kMaxSheetRows : kMaxSaleRows;
}

absl::Status AddLines(store::Reader& reader, const v1::Claim& claim, const engine::Policy& policy, int64_t most_lines,
                      TableFile& file) {
  int64_t line_count = 0;
  return ForEachSaleOf(reader, claim.claimant_uscc(), [&](const v1::OnlineSale& sale) {
    if (!IsLine(policy, sale, JudgeSale(policy, sale))) return absl::OkStatus();
    if (++line_count > most_lines) {
      return base::Refuse(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, claim.claim_id(),
                          base::StrCat("has more than the ", most_lines, " lines such a file holds"));
    }
    file.Add(LineRow(LineOf(sale, policy)));
    return absl::OkStatus();
  });
}

}  // namespace

absl::Status ExportStatement(store::Reader& reader, const base::Caller& caller,
                             const v1::ExportStatementRequest& request, const std::string& path) {
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
  const auto file = request.format() == v1::STATEMENT_FORMAT_CSV ? MakeCsvFile(path) : MakeXlsxFile(path);
  file->Begin("statement", SummaryColumns());
  file->Add(SummaryRow(*claim, *now));
  file->Begin("lines", LineColumns());
  if (absl::Status status = AddLines(reader, *claim, policy->rule, MostLines(request.format()), *file); !status.ok()) {
    return status;
  }
  return file->Close();
}

}  // namespace zhuxiao::reward
